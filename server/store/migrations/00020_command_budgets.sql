-- +goose Up
-- How many commands of one comment (or button) of a person are carried out. notified: there were more
-- than the hour had left, and the person was notified. Two replicas wait for each other with the row
-- that has no source.
CREATE TABLE command_budgets (
    installation BIGINT  NOT NULL,
    login        TEXT    NOT NULL,
    source       TEXT    NOT NULL,
    allowed      BIGINT  NOT NULL,
    notified     BOOLEAN NOT NULL,
    at           BIGINT  NOT NULL,
    PRIMARY KEY (installation, login, source)
);
CREATE INDEX command_budgets_by_age ON command_budgets (at);

-- +goose Down
DROP TABLE command_budgets;
