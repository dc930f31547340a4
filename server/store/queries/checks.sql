-- name: GetPullCheck :one
SELECT * FROM pull_checks WHERE installation = $1 AND repository = $2 AND number = $3 AND name = $4;

-- name: PutPullCheck :exec
INSERT INTO pull_checks (installation, repository, number, name, head_sha, check_run, conclusion, digest, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (installation, repository, number, name) DO UPDATE SET
    head_sha = excluded.head_sha, check_run = excluded.check_run, conclusion = excluded.conclusion,
    digest = excluded.digest, updated_at = excluded.updated_at;
