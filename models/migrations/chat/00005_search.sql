-- The words of the messages. The index follows the logs of the rooms: indexed is the rev up to
-- which it knows a room's. A document's number is the millisecond its message was sent in, times
-- 1024, and a count: the newest has the highest, an edit keeps it, and pages can name it.

-- +goose Up
ALTER TABLE chat_rooms ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;

-- room is the id of the room, as a word: in one room nobody waits for the words of all others.
CREATE VIRTUAL TABLE chat_words USING fts4 (text, room, tokenize=unicode61 "remove_diacritics=2", order=desc);

-- Which message a document is of.
CREATE TABLE chat_documents (
    docid   INTEGER PRIMARY KEY,
    room_id INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    UNIQUE (room_id, seq)
) STRICT;

-- +goose Down
DROP TABLE chat_documents;
DROP TABLE chat_words;
ALTER TABLE chat_rooms DROP COLUMN indexed;
