-- +goose Up
-- Who uses an API is asked on every pull request of its provider: these indexes hold
-- all that the question reads of a row, so that no row is looked up besides.
DROP INDEX consumptions_of_api;
CREATE INDEX consumptions_of_api ON consumptions (installation, api, api_owner_repo, repository, component, owner, content, position);
DROP INDEX snapshot_uses_of_api;
CREATE INDEX snapshot_uses_of_api ON snapshot_uses (installation, api, api_owner_repo, repository, component, commit_sha, owner, content, position);
CREATE INDEX live_versions_of_commit ON live_versions (installation, repository, component, commit_sha, environment, instance, tag, production, rolling);

-- +goose Down
DROP INDEX live_versions_of_commit;
DROP INDEX snapshot_uses_of_api;
CREATE INDEX snapshot_uses_of_api ON snapshot_uses (installation, api, api_owner_repo);
DROP INDEX consumptions_of_api;
CREATE INDEX consumptions_of_api ON consumptions (installation, api, api_owner_repo);
