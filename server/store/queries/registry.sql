-- name: PutContent :exec
INSERT INTO contents (installation, sha, body, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (installation, sha) DO UPDATE SET created_at = excluded.created_at;

-- name: GetContent :one
SELECT body FROM contents WHERE installation = $1 AND sha = $2;

-- name: ListUsedContents :many
-- What anybody says of the use of an API of a name.
SELECT c.sha, c.body FROM contents c
WHERE c.installation = $1
  AND c.sha IN (SELECT u.content FROM consumptions u WHERE u.installation = $1 AND u.api = $2
              UNION ALL SELECT x.content FROM snapshot_uses x WHERE x.installation = $1 AND x.api = $2);

-- name: PruneContents :execrows
DELETE FROM contents
WHERE contents.created_at < $1
  AND NOT EXISTS (SELECT 1 FROM registrations g WHERE g.installation = contents.installation AND g.content = contents.sha)
  AND NOT EXISTS (SELECT 1 FROM consumptions u WHERE u.installation = contents.installation AND u.content = contents.sha)
  AND NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.installation = contents.installation AND s.content = contents.sha)
  AND NOT EXISTS (SELECT 1 FROM snapshot_uses x WHERE x.installation = contents.installation AND x.content = contents.sha);

-- name: GetRegistration :one
SELECT * FROM registrations WHERE installation = $1 AND repository = $2;

-- name: PutRegistration :exec
INSERT INTO registrations (installation, repository, commit_seen, commit_good, enrolled, broken, file, file_sha, content, problems, updated_at, gated)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (installation, repository) DO UPDATE SET
    commit_seen = excluded.commit_seen, commit_good = excluded.commit_good,
    enrolled = excluded.enrolled, broken = excluded.broken, file = excluded.file,
    file_sha = excluded.file_sha, content = excluded.content,
    problems = excluded.problems, updated_at = excluded.updated_at, gated = excluded.gated;

-- name: DeleteProvisions :exec
DELETE FROM provisions WHERE installation = $1 AND repository = $2;

-- name: PutProvision :exec
INSERT INTO provisions (installation, repository, position, component, api, since) VALUES ($1, $2, $3, $4, $5, $6);

-- name: LastProvisionSince :one
SELECT CAST(COALESCE(MAX(since), 0) AS BIGINT) FROM provisions WHERE installation = $1 AND api = $2;

-- name: ListProvisions :many
SELECT api, since FROM provisions WHERE installation = $1 AND repository = $2;

-- name: DeleteConsumptions :exec
DELETE FROM consumptions WHERE installation = $1 AND repository = $2;

-- name: PutConsumption :exec
INSERT INTO consumptions (installation, repository, position, component, owner, api, api_owner_repo, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: DeleteWatchedFiles :exec
DELETE FROM watched_files WHERE installation = $1 AND repository = $2;

-- name: PutWatchedFile :exec
INSERT INTO watched_files (installation, repository, path, kind, sha) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (installation, repository, path, kind) DO NOTHING;

-- name: ListWatchedFiles :many
SELECT path, kind, sha FROM watched_files WHERE installation = $1 AND repository = $2 ORDER BY path, kind;

-- name: ListProviders :many
-- The first row is of the repository that the short name belongs to in the installation.
SELECT p.component, p.api, p.since, p.position, r.installation, r.id, r.owner, r.name, r.private, r.internal FROM provisions p
JOIN repositories r ON r.installation = p.installation AND r.id = p.repository
WHERE p.installation = $1 AND p.api = $2 AND r.gone = ''
ORDER BY p.since, r.id, p.position;

-- name: ListAPIs :many
SELECT p.component, p.api, r.id, r.owner, r.name, r.private, r.internal FROM provisions p
JOIN repositories r ON r.installation = p.installation AND r.id = p.repository
WHERE p.installation = $1 AND r.gone = ''
ORDER BY r.owner, r.name, r.id, p.position;

-- name: ListConsumers :many
SELECT sqlc.embed(r), u.component, u.owner AS component_owner, u.api_owner_repo, u.content, u.position, g.commit_good, g.broken
FROM consumptions u
JOIN repositories r ON r.installation = u.installation AND r.id = u.repository
JOIN registrations g ON g.installation = u.installation AND g.repository = u.repository
WHERE u.installation = $1 AND u.api = $2
  AND (u.api_owner_repo = '' OR u.api_owner_repo = $3
       OR u.api_owner_repo IN (SELECT n.full_name FROM repository_names n WHERE n.installation = $1 AND n.repository = $4));

-- name: ListConsumptions :many
SELECT component, api, api_owner_repo, content FROM consumptions WHERE installation = $1 AND repository = $2 ORDER BY position;
