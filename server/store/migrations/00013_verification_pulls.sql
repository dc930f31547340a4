-- +goose Up
-- The pull requests that a deployment carried: JSON, "" while they are not known.
ALTER TABLE verifications ADD COLUMN pulls TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE verifications DROP COLUMN pulls;
