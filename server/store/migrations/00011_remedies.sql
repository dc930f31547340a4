-- +goose Up
-- What is done about a deployment that went bad in one place: the roll back and the
-- issue. body is a deploy.Remedy; began_at is when the deployment succeeded.
CREATE TABLE remedies (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    verification TEXT   NOT NULL,
    environment  TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    began_at     BIGINT NOT NULL,
    PRIMARY KEY (installation, repository, verification)
);
CREATE INDEX remedies_of_environment ON remedies (installation, repository, environment, began_at);
CREATE INDEX verifications_of_repository ON verifications (installation, repository, began_at);

-- +goose Down
DROP INDEX verifications_of_repository;
DROP TABLE remedies;
