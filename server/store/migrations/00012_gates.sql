-- +goose Up
-- Deployment protection rules that have asked. answered_at is 0 until GitHub has the
-- answer, or wants none any more; body is how far it has come.
CREATE TABLE gates (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    run          BIGINT NOT NULL,
    environment  TEXT   NOT NULL,
    deployment   BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    asked_at     BIGINT NOT NULL,
    answered_at  BIGINT NOT NULL,
    PRIMARY KEY (installation, repository, run, environment)
);
CREATE INDEX gates_of_age ON gates (asked_at);

-- Who has let a commit go again whose verdict was to roll back: one verdict each.
CREATE TABLE gate_overrides (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    verification TEXT   NOT NULL,
    login        TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    number       BIGINT NOT NULL,
    source       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (installation, repository, verification)
);

-- How a commit stands in every place that it was in, and what was to be rolled back.
CREATE INDEX verifications_of_commit ON verifications (installation, repository, commit_sha, began_at);
CREATE INDEX verifications_of_answer ON verifications (installation, repository, answer, began_at);

-- gated: an environment of it has its protection rule answered.
ALTER TABLE registrations ADD COLUMN gated BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE registrations DROP COLUMN gated;
DROP INDEX verifications_of_answer;
DROP INDEX verifications_of_commit;
DROP TABLE gate_overrides;
DROP TABLE gates;
