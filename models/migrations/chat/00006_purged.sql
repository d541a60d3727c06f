-- Messages that are older than the operator keeps are deleted from the beginning of a room: floor is the
-- seq of the last one, purged their number.

-- +goose Up
ALTER TABLE chat_rooms ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chat_rooms ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE chat_rooms DROP COLUMN purged;
ALTER TABLE chat_rooms DROP COLUMN floor;
