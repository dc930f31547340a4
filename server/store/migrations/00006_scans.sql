-- +goose Up
-- The repositories that a scan has listed. Each is counted as read once, however
-- often a job that reads it is begun.
CREATE TABLE scanned (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    done         BOOLEAN NOT NULL,
    PRIMARY KEY (installation, repository)
);

-- listed: the last page has been listed, so that total is what there is. A scan
-- that counted without this table can't be gone on with.
ALTER TABLE scans ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE scans SET finished_at = started_at WHERE finished_at = 0;

-- +goose Down
ALTER TABLE scans DROP COLUMN listed;
DROP TABLE scanned;
