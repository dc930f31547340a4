-- The page with the log of a deployment, as its statuses name it.

-- +goose Up
ALTER TABLE deployments ADD COLUMN log_url TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE deployments DROP COLUMN log_url;
