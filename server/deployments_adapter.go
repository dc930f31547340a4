package server

import (
	"context"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
)

// record is GitHub's record of what was deployed and released, in the handlers' words.
type record struct{ githubAdapter }

var (
	_ source.Record = record{}
)

// Deployment reads a deployment; one that is not there wraps fs.ErrNotExist.
func (r record) Deployment(ctx context.Context, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error) {
	found, err := r.Clients.Deployment(ctx, repo, id)
	return found, missing(err)
}

// TagCommit reads a tag; one that is not there wraps fs.ErrNotExist.
func (r record) TagCommit(ctx context.Context, repo contracts.RepositoryRef, tag string) (string, error) {
	commit, err := r.Clients.TagCommit(ctx, repo, tag)
	return commit, missing(err)
}
