-- +goose Up
-- A fingerprint of the open pull requests, deployments and releases that a repository had when it
-- was last looked through and nothing was missing; '' if something was.
ALTER TABLE readings ADD COLUMN looked TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE readings DROP COLUMN looked;
