-- +goose Up
-- What GitHub sent, by its delivery id. job is the job that answers it; several
-- deliveries share a job where they were coalesced.
CREATE TABLE deliveries (
    id           TEXT   NOT NULL PRIMARY KEY,
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    event        TEXT   NOT NULL,
    headers      TEXT   NOT NULL,
    body         BYTEA  NOT NULL,
    job          TEXT   NOT NULL,
    ignored      TEXT   NOT NULL,
    received_at  BIGINT NOT NULL
);
CREATE INDEX deliveries_of_job ON deliveries (job);
CREATE INDEX deliveries_received ON deliveries (received_at);

-- The lease queue. run_at is when a ready job is due and when the lease of a
-- running one ends. attempt only grows: with owner it fences a worker whose lease
-- ran out. failures counts towards dead.
CREATE TABLE jobs (
    id           TEXT   NOT NULL PRIMARY KEY,
    installation BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    dedupe       TEXT   NOT NULL UNIQUE,
    args         TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    attempt      BIGINT NOT NULL,
    failures     BIGINT NOT NULL,
    run_at       BIGINT NOT NULL,
    owner        TEXT   NOT NULL,
    last_error   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
-- The two promises of the queue, kept by the database itself: one running job of
-- a key, and one ready job of a key and kind.
CREATE UNIQUE INDEX jobs_one_running ON jobs (installation, key) WHERE state = 'running' AND key <> '';
CREATE UNIQUE INDEX jobs_one_ready ON jobs (installation, key, kind) WHERE state = 'ready' AND key <> '';
CREATE INDEX jobs_due ON jobs (state, run_at, id);
CREATE INDEX jobs_ready_of_key ON jobs (installation, key, run_at, id) WHERE state = 'ready';

-- Installations that sleep until a rate limit resets.
CREATE TABLE pauses (
    installation BIGINT NOT NULL PRIMARY KEY,
    until        BIGINT NOT NULL,
    reason       TEXT   NOT NULL
);

-- +goose Down
DROP TABLE pauses;
DROP TABLE jobs;
DROP TABLE deliveries;
