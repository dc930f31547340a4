-- +goose Up
-- Content by its SHA-256: what a repository declares and what a consumer uses is
-- stored once, however many commits and components say the same.
CREATE TABLE contents (
    installation BIGINT NOT NULL,
    sha          TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (installation, sha)
);

-- commit_seen is the commit read last, commit_good the last one whose file could
-- be used; content belongs to commit_good.
CREATE TABLE registrations (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    commit_seen  TEXT    NOT NULL,
    commit_good  TEXT    NOT NULL,
    enrolled     BOOLEAN NOT NULL,
    broken       BOOLEAN NOT NULL,
    file         TEXT    NOT NULL,
    file_sha     TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    problems     TEXT    NOT NULL,
    updated_at   BIGINT  NOT NULL,
    PRIMARY KEY (installation, repository)
);

CREATE TABLE provisions (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    component    TEXT   NOT NULL,
    api          TEXT   NOT NULL,
    PRIMARY KEY (installation, repository, position)
);
CREATE INDEX provisions_of_api ON provisions (installation, api);

-- api_owner_repo is lower case, and empty where the API is named in short.
CREATE TABLE consumptions (
    installation   BIGINT NOT NULL,
    repository     BIGINT NOT NULL,
    position       BIGINT NOT NULL,
    component      TEXT   NOT NULL,
    owner          TEXT   NOT NULL,
    api            TEXT   NOT NULL,
    api_owner_repo TEXT   NOT NULL,
    content        TEXT   NOT NULL,
    PRIMARY KEY (installation, repository, position)
);
CREATE INDEX consumptions_of_api ON consumptions (installation, api, api_owner_repo);
CREATE INDEX consumptions_of_content ON consumptions (installation, content);

-- Files whose change can change a registration or a contract.
CREATE TABLE watched_files (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    path         TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    sha          TEXT   NOT NULL,
    PRIMARY KEY (installation, repository, path, kind)
);

-- +goose Down
DROP TABLE watched_files;
DROP TABLE consumptions;
DROP TABLE provisions;
DROP TABLE registrations;
DROP TABLE contents;
