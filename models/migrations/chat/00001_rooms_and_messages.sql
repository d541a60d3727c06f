-- The chat's own tables. They may live in the database of any host: nothing here
-- points at the host's users, whose ids are kept as text. Times are milliseconds
-- since 1970, 0 for never.

-- +goose Up
CREATE TABLE chat_rooms (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    slug       TEXT    NOT NULL UNIQUE,
    space      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    topic      TEXT    NOT NULL DEFAULT '',
    epoch      TEXT    NOT NULL,
    head       INTEGER NOT NULL DEFAULT 0,
    posts      INTEGER NOT NULL DEFAULT 0,
    frozen     INTEGER NOT NULL DEFAULT 0,
    slow_mode  INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX chat_rooms_space ON chat_rooms (space);

-- Without a rowid the rows themselves lie in the order of their place in the room, so
-- that a page of history is one run of neighbouring rows.
CREATE TABLE chat_messages (
    room_id    INTEGER NOT NULL REFERENCES chat_rooms (id),
    seq        INTEGER NOT NULL,
    rev        INTEGER NOT NULL,
    post       INTEGER NOT NULL,
    client_id  TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    author_id  TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    reply_to   INTEGER NOT NULL DEFAULT 0,
    sent_at    INTEGER NOT NULL,
    edited_at  INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER NOT NULL DEFAULT 0,
    deleted_by TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (room_id, seq)
) STRICT, WITHOUT ROWID;

-- Replay. A rev belongs to one change, so two messages of a room never share one.
CREATE UNIQUE INDEX chat_messages_rev ON chat_messages (room_id, rev);

-- An author's latest message in a room (slow mode), and all of them.
CREATE INDEX chat_messages_author ON chat_messages (room_id, author_id, seq);

-- What a client message id was used for. It outlives the message, so that no retry,
-- however late, is stored again.
CREATE TABLE chat_sends (
    user_id   TEXT    NOT NULL,
    client_id TEXT    NOT NULL,
    room_id   INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    hash      BLOB    NOT NULL,
    PRIMARY KEY (user_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE chat_reads (
    user_id TEXT    NOT NULL,
    room_id INTEGER NOT NULL REFERENCES chat_rooms (id),
    seq     INTEGER NOT NULL,
    post    INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id)
) STRICT, WITHOUT ROWID;

INSERT INTO chat_rooms (slug, space, name, epoch, created_at) VALUES
    ('lobby', 'general', 'Lobby', lower(hex(randomblob(16))), unixepoch() * 1000),
    ('admin', 'admin', 'Admin', lower(hex(randomblob(16))), unixepoch() * 1000);

-- +goose Down
DROP TABLE chat_reads;
DROP TABLE chat_sends;
DROP TABLE chat_messages;
DROP TABLE chat_rooms;
