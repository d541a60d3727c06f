-- The site's accounts. Ids are never used again (AUTOINCREMENT): messages name their
-- author by id. Times are milliseconds since 1970.

-- +goose Up
CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,        -- as shown
    name_key      TEXT    NOT NULL UNIQUE, -- case-folded: what a name is looked up by
    look_key      TEXT    NOT NULL UNIQUE, -- what it looks like: no two may look alike
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,        -- argon2id, PHC string
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB    NOT NULL UNIQUE, -- SHA-256; the token itself is nowhere here
    user_agent TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_created ON sessions (created_at);
CREATE INDEX sessions_seen ON sessions (seen_at);

-- +goose Down
DROP TABLE sessions;
DROP TABLE users;
