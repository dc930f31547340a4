-- +goose Up
-- People who have signed in. id is the hash of what their browser holds, token their user
-- access token at GitHub, sealed with a key that needs what the browser holds as well.
CREATE TABLE sessions (
    id         TEXT   NOT NULL PRIMARY KEY,
    person     BIGINT NOT NULL,
    token      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_of_person ON sessions (person, created_at);

-- +goose Down
DROP TABLE sessions;
