-- +goose Up
-- Deliveries that GitHub was asked for again, and when last. They may come days late, and what they
-- ask for may have been done before the database was lost.
CREATE TABLE asked_deliveries (
    id TEXT   NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE asked_deliveries;
