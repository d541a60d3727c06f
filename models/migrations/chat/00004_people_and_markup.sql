-- +goose Up
ALTER TABLE chat_rooms ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chat_rooms ADD COLUMN notice TEXT NOT NULL DEFAULT '';
ALTER TABLE chat_rooms ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

-- The text as it is shown, '' if that is the text itself. Mentions are user ids, reactions
-- emoji with user ids, both as JSON, '' for none: they are read and written with their
-- message, and never alone.
-- A text holds mentions as "<@id>"; what was typed like that is kept apart from them by a ">".
UPDATE chat_messages SET text = replace(text, '<@', '<@>') WHERE instr(text, '<@') > 0;

ALTER TABLE chat_messages ADD COLUMN html TEXT NOT NULL DEFAULT '';
ALTER TABLE chat_messages ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
ALTER TABLE chat_messages ADD COLUMN reactions TEXT NOT NULL DEFAULT '';

-- Who may read a private room; number is the order in which they came.
CREATE TABLE chat_members (
    room_id INTEGER NOT NULL REFERENCES chat_rooms (id),
    user_id TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

-- What a user wants to be told of a room, where it is not the default.
CREATE TABLE chat_levels (
    user_id TEXT    NOT NULL,
    room_id INTEGER NOT NULL REFERENCES chat_rooms (id),
    level   TEXT    NOT NULL,
    PRIMARY KEY (user_id, room_id)
) STRICT, WITHOUT ROWID;

-- Who was told of which mention: those above the read pointer are unread.
CREATE TABLE chat_mentions (
    user_id TEXT    NOT NULL,
    room_id INTEGER NOT NULL REFERENCES chat_rooms (id),
    seq     INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX chat_mentions_message ON chat_mentions (room_id, seq);

-- +goose Down
UPDATE chat_messages SET text = replace(text, '<@>', '<@') WHERE instr(text, '<@>') > 0;
DROP TABLE chat_mentions;
DROP TABLE chat_levels;
DROP TABLE chat_members;
ALTER TABLE chat_messages DROP COLUMN reactions;
ALTER TABLE chat_messages DROP COLUMN mentions;
ALTER TABLE chat_messages DROP COLUMN html;
ALTER TABLE chat_rooms DROP COLUMN created_by;
ALTER TABLE chat_rooms DROP COLUMN notice;
ALTER TABLE chat_rooms DROP COLUMN private;
