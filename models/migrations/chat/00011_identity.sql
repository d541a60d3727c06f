-- Which history the file has: a random token, and how many commits it has seen. A file beside the database has
-- the same, so that an older copy of the database is told from the database itself.

-- +goose Up
CREATE TABLE chat_identity (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    token   TEXT    NOT NULL DEFAULT '', -- empty: none yet
    commits INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO chat_identity (id) VALUES (1);

-- +goose Down
DROP TABLE chat_identity;
