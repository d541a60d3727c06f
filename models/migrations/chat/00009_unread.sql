-- Unread messages are counted by what they are, not by ordinals: a reader's own and deleted ones never count. A read
-- pointer is therefore a seq alone.

-- +goose Up
ALTER TABLE chat_reads DROP COLUMN post;

-- Users who have entered a space. Everything older than that counts as read: on entering, they get a read pointer at
-- the end of each listed public room.
CREATE TABLE chat_entered (
    user_id TEXT NOT NULL,
    space   TEXT NOT NULL,
    PRIMARY KEY (user_id, space)
) STRICT, WITHOUT ROWID;

INSERT INTO chat_entered SELECT DISTINCT p.user_id, r.space FROM chat_reads p JOIN chat_rooms r ON r.id = p.room_id;

-- +goose Down
DROP TABLE chat_entered;
ALTER TABLE chat_reads ADD COLUMN post INTEGER NOT NULL DEFAULT 0;
UPDATE chat_reads SET post = ifnull((
    SELECT max(m.post) FROM chat_messages m WHERE m.room_id = chat_reads.room_id AND m.seq <= chat_reads.seq), 0);
