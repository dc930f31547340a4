-- +goose Up
-- What is kept no longer is found by its age.
CREATE INDEX samples_by_age ON samples (at);
CREATE INDEX histories_by_age ON histories (at);

-- +goose Down
DROP INDEX histories_by_age;
DROP INDEX samples_by_age;
