-- +goose Up
-- How far each repository that can be read has been read into the registry. A repository
-- that is gone has no row. state: unread, read, or failed for one that can't be read.
-- commit_sha and branch are what was read, pushed_at and open_issues what GitHub's list
-- said of the repository then: where the list says the same again, nothing is read. reason
-- is why the last try failed, since when the repository has been in its state. listed_at
-- is the start of the last listing that had the repository.
CREATE TABLE readings (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    commit_sha   TEXT   NOT NULL,
    branch       TEXT   NOT NULL,
    pushed_at    BIGINT NOT NULL,
    open_issues  BIGINT NOT NULL,
    reason       TEXT   NOT NULL,
    since        BIGINT NOT NULL,
    failures     BIGINT NOT NULL,
    retry_at     BIGINT NOT NULL,
    listed_at    BIGINT NOT NULL,
    PRIMARY KEY (installation, repository)
);
CREATE INDEX readings_in_state ON readings (installation, state);
INSERT INTO readings (installation, repository, state, commit_sha, branch, pushed_at, open_issues, reason, since, failures, retry_at, listed_at)
SELECT r.installation, r.id, CASE WHEN g.repository IS NULL THEN 'unread' ELSE 'read' END, COALESCE(g.commit_seen, ''), r.default_branch,
       0, 0, '', r.updated_at, 0, 0, 0
FROM repositories r LEFT JOIN registrations g ON g.installation = r.installation AND g.repository = r.id
WHERE r.gone = '';

-- A scan lists the repositories. listed: the list is complete and recent enough to say that
-- there are no others; finished_at is when it was completed last. swept_at is when everything
-- was last looked through, whether or not the list showed a change. epoch_at is the
-- beginning of the listing that completed the list; doubted_at that of one that was needed
-- because the database may lack something: what was written to GitHub before that may not be
-- known.
DROP TABLE scanned;
ALTER TABLE scans DROP COLUMN done;
ALTER TABLE scans ADD COLUMN swept_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE scans ADD COLUMN epoch_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE scans ADD COLUMN doubted_at BIGINT NOT NULL DEFAULT 0;
UPDATE scans SET epoch_at = started_at;
UPDATE scans SET listed = CASE WHEN finished_at <> 0 THEN TRUE ELSE FALSE END;

-- What an installation has not granted of what the App asks for, as a JSON list of words;
-- '' before it was compared.
ALTER TABLE installations ADD COLUMN lacking TEXT NOT NULL DEFAULT '';

UPDATE jobs SET pool = 'background' WHERE kind IN ('register', 'scan', 'live');
-- Another kind of work has taken its place.
DELETE FROM jobs WHERE kind = 'sweep' AND state IN ('ready', 'running');

-- +goose Down
UPDATE jobs SET pool = '' WHERE pool = 'background';
ALTER TABLE installations DROP COLUMN lacking;
ALTER TABLE scans DROP COLUMN doubted_at;
ALTER TABLE scans DROP COLUMN epoch_at;
ALTER TABLE scans DROP COLUMN swept_at;
ALTER TABLE scans ADD COLUMN done BIGINT NOT NULL DEFAULT 0;
CREATE TABLE scanned (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    done         BOOLEAN NOT NULL,
    PRIMARY KEY (installation, repository)
);
DROP TABLE readings;
