-- name: GetFollowUp :one
SELECT * FROM follow_ups WHERE installation = $1 AND repository = $2 AND subject = $3;

-- name: PutFollowUp :one
-- Opens a follow-up, or counts another change of one that is open.
INSERT INTO follow_ups (installation, repository, subject, id, changes, created_at) VALUES ($1, $2, $3, $4, 1, $5)
ON CONFLICT (installation, repository, subject) DO UPDATE SET changes = follow_ups.changes + 1
RETURNING *;

-- name: DeleteFollowUp :exec
-- Deletes a follow-up unless something has changed since it was read.
DELETE FROM follow_ups
WHERE installation = $1 AND repository = $2 AND subject = $3 AND id = $4 AND changes = $5;
