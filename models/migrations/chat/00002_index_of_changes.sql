-- The rev of a message that was never changed is its seq: the primary key finds it. Only
-- those that were changed need an index of their own, and most never are.

-- +goose Up
DROP INDEX chat_messages_rev;
CREATE UNIQUE INDEX chat_messages_changed ON chat_messages (room_id, rev) WHERE rev <> seq;

-- +goose Down
DROP INDEX chat_messages_changed;
CREATE UNIQUE INDEX chat_messages_rev ON chat_messages (room_id, rev);
