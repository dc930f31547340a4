-- +goose Up
-- pool names the workers that may run a job; '' is the general pool. Observations of
-- verifications have workers of their own.
ALTER TABLE jobs ADD COLUMN pool TEXT NOT NULL DEFAULT '';
UPDATE jobs SET pool = 'observations' WHERE kind = 'verify';

-- Installations take turns: this index finds the next installation with a ready job,
-- and its first job, without reading the jobs of the others.
CREATE INDEX jobs_ready_of_installation ON jobs (pool, installation, run_at, id) WHERE state = 'ready';
-- With the id as a third column SQLite would prefer this index for the jobs of one
-- installation, and read those of all.
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (state, run_at);

-- +goose Down
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (state, run_at, id);
DROP INDEX jobs_ready_of_installation;
ALTER TABLE jobs DROP COLUMN pool;
