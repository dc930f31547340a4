-- +goose Up
-- internal: everybody in the enterprise may read the repository; it is private as well.
ALTER TABLE repositories ADD COLUMN internal BOOLEAN NOT NULL DEFAULT FALSE;
-- tightened counts how often fewer people could read it than before. Links to its evidence
-- end then.
ALTER TABLE repositories ADD COLUMN tightened BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE repositories DROP COLUMN tightened;
ALTER TABLE repositories DROP COLUMN internal;
