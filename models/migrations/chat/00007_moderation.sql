-- What moderators do and work from. Users are named by id, '' is the server itself.

-- +goose Up

-- Mutes and bans. One of a kind at a time is not lifted; it may be over all the same.
CREATE TABLE chat_sanctions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    by_id       TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    until       INTEGER NOT NULL DEFAULT 0, -- 0: until it is lifted
    lifted_at   INTEGER NOT NULL DEFAULT 0,
    lifted_by   TEXT    NOT NULL DEFAULT '',
    lift_reason TEXT    NOT NULL DEFAULT ''
) STRICT;

-- Every read and every write of the chat asks for the sanctions of who acts.
CREATE UNIQUE INDEX chat_sanctions_one ON chat_sanctions (user_id, kind) WHERE lifted_at = 0;
CREATE INDEX chat_sanctions_user ON chat_sanctions (user_id);
CREATE INDEX chat_sanctions_until ON chat_sanctions (until, user_id) WHERE lifted_at = 0;

-- What messages said before they were edited or deleted.
CREATE TABLE chat_revisions (
    room_id   INTEGER NOT NULL REFERENCES chat_rooms (id),
    seq       INTEGER NOT NULL,
    rev       INTEGER NOT NULL, -- of the message with that state
    author_id TEXT    NOT NULL,
    text      TEXT    NOT NULL,
    html      TEXT    NOT NULL,
    mentions  TEXT    NOT NULL,
    reactions TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    ended_at  INTEGER NOT NULL,
    ended_by  TEXT    NOT NULL,
    purge     INTEGER NOT NULL, -- 1: deleted with all of its author's
    PRIMARY KEY (room_id, seq, rev)
) STRICT, WITHOUT ROWID;

CREATE INDEX chat_revisions_purge ON chat_revisions (author_id, room_id, seq) WHERE purge = 1;

-- The queue of the moderators. What is held has no seq until it is approved.
CREATE TABLE chat_reports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    room_id     INTEGER NOT NULL REFERENCES chat_rooms (id),
    seq         INTEGER NOT NULL,
    author_id   TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    count       INTEGER NOT NULL,
    reasons     TEXT    NOT NULL, -- JSON
    message     INTEGER NOT NULL, -- seq of its card in the admin room
    at          INTEGER NOT NULL,
    action      TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    resolved_by TEXT    NOT NULL,
    resolved_at INTEGER NOT NULL,
    client_id   TEXT    NOT NULL,
    reply_to    INTEGER NOT NULL,
    hash        BLOB    NOT NULL
) STRICT;

CREATE INDEX chat_reports_state ON chat_reports (state);
CREATE UNIQUE INDEX chat_reports_open ON chat_reports (room_id, seq) WHERE state = 'open' AND kind <> 'held';
CREATE UNIQUE INDEX chat_reports_held ON chat_reports (author_id, client_id) WHERE kind = 'held';
CREATE INDEX chat_reports_waiting ON chat_reports (author_id, room_id) WHERE kind = 'held' AND state = 'open';
CREATE INDEX chat_reports_texts ON chat_reports (room_id, seq) WHERE text <> '';

-- Who reported which message.
CREATE TABLE chat_reporters (
    room_id INTEGER NOT NULL REFERENCES chat_rooms (id),
    seq     INTEGER NOT NULL,
    user_id TEXT    NOT NULL,
    PRIMARY KEY (room_id, seq, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE chat_rules (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    off     INTEGER NOT NULL,
    words   TEXT    NOT NULL, -- JSON, '' for none
    only    INTEGER NOT NULL,
    pattern TEXT    NOT NULL,
    most    INTEGER NOT NULL,
    seconds INTEGER NOT NULL
) STRICT;

-- The acts. words are those of the reason, in lower case and with a space before each, to search.
CREATE TABLE chat_audit (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    actor_id  TEXT    NOT NULL,
    act       TEXT    NOT NULL,
    target_id TEXT    NOT NULL, -- '' for none
    room      TEXT    NOT NULL, -- slug
    seq       INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    before    TEXT    NOT NULL, -- JSON, '' for none
    after     TEXT    NOT NULL,
    prev      BLOB    NOT NULL,
    hash      BLOB    NOT NULL,
    words     TEXT    NOT NULL
) STRICT;

CREATE INDEX chat_audit_actor ON chat_audit (actor_id);
CREATE INDEX chat_audit_target ON chat_audit (target_id) WHERE target_id <> '';
CREATE INDEX chat_audit_act ON chat_audit (act);

-- An entry that is replaced is not deleted in the eyes of a trigger, so that what is no next entry is refused.
-- +goose StatementBegin
CREATE TRIGGER chat_audit_insert BEFORE INSERT ON chat_audit
WHEN new.id <> 1 + ifnull((SELECT max(id) FROM chat_audit), 0)
BEGIN SELECT raise(ABORT, 'the audit log takes its next entry only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER chat_audit_update BEFORE UPDATE ON chat_audit
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER chat_audit_delete BEFORE DELETE ON chat_audit
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd

-- Whose a document is: an author's latest messages are found by it.
ALTER TABLE chat_documents ADD COLUMN author_id TEXT NOT NULL DEFAULT '';
UPDATE chat_documents SET author_id = ifnull((
    SELECT m.author_id FROM chat_messages m WHERE m.room_id = chat_documents.room_id AND m.seq = chat_documents.seq), '');
CREATE INDEX chat_documents_author ON chat_documents (author_id, docid);

-- +goose Down
DROP INDEX chat_documents_author;
ALTER TABLE chat_documents DROP COLUMN author_id;
DROP TABLE chat_audit;
DROP TABLE chat_rules;
DROP TABLE chat_reporters;
DROP TABLE chat_reports;
DROP TABLE chat_revisions;
DROP TABLE chat_sanctions;
