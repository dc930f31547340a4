-- +goose Up
-- Since when a repository provides an API of that name, however often it has been read
-- again: a short name belongs to the repository that came first. Those that a scan brings
-- came together, when it began.
ALTER TABLE provisions ADD COLUMN since BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE provisions DROP COLUMN since;
