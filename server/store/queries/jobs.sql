-- name: PutJob :one
-- A job of the same key and kind that is still ready takes the new arguments: the
-- newest wins, and the id that comes back is the one that will run.
INSERT INTO jobs (id, installation, kind, key, dedupe, args, state, attempt, failures, run_at, owner, last_error, created_at, updated_at, pool)
VALUES ($1, $2, $3, $4, $5, $6, 'ready', 0, 0, $7, '', '', $8, $8, $9)
ON CONFLICT (installation, key, kind) WHERE state = 'ready' AND key <> '' DO UPDATE SET
    args = excluded.args,
    run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END,
    failures = 0,
    pool = excluded.pool,
    updated_at = excluded.updated_at
RETURNING id;

-- name: PutJobOnce :execrows
-- A job with a name of its own (kind@bucket): inserted by whoever comes first.
INSERT INTO jobs (id, installation, kind, key, dedupe, args, state, attempt, failures, run_at, owner, last_error, created_at, updated_at, pool)
VALUES ($1, $2, $3, $4, $5, $6, 'ready', 0, 0, $7, '', '', $8, $8, $9)
ON CONFLICT DO NOTHING;

-- name: CountNamed :one
SELECT COUNT(*) FROM jobs WHERE dedupe = $1;

-- name: ListFirstDue :many
-- Whose the first due jobs are. An installation that is paused has none.
SELECT j.pool, j.installation, EXISTS (SELECT 1 FROM pauses p WHERE p.installation = j.installation AND p.until > sqlc.arg(now)) AS paused
FROM jobs j
WHERE j.state = 'ready' AND j.run_at <= sqlc.arg(now)
ORDER BY j.run_at
LIMIT sqlc.arg(most);

-- name: ListDueInstallations :many
-- The installations after one number and up to another that have a due job, in the order
-- of their numbers. Each step of the recursion is one look into the index: it costs as
-- much for an installation with one ready job as for one with thousands. The conditions
-- are scalar subqueries, so that PostgreSQL checks them one installation at a time and
-- stops at the limit.
WITH RECURSIVE waiting (installation) AS (
    SELECT (SELECT j.installation FROM jobs j
            WHERE j.state = 'ready' AND j.pool = sqlc.arg(pool) AND j.installation > sqlc.arg(after) AND j.installation <= sqlc.arg(until)
            ORDER BY j.installation LIMIT 1)
    UNION ALL
    SELECT (SELECT j.installation FROM jobs j
            WHERE j.state = 'ready' AND j.pool = sqlc.arg(pool) AND j.installation > waiting.installation AND j.installation <= sqlc.arg(until)
            ORDER BY j.installation LIMIT 1)
    FROM waiting WHERE waiting.installation IS NOT NULL
)
SELECT waiting.installation FROM waiting
WHERE waiting.installation IS NOT NULL
  AND (SELECT j.run_at FROM jobs j WHERE j.state = 'ready' AND j.pool = sqlc.arg(pool) AND j.installation = waiting.installation
       ORDER BY j.run_at LIMIT 1) <= sqlc.arg(now)
  AND (SELECT p.until FROM pauses p WHERE p.installation = waiting.installation AND p.until > sqlc.arg(now)) IS NULL
LIMIT sqlc.arg(most);

-- name: ClaimJobs :many
-- Takes what is due of one installation. Of a key only the first job is taken, and none
-- while another one runs.
UPDATE jobs SET
    state = 'running',
    owner = sqlc.arg(owner),
    attempt = jobs.attempt + 1,
    run_at = sqlc.arg(lease_end),
    updated_at = sqlc.arg(now)
WHERE jobs.id IN (
    SELECT j.id FROM jobs j
    WHERE j.pool = sqlc.arg(pool) AND j.installation = sqlc.arg(installation) AND j.state = 'ready' AND j.run_at <= sqlc.arg(now)
      AND (j.key = '' OR (
          NOT EXISTS (SELECT 1 FROM jobs k WHERE k.installation = j.installation AND k.key = j.key
                      AND k.key <> '' AND k.state = 'running')
          AND NOT EXISTS (SELECT 1 FROM jobs k WHERE k.installation = j.installation AND k.key = j.key
                          AND k.state = 'ready' AND (k.run_at, k.id) < (j.run_at, j.id))))
    ORDER BY j.run_at, j.id
    LIMIT sqlc.arg(most)
)
RETURNING *;

-- name: ClaimJobsSkippingLocked :many
-- ClaimJobs for PostgreSQL: the same rows, leaving out those that another replica
-- is just claiming.
WITH due AS MATERIALIZED (
    SELECT j.id FROM jobs j
    WHERE j.pool = sqlc.arg(pool) AND j.installation = sqlc.arg(installation) AND j.state = 'ready' AND j.run_at <= sqlc.arg(now)
      AND (j.key = '' OR (
          NOT EXISTS (SELECT 1 FROM jobs k WHERE k.installation = j.installation AND k.key = j.key
                      AND k.key <> '' AND k.state = 'running')
          AND NOT EXISTS (SELECT 1 FROM jobs k WHERE k.installation = j.installation AND k.key = j.key
                          AND k.state = 'ready' AND (k.run_at, k.id) < (j.run_at, j.id))))
    ORDER BY j.run_at, j.id
    LIMIT sqlc.arg(most)
    FOR UPDATE OF j SKIP LOCKED
)
UPDATE jobs SET
    state = 'running',
    owner = sqlc.arg(owner),
    attempt = jobs.attempt + 1,
    run_at = sqlc.arg(lease_end),
    updated_at = sqlc.arg(now)
WHERE jobs.id IN (SELECT id FROM due)
RETURNING *;

-- name: ListEndedLeases :many
-- Running jobs whose worker is gone.
SELECT j.id, j.installation, j.pool FROM jobs j
WHERE j.state = 'running' AND j.run_at <= sqlc.arg(now)
  AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.installation = j.installation AND p.until > sqlc.arg(now))
ORDER BY j.run_at, j.id;

-- name: TakeOverJob :many
-- Takes a running job whose lease ended, which counts as a failure. Where another replica
-- was quicker there is none.
UPDATE jobs SET
    owner = sqlc.arg(owner),
    attempt = jobs.attempt + 1,
    failures = jobs.failures + 1,
    run_at = sqlc.arg(lease_end),
    updated_at = sqlc.arg(now)
WHERE jobs.id = sqlc.arg(id) AND jobs.state = 'running' AND jobs.run_at <= sqlc.arg(now)
RETURNING *;

-- name: HoldsJob :one
-- 1 if an attempt still runs, 0 if another worker has taken the job.
SELECT COUNT(*) FROM jobs WHERE id = $1 AND owner = $2 AND attempt = $3 AND state = 'running';

-- name: ExtendLease :execrows
UPDATE jobs SET run_at = sqlc.arg(lease_end), updated_at = sqlc.arg(now)
WHERE id = sqlc.arg(id) AND owner = sqlc.arg(owner) AND attempt = sqlc.arg(attempt) AND state = 'running';

-- name: FinishJob :execrows
UPDATE jobs SET state = sqlc.arg(state), owner = '', last_error = sqlc.arg(last_error),
    failures = failures + sqlc.arg(failed), run_at = sqlc.arg(now), updated_at = sqlc.arg(now)
WHERE id = sqlc.arg(id) AND owner = sqlc.arg(owner) AND attempt = sqlc.arg(attempt) AND state = 'running';

-- name: RequeueJob :execrows
UPDATE jobs SET state = 'ready', owner = '', last_error = sqlc.arg(last_error),
    failures = failures + sqlc.arg(failed), run_at = sqlc.arg(run_at), updated_at = sqlc.arg(now)
WHERE id = sqlc.arg(id) AND owner = sqlc.arg(owner) AND attempt = sqlc.arg(attempt) AND state = 'running';

-- name: ReadyJobOf :one
SELECT id FROM jobs WHERE installation = $1 AND key = $2 AND kind = $3 AND state = 'ready' AND key <> '';

-- name: EndAllLeases :execrows
UPDATE jobs SET run_at = $1, updated_at = $1 WHERE state = 'running';

-- name: ReviveJob :execrows
UPDATE jobs SET state = 'ready', owner = '', failures = 0, run_at = $2, updated_at = $2
WHERE id = $1 AND state = 'dead';

-- name: SupersedeDeadJob :execrows
UPDATE jobs SET state = 'done', last_error = $2, updated_at = $3 WHERE id = $1 AND state = 'dead';

-- name: GetJob :one
SELECT * FROM jobs WHERE id = $1;

-- name: ListDeadJobs :many
-- The newest first. An installation below 0 and an empty kind mean all of them.
SELECT * FROM jobs
WHERE state = 'dead' AND (installation = sqlc.arg(installation) OR sqlc.arg(installation) < 0)
  AND (kind = sqlc.arg(kind) OR sqlc.arg(kind) = '')
ORDER BY run_at DESC, id DESC LIMIT sqlc.arg(most);

-- name: ListJobsInState :many
-- In the order in which they are due. An installation below 0 and an empty kind mean all
-- of them.
SELECT * FROM jobs
WHERE state = sqlc.arg(state) AND (installation = sqlc.arg(installation) OR sqlc.arg(installation) < 0)
  AND (kind = sqlc.arg(kind) OR sqlc.arg(kind) = '')
ORDER BY run_at, id LIMIT sqlc.arg(most);

-- name: CountJobs :many
SELECT state, kind, COUNT(*) AS jobs FROM jobs
WHERE state IN ('ready', 'running', 'dead') GROUP BY state, kind ORDER BY state, kind;

-- name: CountJobsOfInstallations :many
-- How many jobs of each installation are due, wait for their time, run or are dead, and when
-- the first one that waits is due; 0 if none waits.
SELECT installation,
    COUNT(CASE WHEN state = 'ready' AND run_at <= sqlc.arg(now) THEN 1 END) AS due,
    COUNT(CASE WHEN state = 'ready' AND run_at > sqlc.arg(now) THEN 1 END) AS waiting,
    COUNT(CASE WHEN state = 'running' THEN 1 END) AS running,
    COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead,
    CAST(COALESCE(MIN(CASE WHEN state = 'ready' AND run_at > sqlc.arg(now) THEN run_at END), 0) AS BIGINT) AS first_waiting
FROM jobs WHERE state IN ('ready', 'running', 'dead') GROUP BY installation ORDER BY installation;

-- name: OldestDue :many
SELECT run_at FROM jobs WHERE state = 'ready' AND run_at <= $1 ORDER BY run_at LIMIT 1;

-- name: PruneJobs :execrows
DELETE FROM jobs WHERE state = 'done' AND run_at < $1;

-- name: PutPause :exec
INSERT INTO pauses (installation, until, reason) VALUES ($1, $2, $3)
ON CONFLICT (installation) DO UPDATE SET
    until = CASE WHEN excluded.until > pauses.until THEN excluded.until ELSE pauses.until END,
    reason = excluded.reason;

-- name: ListPauses :many
SELECT * FROM pauses WHERE until > $1 ORDER BY installation;

-- name: PrunePauses :execrows
DELETE FROM pauses WHERE until < $1;
