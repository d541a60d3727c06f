-- What the chat is to a host app: rooms that no list shows, and how far the host has heard of what happened.

-- +goose Up
ALTER TABLE chat_rooms ADD COLUMN unlisted INTEGER NOT NULL DEFAULT 0;

-- Up to which rev of a room; room 0 is the audit log, and its revs are ids.
CREATE TABLE chat_delivered (
    room_id INTEGER PRIMARY KEY,
    rev     INTEGER NOT NULL
) STRICT;


-- +goose Down
DROP TABLE chat_delivered;
ALTER TABLE chat_rooms DROP COLUMN unlisted;
