-- +goose Up
-- The names of the glossary, for what earlier versions called otherwise. Jobs that wait, or
-- that a process left running, are run under their new kind.
ALTER TABLE remedies RENAME TO rollbacks;
DROP INDEX remedies_of_environment;
CREATE INDEX rollbacks_of_environment ON rollbacks (installation, repository, environment, began_at);
ALTER TABLE verifications RENAME COLUMN told TO reported;
DROP INDEX verifications_of_place;
CREATE INDEX verifications_of_target ON verifications (installation, repository, component, environment, instance, began_at);
UPDATE jobs SET kind = 'evaluate' WHERE kind = 'judge';
UPDATE jobs SET kind = 'reevaluate' WHERE kind = 'follow';

-- +goose Down
UPDATE jobs SET kind = 'follow' WHERE kind = 'reevaluate';
UPDATE jobs SET kind = 'judge' WHERE kind = 'evaluate';
DROP INDEX verifications_of_target;
CREATE INDEX verifications_of_place ON verifications (installation, repository, component, environment, instance, began_at);
ALTER TABLE verifications RENAME COLUMN reported TO told;
DROP INDEX rollbacks_of_environment;
ALTER TABLE rollbacks RENAME TO remedies;
CREATE INDEX remedies_of_environment ON remedies (installation, repository, environment, began_at);
