-- +goose Up
-- GitHub's record of deployments, one row each; status is the id of the newest
-- status that counted. Times of 0 mean never.
CREATE TABLE deployments (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    id           BIGINT  NOT NULL,
    commit_sha   TEXT    NOT NULL,
    ref          TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    environment  TEXT    NOT NULL,
    creator      TEXT    NOT NULL,
    url          TEXT    NOT NULL,
    production   BOOLEAN NOT NULL,
    transient    BOOLEAN NOT NULL,
    state        TEXT    NOT NULL,
    status       BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    state_at     BIGINT  NOT NULL,
    succeeded_at BIGINT  NOT NULL,
    PRIMARY KEY (installation, repository, id)
);

-- Which components a deployment brings where.
CREATE TABLE placements (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    deployment   BIGINT  NOT NULL,
    component    TEXT    NOT NULL,
    environment  TEXT    NOT NULL,
    instance     TEXT    NOT NULL,
    production   BOOLEAN NOT NULL,
    PRIMARY KEY (installation, repository, component, environment, instance, deployment)
);
CREATE INDEX placements_of_deployment ON placements (installation, repository, deployment);

-- What runs now, derived from deployments, and what was released and lives on
-- (tag is set, environment is empty).
CREATE TABLE live_versions (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    component    TEXT    NOT NULL,
    environment  TEXT    NOT NULL,
    instance     TEXT    NOT NULL,
    tag          TEXT    NOT NULL,
    commit_sha   TEXT    NOT NULL,
    production   BOOLEAN NOT NULL,
    rolling      BOOLEAN NOT NULL,
    since        BIGINT  NOT NULL,
    PRIMARY KEY (installation, repository, component, environment, instance, tag, commit_sha)
);

-- What a repository said about itself at a commit that runs. content is as in
-- registrations, "" where the commit or its file could not be used.
CREATE TABLE snapshots (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    commit_sha   TEXT   NOT NULL,
    content      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (installation, repository, commit_sha)
);
CREATE INDEX snapshots_of_content ON snapshots (installation, content);

CREATE TABLE snapshot_components (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    commit_sha   TEXT   NOT NULL,
    component    TEXT   NOT NULL,
    PRIMARY KEY (installation, repository, commit_sha, component)
);

CREATE TABLE snapshot_uses (
    installation   BIGINT NOT NULL,
    repository     BIGINT NOT NULL,
    commit_sha     TEXT   NOT NULL,
    position       BIGINT NOT NULL,
    component      TEXT   NOT NULL,
    owner          TEXT   NOT NULL,
    api            TEXT   NOT NULL,
    api_owner_repo TEXT   NOT NULL,
    content        TEXT   NOT NULL,
    PRIMARY KEY (installation, repository, commit_sha, position)
);
CREATE INDEX snapshot_uses_of_api ON snapshot_uses (installation, api, api_owner_repo);
CREATE INDEX snapshot_uses_of_content ON snapshot_uses (installation, content);

-- The contract that stood on the provider's default branch when a use was first
-- registered: what the use was written against, unless it says so itself.
CREATE TABLE baselines (
    installation   BIGINT NOT NULL,
    repository     BIGINT NOT NULL,
    component      TEXT   NOT NULL,
    api            TEXT   NOT NULL,
    api_owner_repo TEXT   NOT NULL,
    content        TEXT   NOT NULL,
    provider       BIGINT NOT NULL,
    contract       TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (installation, repository, component, api, api_owner_repo, content)
);
CREATE INDEX baselines_of_api ON baselines (installation, api, provider);

-- +goose Down
DROP TABLE baselines;
DROP TABLE snapshot_uses;
DROP TABLE snapshot_components;
DROP TABLE snapshots;
DROP TABLE live_versions;
DROP TABLE placements;
DROP TABLE deployments;
