-- +goose Up
-- What should stand on GitHub, and what is known to stand there. content and digest are
-- what is desired; remote (GitHub's id), published (the digest of what stands there),
-- unsure (a request to make it was sent and its answer is not known) and memo are what is
-- known. A row of kind "verdict" is what one open pull request says on its head: the
-- check run of the commit carries the gravest of them.
CREATE TABLE publications (
    installation BIGINT  NOT NULL,
    repository   BIGINT  NOT NULL,
    subject      TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    head         TEXT    NOT NULL,
    request      TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    digest       TEXT    NOT NULL,
    remote       BIGINT  NOT NULL,
    published    TEXT    NOT NULL,
    unsure       BOOLEAN NOT NULL,
    memo         TEXT    NOT NULL,
    updated_at   BIGINT  NOT NULL,
    PRIMARY KEY (installation, repository, subject, kind, name)
);
CREATE INDEX publications_by_head ON publications (installation, repository, head, kind);
CREATE INDEX publications_by_age ON publications (updated_at);

-- What earlier versions have published. Their digests are kept: what says the same is not
-- published again.
INSERT INTO publications (installation, repository, subject, kind, name, head, request, content, digest, remote, published, unsure, memo, updated_at)
SELECT installation, repository, 'commit/' || head_sha, 'run', 'plimsoll/contracts', head_sha, '', '', '', check_run, digest, FALSE, conclusion, updated_at
FROM pull_states WHERE check_run <> 0 ORDER BY check_run DESC
ON CONFLICT (installation, repository, subject, kind, name) DO NOTHING;
INSERT INTO publications (installation, repository, subject, kind, name, head, request, content, digest, remote, published, unsure, memo, updated_at)
SELECT installation, repository, 'commit/' || head_sha, 'run', name, head_sha, '', '', '', check_run, digest, FALSE, conclusion, updated_at
FROM pull_checks WHERE check_run <> 0 ORDER BY check_run DESC
ON CONFLICT (installation, repository, subject, kind, name) DO NOTHING;
-- The check runs of verifications are updated in place.
INSERT INTO publications (installation, repository, subject, kind, name, head, request, content, digest, remote, published, unsure, memo, updated_at)
SELECT installation, repository, 'verification/' || id, 'run', 'plimsoll/deploy', commit_sha, '', '', '', check_run, '', FALSE, '', began_at
FROM verifications WHERE check_run <> 0;

ALTER TABLE pull_states DROP COLUMN check_run;
ALTER TABLE pull_states DROP COLUMN conclusion;
ALTER TABLE pull_states DROP COLUMN digest;
DROP TABLE pull_checks;
ALTER TABLE verifications DROP COLUMN check_run;

-- +goose Down
ALTER TABLE verifications ADD COLUMN check_run BIGINT NOT NULL DEFAULT 0;
CREATE TABLE pull_checks (
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    head_sha     TEXT   NOT NULL,
    check_run    BIGINT NOT NULL,
    conclusion   TEXT   NOT NULL,
    digest       TEXT   NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (installation, repository, number, name)
);
ALTER TABLE pull_states ADD COLUMN check_run BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pull_states ADD COLUMN conclusion TEXT NOT NULL DEFAULT '';
ALTER TABLE pull_states ADD COLUMN digest TEXT NOT NULL DEFAULT '';
DROP TABLE publications;
