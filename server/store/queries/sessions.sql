-- name: PutSession :exec
INSERT INTO sessions (id, person, token, created_at, expires_at) VALUES ($1, $2, $3, $4, $5);

-- name: GetSession :one
SELECT * FROM sessions WHERE id = $1;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE id = $1;

-- name: DeleteSessionsOfPerson :exec
DELETE FROM sessions WHERE person = $1;

-- name: KeepNewestSessions :exec
DELETE FROM sessions WHERE sessions.person = $1 AND sessions.id NOT IN (
    SELECT n.id FROM sessions n WHERE n.person = $1 ORDER BY n.created_at DESC, n.id LIMIT $2
);

-- name: PruneSessions :exec
DELETE FROM sessions WHERE expires_at <= $1;

-- name: ListPublicRepositories :many
SELECT r.id FROM repositories r JOIN installations i ON i.id = r.installation
WHERE NOT r.private AND r.gone = '' AND i.removed_at = 0 AND i.suspended_at = 0;
