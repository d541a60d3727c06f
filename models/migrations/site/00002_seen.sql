-- When somebody was last seen outlives their sessions.

-- +goose Up
ALTER TABLE users ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE users SET seen_at = ifnull((SELECT max(seen_at) FROM sessions WHERE user_id = users.id), 0);

-- +goose Down
ALTER TABLE users DROP COLUMN seen_at;
