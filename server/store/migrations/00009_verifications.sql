-- +goose Up
-- The watching of one deployment in one place. body is what was fixed when it began;
-- verdict is "" while it goes on. told: everybody who is told of the verdict has been.
CREATE TABLE verifications (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    id           TEXT    NOT NULL,
    deployment   BIGINT  NOT NULL,
    component    TEXT    NOT NULL,
    environment  TEXT    NOT NULL,
    instance     TEXT    NOT NULL,
    commit_sha   TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    answer       TEXT    NOT NULL,
    verdict      TEXT    NOT NULL,
    check_run    BIGINT  NOT NULL,
    told         BOOLEAN NOT NULL,
    began_at     BIGINT  NOT NULL,
    ended_at     BIGINT  NOT NULL,
    PRIMARY KEY (installation, repository, id)
);
CREATE INDEX verifications_of_place ON verifications (installation, repository, component, environment, instance, began_at);

-- One look at a deployment; a number is taken once.
CREATE TABLE samples (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    verification TEXT   NOT NULL,
    n            BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    PRIMARY KEY (installation, repository, verification, n)
);

-- +goose Down
DROP TABLE samples;
DROP TABLE verifications;
