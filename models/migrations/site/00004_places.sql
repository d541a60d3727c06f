-- Where each account has signed in from: "address 192.0.2.1", "address 2001:db8::/64", or "device " and the SHA-256 of
-- its cookie. Guesses from elsewhere do not slow down sign-ins from there.

-- +goose Up
CREATE TABLE places (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    place   TEXT    NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, place)
) STRICT, WITHOUT ROWID;

INSERT INTO places SELECT user_id, 'address ' || address, max(seen_at) FROM sessions WHERE instr(address, ':') = 0 GROUP BY 1, 2;

-- +goose Down
DROP TABLE places;
