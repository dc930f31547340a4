-- +goose Up
-- Times are Unix milliseconds, 0 means never. Names of accounts and repositories
-- are kept as GitHub writes them; full_name is lower case, because GitHub's names
-- do not tell upper from lower case.
CREATE TABLE installations (
    id           BIGINT  NOT NULL PRIMARY KEY,
    account      TEXT    NOT NULL,
    account_type TEXT    NOT NULL,
    suspended_at BIGINT  NOT NULL,
    removed_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL
);

CREATE TABLE repositories (
    installation   BIGINT  NOT NULL,
    id             BIGINT  NOT NULL,
    owner          TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    private        BOOLEAN NOT NULL,
    archived       BOOLEAN NOT NULL,
    gone           TEXT    NOT NULL,
    default_branch TEXT    NOT NULL,
    updated_at     BIGINT  NOT NULL,
    PRIMARY KEY (installation, id)
);

-- Every name that a repository has or had: GitHub redirects old names, so a
-- consumer that still writes one is still a consumer. The newest holder wins.
CREATE TABLE repository_names (
    installation BIGINT NOT NULL,
    full_name    TEXT   NOT NULL,
    repository   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (installation, full_name)
);
CREATE INDEX repository_names_of ON repository_names (installation, repository);

CREATE TABLE scans (
    installation BIGINT NOT NULL PRIMARY KEY,
    page         BIGINT NOT NULL,
    total        BIGINT NOT NULL,
    done         BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    finished_at  BIGINT NOT NULL
);

CREATE TABLE pull_states (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    number       BIGINT  NOT NULL,
    head_sha     TEXT    NOT NULL,
    open         BOOLEAN NOT NULL,
    check_run    BIGINT  NOT NULL,
    comment      BIGINT  NOT NULL,
    conclusion   TEXT    NOT NULL,
    digest       TEXT    NOT NULL,
    detail       TEXT    NOT NULL,
    updated_at   BIGINT  NOT NULL,
    PRIMARY KEY (installation, repository, number)
);

-- How far something has been read, by name (the replay of deliveries).
CREATE TABLE watermarks (
    installation BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    value        BIGINT NOT NULL,
    PRIMARY KEY (installation, name)
);

-- +goose Down
DROP TABLE watermarks;
DROP TABLE pull_states;
DROP TABLE scans;
DROP TABLE repository_names;
DROP TABLE repositories;
DROP TABLE installations;
