-- name: ListPublications :many
SELECT * FROM publications WHERE installation = $1 AND repository = $2 AND subject = $3 ORDER BY kind, name;

-- name: GetPublication :one
SELECT * FROM publications WHERE installation = $1 AND repository = $2 AND subject = $3 AND kind = $4 AND name = $5;

-- name: ListPublicationsOfHead :many
-- Those of one kind on a commit.
SELECT * FROM publications WHERE installation = $1 AND repository = $2 AND head = $3 AND kind = $4 ORDER BY subject, name;

-- name: PutDesiredPublication :exec
-- What is known to stand on GitHub stays as it is.
INSERT INTO publications (installation, repository, subject, kind, name, head, request, content, digest, remote, published, unsure, memo, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (installation, repository, subject, kind, name) DO UPDATE SET
    request = CASE WHEN excluded.request = '' AND publications.head = excluded.head THEN publications.request ELSE excluded.request END,
    head = excluded.head, content = excluded.content, digest = excluded.digest, updated_at = excluded.updated_at;

-- name: PutActualPublication :exec
-- What is desired stays as it is.
INSERT INTO publications (installation, repository, subject, kind, name, head, request, content, digest, remote, published, unsure, memo, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (installation, repository, subject, kind, name) DO UPDATE SET
    remote = excluded.remote, published = excluded.published, unsure = excluded.unsure, memo = excluded.memo, updated_at = excluded.updated_at;

-- name: DeletePublication :exec
DELETE FROM publications WHERE installation = $1 AND repository = $2 AND subject = $3 AND kind = $4 AND name = $5;

-- name: DeleteVerdictsOfSubject :exec
DELETE FROM publications WHERE installation = $1 AND repository = $2 AND subject = $3 AND kind = 'verdict';

-- name: DeleteVerdictsOfRepository :exec
DELETE FROM publications WHERE installation = $1 AND repository = $2 AND kind = 'verdict';

-- name: PrunePublications :execrows
-- Those on commits and pull requests that nobody has touched for long. A verdict stays for
-- as long as its pull request is open.
DELETE FROM publications WHERE (installation, repository, subject, kind, name) IN (
    SELECT p.installation, p.repository, p.subject, p.kind, p.name FROM publications p
    WHERE p.updated_at < $1 AND (p.kind <> 'verdict' OR p.subject LIKE 'group/%') LIMIT $2);
