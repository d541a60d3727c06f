-- A card in the admin room is not unread for the member whose message it is about.

-- +goose Up
CREATE INDEX chat_reports_card ON chat_reports (message, author_id);

-- +goose Down
DROP INDEX chat_reports_card;
