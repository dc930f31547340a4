-- +goose Up
-- What was published last on a pull request under another check's name than the
-- first one's (see pull_states): plimsoll/readiness.
CREATE TABLE pull_checks (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    head_sha     TEXT   NOT NULL,
    check_run    BIGINT NOT NULL,
    conclusion   TEXT   NOT NULL,
    digest       TEXT   NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (installation, repository, number, name)
);

-- +goose Down
DROP TABLE pull_checks;
