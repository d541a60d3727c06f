-- The index has the texts' tokens as the chat folds them, so the tokenizer only splits at blanks. All messages are
-- indexed again, in the background: documents keep their numbers.

-- +goose Up
DROP TABLE chat_words;
CREATE VIRTUAL TABLE chat_words USING fts4 (text, room, tokenize=simple, order=desc);
UPDATE chat_rooms SET indexed = 0;

-- +goose Down
DROP TABLE chat_words;
CREATE VIRTUAL TABLE chat_words USING fts4 (text, room, tokenize=unicode61 "remove_diacritics=2", order=desc);
UPDATE chat_rooms SET indexed = 0;
