-- +goose Up
-- What the dashboard lists of all repositories at once.
CREATE INDEX publications_verdicts ON publications (installation, repository, subject, name) WHERE kind = 'verdict';
CREATE INDEX verifications_by_answer ON verifications (answer, began_at);
CREATE INDEX verifications_of_deployment ON verifications (installation, repository, deployment);
CREATE INDEX deployments_by_time ON deployments (created_at, id);
CREATE INDEX deployments_by_state ON deployments (state, state_at);

-- +goose Down
DROP INDEX deployments_by_state;
DROP INDEX deployments_by_time;
DROP INDEX verifications_of_deployment;
DROP INDEX verifications_by_answer;
DROP INDEX publications_verdicts;
