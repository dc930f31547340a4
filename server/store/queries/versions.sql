-- name: GetDeployment :one
SELECT * FROM deployments WHERE installation = $1 AND repository = $2 AND id = $3;

-- name: PutDeployment :exec
INSERT INTO deployments (installation, repository, id, commit_sha, ref, task, environment, creator, url, log_url, production, transient, state, status, created_at, state_at, succeeded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (installation, repository, id) DO UPDATE SET
    url = excluded.url, log_url = excluded.log_url, state = excluded.state, status = excluded.status,
    state_at = excluded.state_at, succeeded_at = excluded.succeeded_at;

-- name: DeletePlacements :exec
DELETE FROM placements WHERE installation = $1 AND repository = $2 AND deployment = $3;

-- name: PutPlacement :exec
INSERT INTO placements (installation, repository, deployment, component, environment, instance, production)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: ListPlacements :many
SELECT * FROM placements WHERE installation = $1 AND repository = $2 AND deployment = $3
ORDER BY component, environment, instance;

-- name: ListDeploymentsTo :many
-- The newest deployments to one place that ran or run, and of which class it was then.
SELECT sqlc.embed(d), p.production AS placed_production FROM placements p
JOIN deployments d ON d.installation = p.installation AND d.repository = p.repository AND d.id = p.deployment
WHERE p.installation = sqlc.arg(installation) AND p.repository = sqlc.arg(repository) AND p.component = sqlc.arg(component)
  AND p.environment = sqlc.arg(environment) AND p.instance = sqlc.arg(instance)
  AND (d.succeeded_at > 0 OR d.state = 'in_progress')
ORDER BY d.id DESC
LIMIT sqlc.arg(most);

-- name: ListFailedTo :many
-- The newest deployments to one place that failed and never ran.
SELECT d.* FROM placements p
JOIN deployments d ON d.installation = p.installation AND d.repository = p.repository AND d.id = p.deployment
WHERE p.installation = sqlc.arg(installation) AND p.repository = sqlc.arg(repository) AND p.component = sqlc.arg(component)
  AND p.environment = sqlc.arg(environment) AND p.instance = sqlc.arg(instance)
  AND d.succeeded_at = 0 AND d.state IN ('failure', 'error', 'inactive') AND d.state_at >= sqlc.arg(since)
ORDER BY d.id DESC
LIMIT sqlc.arg(most);

-- name: ListDeployments :many
-- The newest deployments of a repository.
SELECT * FROM deployments WHERE installation = $1 AND repository = $2 ORDER BY id DESC LIMIT $3;

-- name: DeleteLiveAt :exec
DELETE FROM live_versions
WHERE installation = $1 AND repository = $2 AND component = $3 AND environment = $4 AND instance = $5 AND tag = '';

-- name: DeleteReleases :exec
DELETE FROM live_versions WHERE installation = $1 AND repository = $2 AND tag <> '';

-- name: PutLive :exec
INSERT INTO live_versions (installation, repository, component, environment, instance, tag, commit_sha, production, rolling, since)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (installation, repository, component, environment, instance, tag, commit_sha) DO UPDATE SET
    production = excluded.production, rolling = excluded.rolling, since = excluded.since;

-- name: ListLive :many
SELECT * FROM live_versions WHERE installation = $1 AND repository = $2
ORDER BY component, environment, instance, tag, since, commit_sha;

-- name: GetSnapshot :one
SELECT * FROM snapshots WHERE installation = $1 AND repository = $2 AND commit_sha = $3;

-- name: PutSnapshot :exec
INSERT INTO snapshots (installation, repository, commit_sha, content, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (installation, repository, commit_sha) DO UPDATE SET content = excluded.content;

-- name: DeleteSnapshotComponents :exec
DELETE FROM snapshot_components WHERE installation = $1 AND repository = $2 AND commit_sha = $3;

-- name: PutSnapshotComponent :exec
INSERT INTO snapshot_components (installation, repository, commit_sha, component) VALUES ($1, $2, $3, $4)
ON CONFLICT (installation, repository, commit_sha, component) DO NOTHING;

-- name: DeleteSnapshotUses :exec
DELETE FROM snapshot_uses WHERE installation = $1 AND repository = $2 AND commit_sha = $3;

-- name: PutSnapshotUse :exec
INSERT INTO snapshot_uses (installation, repository, commit_sha, position, component, owner, api, api_owner_repo, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: ListLiveConsumers :many
-- Live versions of consumers by what they declared at the commit that runs.
SELECT l.repository, l.component, u.owner AS component_owner, u.api_owner_repo, u.content, u.position,
       l.environment, l.instance, l.tag, l.commit_sha, l.production, l.rolling
FROM snapshot_uses u
JOIN live_versions l ON l.installation = u.installation AND l.repository = u.repository
     AND l.component = u.component AND l.commit_sha = u.commit_sha
WHERE u.installation = $1 AND u.api = $2
  AND (u.api_owner_repo = '' OR u.api_owner_repo = $3
       OR u.api_owner_repo IN (SELECT n.full_name FROM repository_names n WHERE n.installation = $1 AND n.repository = $4));

-- name: ListUndeclared :many
-- Live versions of what uses an API of a name by its default branch, whose commit did
-- not declare the component, or could not be read; as often as it names the API.
SELECT l.repository, l.component, l.environment, l.instance, l.tag, l.commit_sha, l.production, l.rolling
FROM consumptions u
JOIN live_versions l ON l.installation = u.installation AND l.repository = u.repository AND l.component = u.component
WHERE u.installation = $1 AND u.api = $2
  AND NOT EXISTS (SELECT 1 FROM snapshot_components s WHERE s.installation = l.installation AND s.repository = l.repository
                  AND s.commit_sha = l.commit_sha AND s.component = l.component);

-- name: ListRunning :many
-- The consumers of an API of which some version is known to run in production, or
-- to be released. A review app or staging alone does not tell what production runs.
-- Written as it is so that SQLite begins with the few consumers and not with all
-- that runs.
SELECT u.repository, u.component FROM consumptions u
WHERE u.installation = $1 AND u.api = $2
  AND EXISTS (SELECT 1 FROM live_versions l WHERE l.installation = u.installation AND l.repository = u.repository
              AND l.component = u.component AND l.production);

-- name: PutBaseline :exec
INSERT INTO baselines (installation, repository, component, api, api_owner_repo, content, provider, contract, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (installation, repository, component, api, api_owner_repo, content) DO NOTHING;

-- name: ListBaselines :many
SELECT repository, component, api_owner_repo, content, contract FROM baselines
WHERE installation = $1 AND api = $2 AND provider = $3;

-- name: ListWritten :many
-- The contract that one use was written against, by the names that the API was given.
SELECT api_owner_repo, contract FROM baselines
WHERE installation = $1 AND repository = $2 AND component = $3 AND api = $4 AND content = $5 AND provider = $6
ORDER BY api_owner_repo;
