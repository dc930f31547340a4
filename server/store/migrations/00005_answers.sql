-- +goose Up
-- Who agreed to which impact on which consumer. by_override: a maintainer of the
-- provider, and no owner of the consumer. until 0: without an end.
CREATE TABLE acknowledgements (
    installation BIGINT  NOT NULL,
    fingerprint  TEXT    NOT NULL,
    repository   BIGINT  NOT NULL,
    component    TEXT    NOT NULL,
    by_override  BOOLEAN NOT NULL,
    login        TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    until        BIGINT  NOT NULL,
    provider     BIGINT  NOT NULL,
    number       BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (installation, fingerprint, repository, component, by_override)
);
CREATE INDEX acknowledgements_of_provider ON acknowledgements (installation, provider);

-- What an open pull request's answer depends on besides its own repository; a
-- change there has it judged again.
CREATE TABLE pull_topics (
    installation BIGINT NOT NULL,
    topic        TEXT   NOT NULL,
    repository   BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    PRIMARY KEY (installation, topic, repository, number)
);
CREATE INDEX pull_topics_of_pull ON pull_topics (installation, repository, number);

-- A repository that was transferred is known to another installation by the same id.
CREATE INDEX repositories_of_id ON repositories (id);

-- The ledger: append-only, each entry chained to the one before it in its
-- installation. once is unique where it is given.
CREATE TABLE ledger (
    installation BIGINT NOT NULL,
    seq          BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    repository   BIGINT NOT NULL,
    component    TEXT   NOT NULL,
    environment  TEXT   NOT NULL,
    commit_sha   TEXT   NOT NULL,
    actor        TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    once         TEXT   NOT NULL,
    previous     TEXT   NOT NULL,
    hash         TEXT   NOT NULL,
    PRIMARY KEY (installation, seq)
);
CREATE UNIQUE INDEX ledger_once ON ledger (installation, once) WHERE once <> '';
CREATE INDEX ledger_of_repository ON ledger (installation, repository, seq);

-- The end of each ledger: its row is locked while entries are added.
CREATE TABLE ledger_ends (
    installation BIGINT NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL,
    hash         TEXT   NOT NULL
);

-- +goose Down
DROP TABLE ledger_ends;
DROP TABLE ledger;
DROP INDEX repositories_of_id;
DROP TABLE pull_topics;
DROP TABLE acknowledgements;
