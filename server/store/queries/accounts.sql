-- name: GetInstallation :one
SELECT * FROM installations WHERE id = $1;

-- name: PutInstallation :exec
INSERT INTO installations (id, account, account_type, suspended_at, removed_at, updated_at, lacking, account_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET
    account = excluded.account, account_type = excluded.account_type,
    suspended_at = excluded.suspended_at, removed_at = excluded.removed_at,
    updated_at = excluded.updated_at, lacking = excluded.lacking, account_id = excluded.account_id;

-- name: ListInstallations :many
SELECT * FROM installations ORDER BY id;

-- name: GetRepository :one
SELECT * FROM repositories WHERE installation = $1 AND id = $2;

-- name: PutRepository :exec
INSERT INTO repositories (installation, id, owner, name, private, archived, gone, default_branch, updated_at, internal, tightened)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (installation, id) DO UPDATE SET
    owner = excluded.owner, name = excluded.name, private = excluded.private, internal = excluded.internal, tightened = excluded.tightened,
    archived = excluded.archived, gone = excluded.gone,
    default_branch = excluded.default_branch,
    updated_at = excluded.updated_at;

-- name: MarkRepositoriesGone :exec
UPDATE repositories SET gone = $2, updated_at = $3 WHERE installation = $1 AND gone = '';

-- name: DeleteTopicsOfRepository :exec
DELETE FROM pull_topics WHERE installation = $1 AND repository = $2;

-- name: DeleteTopicsOfInstallation :exec
DELETE FROM pull_topics WHERE installation = $1;

-- name: ClosePullStates :exec
UPDATE pull_states SET open = FALSE, updated_at = $3 WHERE installation = $1 AND repository = $2 AND open;

-- name: ListElsewhere :many
-- A repository as other installations know it, from before it was transferred.
SELECT * FROM repositories WHERE id = $1 AND installation <> $2 AND gone = '' ORDER BY installation;

-- name: ListRemovedInstallations :many
SELECT id, account FROM installations WHERE removed_at <> 0;

-- name: ListRepositories :many
SELECT * FROM repositories WHERE installation = $1 ORDER BY owner, name, id;

-- name: PutRepositoryName :exec
INSERT INTO repository_names (installation, full_name, repository, updated_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (installation, full_name) DO UPDATE SET
    repository = excluded.repository, updated_at = excluded.updated_at;

-- name: RepositoryOfName :one
SELECT r.* FROM repository_names n
JOIN repositories r ON r.installation = n.installation AND r.id = n.repository
WHERE n.installation = $1 AND n.full_name = $2;

-- name: IsEnrolled :one
SELECT COUNT(*) FROM registrations g
JOIN repositories r ON r.installation = g.installation AND r.id = g.repository
WHERE g.installation = $1 AND g.repository = $2 AND g.enrolled AND r.gone = '' AND NOT r.archived;

-- name: ListActiveInstallations :many
SELECT id FROM installations WHERE removed_at = 0 ORDER BY id;

-- name: PutLacking :execrows
UPDATE installations SET lacking = $2, updated_at = $3 WHERE id = $1 AND lacking <> $2;

-- name: GetPullState :one
SELECT * FROM pull_states WHERE installation = $1 AND repository = $2 AND number = $3;

-- name: PutPullState :exec
INSERT INTO pull_states (installation, repository, number, head_sha, open, comment, detail, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (installation, repository, number) DO UPDATE SET
    head_sha = excluded.head_sha, open = excluded.open, comment = excluded.comment,
    detail = excluded.detail, updated_at = excluded.updated_at;

-- name: GetWatermark :one
SELECT value FROM watermarks WHERE installation = $1 AND name = $2;

-- name: PutWatermark :exec
INSERT INTO watermarks (installation, name, value) VALUES ($1, $2, $3)
ON CONFLICT (installation, name) DO UPDATE SET value = excluded.value;

-- name: ListNamedAccounts :many
SELECT * FROM named_accounts ORDER BY name;

-- name: PutNamedAccount :exec
INSERT INTO named_accounts (name, organisation, account_id) VALUES ($1, $2, 0)
ON CONFLICT (name) DO UPDATE SET organisation = excluded.organisation;

-- name: DeleteNamedAccount :exec
DELETE FROM named_accounts WHERE name = $1;

-- name: HoldName :execrows
-- A name that was held once goes on meaning that account.
UPDATE named_accounts SET account_id = $2 WHERE name = $1 AND account_id = 0;

-- name: ListInstallationsOfAccount :many
-- The newest first.
SELECT * FROM installations WHERE account_id = $1 ORDER BY id DESC;
