-- +goose Up
-- Stored changes whose consequences may not have been asked for yet: written in the
-- transaction of the change, deleted when they have been. id names the row, changes
-- counts the changes since it was made.
CREATE TABLE follow_ups (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    subject      TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    changes      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (installation, repository, subject)
);

-- +goose Down
DROP TABLE follow_ups;
