-- name: GetScan :one
SELECT * FROM scans WHERE installation = $1;

-- name: PutScan :exec
INSERT INTO scans (installation, page, total, started_at, finished_at, listed, swept_at, epoch_at, doubted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (installation) DO UPDATE SET
    page = excluded.page, total = excluded.total, started_at = excluded.started_at,
    finished_at = excluded.finished_at, listed = excluded.listed, swept_at = excluded.swept_at,
    epoch_at = excluded.epoch_at, doubted_at = excluded.doubted_at;

-- name: LockScan :one
-- Reads for a change: the update of a column to itself locks the row.
UPDATE scans SET page = page WHERE installation = $1 RETURNING *;

-- name: DoubtScans :execrows
-- Lists that are older than this may lack repositories, and what was read may be old. Once a
-- day everything is looked through instead of listed: that shows as well that no time is missing.
UPDATE scans SET listed = FALSE WHERE listed AND finished_at < sqlc.arg(before) AND swept_at < sqlc.arg(before);

-- name: DoubtPublications :exec
-- Since the rows were written, newer check runs may have been made, and comments that were
-- not needed then.
UPDATE publications SET unsure = TRUE
WHERE (kind = 'comment' AND name = 'contracts' AND remote = 0 OR kind = 'run' AND subject LIKE 'commit/%')
    AND installation IN (SELECT s.installation FROM scans s WHERE NOT s.listed);

-- name: PutUnread :exec
INSERT INTO readings (installation, repository, state, commit_sha, branch, pushed_at, open_issues, reason, since, failures, retry_at, listed_at)
VALUES ($1, $2, 'unread', '', '', 0, 0, '', $3, 0, 0, 0)
ON CONFLICT (installation, repository) DO NOTHING;

-- name: GetReading :one
SELECT * FROM readings WHERE installation = $1 AND repository = $2;

-- name: UpdateReading :execrows
-- A repository that is gone has no row, and gets none.
UPDATE readings SET state = $3, commit_sha = $4, branch = $5, pushed_at = $6, open_issues = $7, reason = $8,
    since = $9, failures = $10, retry_at = $11, listed_at = $12, looked = $13
WHERE installation = $1 AND repository = $2;

-- name: ListLooked :many
-- The repositories of an installation after an id, whether they are enrolled, and what they were
-- like when they were last looked through. Those that are unread are looked through once they are read.
SELECT sqlc.embed(r), d.looked, COALESCE(g.enrolled, FALSE) AS enrolled FROM readings d
JOIN repositories r ON r.installation = d.installation AND r.id = d.repository
LEFT JOIN registrations g ON g.installation = d.installation AND g.repository = d.repository
WHERE d.installation = sqlc.arg(installation) AND d.repository > sqlc.arg(after) AND d.state <> 'unread' AND r.gone = '' AND NOT r.archived
ORDER BY d.repository
LIMIT sqlc.arg(most);

-- name: DeleteReading :exec
DELETE FROM readings WHERE installation = $1 AND repository = $2;

-- name: DeleteReadingsOfInstallation :exec
DELETE FROM readings WHERE installation = $1;

-- name: CountReadings :many
SELECT state, COUNT(*) AS repositories FROM readings WHERE installation = $1 GROUP BY state;

-- name: ListReadings :many
-- The repositories of an installation in a state, and why, sorted by name.
SELECT sqlc.embed(r), sqlc.embed(d) FROM readings d
JOIN repositories r ON r.installation = d.installation AND r.id = d.repository
WHERE d.installation = sqlc.arg(installation) AND d.state = sqlc.arg(state)
ORDER BY r.owner, r.name, r.id
LIMIT sqlc.arg(most);

-- name: ListUnlisted :many
-- The repositories that a listing did not have, because it began after they were listed last.
SELECT r.* FROM readings d
JOIN repositories r ON r.installation = d.installation AND r.id = d.repository
WHERE d.installation = $1 AND d.listed_at < $2
ORDER BY r.owner, r.name, r.id;
