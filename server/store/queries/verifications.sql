-- name: BeginVerification :execrows
INSERT INTO verifications (installation, repository, id, deployment, component, environment, instance, commit_sha, body, answer, verdict, reported, began_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', FALSE, $10, 0)
ON CONFLICT (installation, repository, id) DO NOTHING;

-- name: GetVerification :one
SELECT * FROM verifications WHERE installation = $1 AND repository = $2 AND id = $3;

-- name: ListVerifications :many
-- Those of one target, the newest first.
SELECT * FROM verifications
WHERE installation = $1 AND repository = $2 AND component = $3 AND environment = $4 AND instance = $5
ORDER BY began_at DESC, deployment DESC
LIMIT $6;

-- name: ListVerificationsUntil :many
-- Those of one place that began at a time or before, the newest first.
SELECT * FROM verifications
WHERE installation = $1 AND repository = $2 AND component = $3 AND environment = $4 AND instance = $5 AND began_at <= $6
ORDER BY began_at DESC, deployment DESC
LIMIT $7;

-- name: EndVerification :execrows
UPDATE verifications SET answer = $4, verdict = $5, ended_at = $6
WHERE installation = $1 AND repository = $2 AND id = $3 AND answer = '';

-- name: PutVerificationPulls :exec
UPDATE verifications SET pulls = $4 WHERE installation = $1 AND repository = $2 AND id = $3;

-- name: MarkVerificationReported :exec
UPDATE verifications SET reported = TRUE WHERE installation = $1 AND repository = $2 AND id = $3;

-- name: PutSample :execrows
INSERT INTO samples (installation, repository, verification, n, at, body) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (installation, repository, verification, n) DO NOTHING;

-- name: ListSamples :many
SELECT * FROM samples WHERE installation = $1 AND repository = $2 AND verification = $3 ORDER BY n;

-- name: PutHistory :execrows
INSERT INTO histories (installation, repository, verification, at, hash, body) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (installation, repository, verification) DO NOTHING;

-- name: GetHistory :one
SELECT * FROM histories WHERE installation = $1 AND repository = $2 AND verification = $3;

-- name: ListRepositoryVerifications :many
-- Those of a repository, the newest first.
SELECT * FROM verifications
WHERE installation = $1 AND repository = $2
ORDER BY began_at DESC, deployment DESC
LIMIT $3;

-- name: PruneSamples :execrows
-- The oldest first; what is not reported yet is still needed.
DELETE FROM samples WHERE (installation, repository, verification, n) IN (
    SELECT s.installation, s.repository, s.verification, s.n FROM samples s
    JOIN verifications v ON v.installation = s.installation AND v.repository = s.repository AND v.id = s.verification
    WHERE s.at < @before AND v.reported
    ORDER BY s.at LIMIT @most);

-- name: PruneHistories :execrows
DELETE FROM histories WHERE (installation, repository, verification) IN (
    SELECT h.installation, h.repository, h.verification FROM histories h
    JOIN verifications v ON v.installation = h.installation AND v.repository = h.repository AND v.id = h.verification
    WHERE h.at < @before AND v.reported
    ORDER BY h.at LIMIT @most);
