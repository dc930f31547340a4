-- name: LockCommands :exec
INSERT INTO command_budgets (installation, login, source, allowed, notified, at) VALUES ($1, $2, '', 0, FALSE, $3)
ON CONFLICT (installation, login, source) DO UPDATE SET at = excluded.at;

-- name: GetCommands :one
SELECT * FROM command_budgets WHERE installation = $1 AND login = $2 AND source = $3;

-- name: ListCommands :many
SELECT allowed, notified FROM command_budgets WHERE installation = $1 AND login = $2 AND at > $3;

-- name: PutCommands :exec
INSERT INTO command_budgets (installation, login, source, allowed, notified, at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: PruneCommands :execrows
DELETE FROM command_budgets WHERE at < $1;
