-- name: PutRollback :exec
INSERT INTO rollbacks (installation, repository, verification, environment, body, began_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (installation, repository, verification) DO UPDATE SET body = excluded.body;

-- name: GetRollback :one
SELECT * FROM rollbacks WHERE installation = $1 AND repository = $2 AND verification = $3;

-- name: ListRollbacks :many
-- Those of one environment, the newest first.
SELECT * FROM rollbacks
WHERE installation = $1 AND repository = $2 AND environment = $3
ORDER BY began_at DESC, verification DESC
LIMIT $4;

-- name: ListRollbacksByCanDeploy :many
-- Those with reasons of can-i-deploy whose text is like the pattern, and those of one
-- repository. Earlier versions called the reasons "said".
SELECT * FROM rollbacks
WHERE installation = $1 AND (body LIKE '%"can_deploy":[%' OR body LIKE '%"said":[%') AND (repository = $2 OR body LIKE $3)
ORDER BY repository, began_at, verification;
