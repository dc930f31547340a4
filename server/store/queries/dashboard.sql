-- name: ListShownRepositories :many
-- Those that can be read now, of accounts that have the App.
SELECT r.installation, r.id, r.owner, r.name, r.private, r.internal, r.archived, r.default_branch FROM repositories r
JOIN installations i ON i.id = r.installation
WHERE r.gone = '' AND i.removed_at = 0 AND i.suspended_at = 0
ORDER BY r.id;

-- name: ListRegistrations :many
SELECT installation, repository, commit_good, enrolled, broken, file, content, problems, updated_at FROM registrations;

-- name: ListContentsOfRegistrations :many
SELECT c.sha, c.body FROM registrations g
JOIN contents c ON c.installation = g.installation AND c.sha = g.content
WHERE g.content <> '';

-- name: ListClaims :many
-- Who provides which API since when.
SELECT installation, repository, component, api, since, position FROM provisions ORDER BY since, repository, position;

-- name: ListNames :many
-- Every name that a repository has or had.
SELECT installation, full_name, repository FROM repository_names;

-- name: ListVerdicts :many
-- What open pull requests and merge groups say on their heads; without the text.
SELECT installation, repository, subject, name, head, digest, updated_at FROM publications WHERE kind = 'verdict';

-- name: ListUnsettledVerifications :many
-- Those that are watched, or were not verified, and that no newer one in their target follows.
SELECT v.installation, v.repository, v.id, v.deployment, v.component, v.environment, v.instance, v.commit_sha, v.answer, v.began_at, v.ended_at
FROM verifications v
WHERE v.answer IN ('', 'roll back', 'investigate', 'inconclusive') AND v.began_at >= sqlc.arg(since)
  AND NOT EXISTS (SELECT 1 FROM verifications n WHERE n.installation = v.installation AND n.repository = v.repository
                  AND n.component = v.component AND n.environment = v.environment AND n.instance = v.instance AND n.began_at > v.began_at)
ORDER BY v.began_at DESC
LIMIT sqlc.arg(most);

-- name: ListFailedDeployments :many
-- Those that failed, and that no newer one to their target follows.
SELECT d.installation, d.repository, d.id, d.commit_sha, d.state, d.creator, d.state_at, p.component, p.environment, p.instance, p.production
FROM deployments d
JOIN placements p ON p.installation = d.installation AND p.repository = d.repository AND p.deployment = d.id
WHERE d.state IN ('failure', 'error') AND d.state_at >= sqlc.arg(since)
  AND NOT EXISTS (SELECT 1 FROM placements n WHERE n.installation = p.installation AND n.repository = p.repository
                  AND n.component = p.component AND n.environment = p.environment AND n.instance = p.instance AND n.deployment > p.deployment)
ORDER BY d.state_at DESC
LIMIT sqlc.arg(most);

-- name: ListPlacedDeployments :many
-- Deployments of all repositories up to a time, the newest first, with the verdict on each target.
SELECT d.installation, d.repository, d.id, d.commit_sha, d.ref, d.task, d.creator, d.url, d.state, d.created_at, d.state_at, d.succeeded_at,
       p.component, p.environment, p.instance, p.production, COALESCE(v.id, '') AS verification, COALESCE(v.answer, '') AS answer
FROM deployments d
JOIN placements p ON p.installation = d.installation AND p.repository = d.repository AND p.deployment = d.id
LEFT JOIN verifications v ON v.installation = d.installation AND v.repository = d.repository AND v.deployment = d.id
     AND v.component = p.component AND v.environment = p.environment AND v.instance = p.instance
WHERE d.created_at <= sqlc.arg(until) AND d.created_at >= sqlc.arg(since)
ORDER BY d.created_at DESC, d.id DESC
LIMIT sqlc.arg(most);

-- name: ListPlacedDeploymentsOf :many
-- Those of one component, the newest first.
SELECT d.installation, d.repository, d.id, d.commit_sha, d.ref, d.task, d.creator, d.url, d.state, d.created_at, d.state_at, d.succeeded_at,
       p.component, p.environment, p.instance, p.production, COALESCE(v.id, '') AS verification, COALESCE(v.answer, '') AS answer
FROM placements p
JOIN deployments d ON d.installation = p.installation AND d.repository = p.repository AND d.id = p.deployment
LEFT JOIN verifications v ON v.installation = d.installation AND v.repository = d.repository AND v.deployment = d.id
     AND v.component = p.component AND v.environment = p.environment AND v.instance = p.instance
WHERE p.installation = sqlc.arg(installation) AND p.repository = sqlc.arg(repository) AND p.component = sqlc.arg(component)
ORDER BY d.id DESC
LIMIT sqlc.arg(most);

-- name: ListFailedReadings :many
-- Repositories that could not be read.
SELECT installation, repository, reason, since FROM readings WHERE state = 'failed' ORDER BY since DESC LIMIT sqlc.arg(most);

-- name: ListNewestLedger :many
-- Those of an installation before a sequence number, the newest first.
SELECT * FROM ledger WHERE installation = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3;
