-- When somebody last posted is asked in slow mode only. An index of all messages by author
-- changed one more page for each of them; whoever looks for an author's finds them in chat_sends.

-- +goose Up
CREATE TABLE chat_last_posts (
    room_id INTEGER NOT NULL REFERENCES chat_rooms (id),
    user_id TEXT    NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

INSERT INTO chat_last_posts
SELECT room_id, author_id, sent_at FROM (
    SELECT m.room_id, m.author_id, m.sent_at, max(m.seq)
    FROM chat_rooms r JOIN chat_messages m ON m.room_id = r.id
    WHERE r.slow_mode > 0 GROUP BY m.room_id, m.author_id
);

DROP INDEX chat_messages_author;

-- +goose Down
CREATE INDEX chat_messages_author ON chat_messages (room_id, author_id, seq);
DROP TABLE chat_last_posts;
