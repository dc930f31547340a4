-- +goose Up
-- How many commands of one comment (or button) of a person are carried out. told: there were more than
-- the hour had left, and the person is told so. The row without a source is
-- what two replicas wait for each other with.
CREATE TABLE command_budgets (
    installation BIGINT  NOT NULL,
    login        TEXT    NOT NULL,
    source       TEXT    NOT NULL,
    allowed      BIGINT  NOT NULL,
    told         BOOLEAN NOT NULL,
    at           BIGINT  NOT NULL,
    PRIMARY KEY (installation, login, source)
);
CREATE INDEX command_budgets_by_age ON command_budgets (at);

-- +goose Down
DROP TABLE command_budgets;
