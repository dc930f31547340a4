-- +goose Up
-- What the signals of a verification were before the deployment: JSON, gzipped. hash is
-- the SHA-256 of the JSON, which the ledger names.
CREATE TABLE histories (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    verification TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    hash         TEXT   NOT NULL,
    body         BYTEA  NOT NULL,
    PRIMARY KEY (installation, repository, verification)
);

-- +goose Down
DROP TABLE histories;
