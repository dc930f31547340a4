-- name: AskGate :exec
-- A newer deployment of the same run asks anew.
INSERT INTO gates (installation, repository, run, environment, deployment, body, asked_at, answered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
ON CONFLICT (installation, repository, run, environment) DO UPDATE SET
    deployment = excluded.deployment, body = excluded.body, asked_at = excluded.asked_at, answered_at = 0
WHERE gates.deployment < excluded.deployment;

-- name: GetGate :one
SELECT * FROM gates WHERE installation = $1 AND repository = $2 AND run = $3 AND environment = $4;

-- name: ListWaitingGates :many
SELECT * FROM gates WHERE installation = $1 AND repository = $2 AND answered_at = 0 ORDER BY asked_at DESC, run DESC LIMIT $3;

-- name: ListNewestGates :many
SELECT * FROM gates WHERE installation = $1 AND repository = $2 ORDER BY asked_at DESC, run DESC LIMIT $3;

-- name: PutGate :exec
UPDATE gates SET body = $6, answered_at = $7
WHERE installation = $1 AND repository = $2 AND run = $3 AND environment = $4 AND deployment = $5 AND answered_at = 0;

-- name: PruneGates :exec
DELETE FROM gates WHERE asked_at < $1;

-- name: ListGated :many
SELECT r.* FROM registrations g
JOIN repositories r ON r.installation = g.installation AND r.id = g.repository
JOIN installations i ON i.id = g.installation
WHERE g.gated AND g.enrolled AND r.gone = '' AND NOT r.archived AND i.removed_at = 0 AND i.suspended_at = 0
ORDER BY r.installation, r.owner, r.name, r.id;

-- name: PutGateOverride :exec
INSERT INTO gate_overrides (installation, repository, verification, login, reason, number, source, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (installation, repository, verification) DO NOTHING;

-- name: GetGateOverride :one
SELECT * FROM gate_overrides WHERE installation = $1 AND repository = $2 AND verification = $3;

-- name: ListVerificationsOfCommit :many
-- Those of one commit in all targets, the newest first.
SELECT * FROM verifications WHERE installation = $1 AND repository = $2 AND commit_sha = $3
ORDER BY began_at DESC, deployment DESC
LIMIT $4;

-- name: ListVerificationsAnswered :many
-- Those that came to one answer, the newest first.
SELECT * FROM verifications WHERE installation = $1 AND repository = $2 AND answer = $3
ORDER BY began_at DESC, deployment DESC
LIMIT $4;
