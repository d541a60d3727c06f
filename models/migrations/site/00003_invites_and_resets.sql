-- Links that moderators hand out: to make an account, and to set a new password. Only the
-- SHA-256 of what stands in a link is here.

-- +goose Up
CREATE TABLE invites (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB    NOT NULL UNIQUE,
    note       TEXT    NOT NULL,
    made_by    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    uses       INTEGER NOT NULL,                                          -- accounts it is good for
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND uses), -- those made with it
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX invites_expires ON invites (expires_at);

CREATE TABLE resets (
    user_id    INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, -- one each: the latest
    token_hash BLOB    NOT NULL UNIQUE,
    made_by    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE resets;
DROP TABLE invites;
