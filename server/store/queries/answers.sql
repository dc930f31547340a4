-- name: PutAcknowledgement :exec
INSERT INTO acknowledgements (installation, fingerprint, repository, component, by_override, login, reason, until, provider, number, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (installation, fingerprint, repository, component, by_override) DO UPDATE SET
    login = excluded.login, reason = excluded.reason, until = excluded.until,
    provider = excluded.provider, number = excluded.number, created_at = excluded.created_at;

-- name: ListAcknowledgements :many
-- Those given on the pull requests of one provider.
SELECT * FROM acknowledgements WHERE installation = $1 AND provider = $2 ORDER BY fingerprint, repository, component, by_override;

-- name: DeleteTopics :exec
DELETE FROM pull_topics WHERE installation = $1 AND repository = $2 AND number = $3;

-- name: PutTopic :exec
INSERT INTO pull_topics (installation, topic, repository, number) VALUES ($1, $2, $3, $4)
ON CONFLICT (installation, topic, repository, number) DO NOTHING;

-- name: ListPullsOfTopic :many
SELECT t.repository, t.number, r.owner, r.name, r.private, r.internal FROM pull_topics t
JOIN repositories r ON r.installation = t.installation AND r.id = t.repository
WHERE t.installation = $1 AND t.topic = $2 AND r.gone = '' AND NOT r.archived ORDER BY t.repository, t.number;

-- name: ListClosedNaming :many
-- Closed pull requests whose reports may name a repository, and those of the repository itself that
-- name any, the newest first.
SELECT p.number, p.detail, r.id, r.owner, r.name, r.private, r.internal FROM pull_states p
JOIN repositories r ON r.installation = p.installation AND r.id = p.repository
WHERE p.installation = $1 AND NOT p.open AND r.gone = '' AND NOT r.archived
    AND (p.detail LIKE $2 OR p.repository = $3 AND p.detail LIKE '%"named":%')
ORDER BY p.updated_at DESC LIMIT $4;

-- name: LockLedger :one
-- Reads for a change: the update of a column to itself locks the row.
UPDATE ledger_ends SET seq = seq WHERE installation = $1 RETURNING *;

-- name: BeginLedger :exec
INSERT INTO ledger_ends (installation, seq, hash) VALUES ($1, 0, '') ON CONFLICT (installation) DO NOTHING;

-- name: MoveLedger :exec
UPDATE ledger_ends SET seq = $2, hash = $3 WHERE installation = $1;

-- name: LedgerHas :one
SELECT COUNT(*) FROM ledger WHERE installation = $1 AND once = $2;

-- name: AppendLedger :exec
INSERT INTO ledger (installation, seq, at, kind, repository, component, environment, commit_sha, actor, body, once, previous, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: ListLedger :many
SELECT * FROM ledger WHERE installation = $1 AND seq > $2 ORDER BY seq LIMIT $3;

-- name: ListLedgerOf :many
-- Those about one repository.
SELECT * FROM ledger WHERE installation = $1 AND repository = $2 AND seq > $3 ORDER BY seq LIMIT $4;

-- name: ListLedgerFacts :many
-- What was deployed and what was found of it, about one repository, since a time.
SELECT * FROM ledger
WHERE installation = $1 AND repository = $2 AND kind IN ('deployment', 'verdict') AND at >= $3 AND seq > $4
ORDER BY seq LIMIT $5;

-- name: GetLedgerEnd :one
SELECT * FROM ledger_ends WHERE installation = $1;

-- name: ListLedgerEnds :many
SELECT * FROM ledger_ends ORDER BY installation;

-- name: NextLedger :one
-- The next installation that has entries.
SELECT installation FROM ledger WHERE installation > $1 ORDER BY installation LIMIT 1;

-- name: GetLedgerOnce :one
SELECT * FROM ledger WHERE installation = $1 AND once = $2 AND once <> '';
