package server

import (
	"context"
	"fmt"
	"io/fs"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/server/github"
	"plimsoll/server/github/tree"
)

// githubAdapter gives the handlers what they need of GitHub, in their own words.
type githubAdapter struct {
	*github.Clients // checks.Runs, checks.Comments
	trees           *tree.Reader
}

var (
	_ source.Pulls           = githubAdapter{}
	_ source.Trees           = githubAdapter{}
	_ source.Branches        = githubAdapter{}
	_ registry.Installations = githubAdapter{}
	_ source.Publisher       = githubAdapter{}
)

// PullRequest reads a pull request as it is now.
func (h githubAdapter) PullRequest(ctx context.Context, repo contracts.RepositoryRef, number int) (source.PullRequest, error) {
	pull, err := h.Clients.PullRequest(ctx, repo, number)
	return pullRequest(pull), missing(err)
}

func pullRequest(p github.PullRequest) source.PullRequest {
	return source.PullRequest{
		Repository: p.Repository, Number: p.Number, Open: p.State == "open", Merged: p.Merged, Draft: p.Draft, Body: p.Body, Author: p.Author,
		BaseRef: p.BaseRef, BaseSHA: p.BaseSHA, HeadSHA: p.HeadSHA, Fork: p.Fork,
	}
}

// OpenPullRequests lists all of a repository's.
func (h githubAdapter) OpenPullRequests(ctx context.Context, repo contracts.RepositoryRef) ([]source.PullRequest, error) {
	var open []source.PullRequest
	for pull, err := range h.Clients.OpenPullRequests(ctx, repo, "") {
		if err != nil {
			return nil, missing(err)
		}
		open = append(open, pullRequest(pull))
	}
	return open, nil
}

// Compare asks what a head adds since the merge base.
func (h githubAdapter) Compare(ctx context.Context, repo contracts.RepositoryRef, base, head string) (source.Comparison, error) {
	found, err := h.Clients.Compare(ctx, repo, base, head)
	comparison := source.Comparison{
		MergeBase: found.MergeBase, MergeBaseTree: found.MergeBaseTree, Head: head, Complete: found.Complete,
		Files: changedFiles(found.Files),
	}
	return comparison, err
}

func changedFiles(files []github.ChangedFile) []source.ChangedFile {
	changed := make([]source.ChangedFile, len(files))
	for i, f := range files {
		changed[i] = source.ChangedFile{Path: f.Path, Previous: f.Previous, Status: string(f.Status), SHA: f.SHA}
	}
	return changed
}

// HeadTree gives the files of a comparison's head, and the complete list of what it
// changes.
func (h githubAdapter) HeadTree(ctx context.Context, repo contracts.RepositoryRef, base contracts.Tree, c source.Comparison) (contracts.Tree, []source.ChangedFile, error) {
	listed := github.Comparison{Complete: c.Complete}
	for _, f := range c.Files {
		listed.Files = append(listed.Files, github.ChangedFile{Path: f.Path, Previous: f.Previous, Status: github.FileStatus(f.Status), SHA: f.SHA})
	}
	head, files, err := h.trees.HeadTree(ctx, repo, base, c.Head, listed)
	return head, changedFiles(files), missing(err)
}

// KnownTree reads a tree of which some files are known.
func (h githubAdapter) KnownTree(repo contracts.RepositoryRef, sha string, files []contracts.File) contracts.Tree {
	return h.trees.KnownTree(repo, sha, files)
}

// Tree reads a tree; a commit that is not there wraps fs.ErrNotExist.
func (h githubAdapter) Tree(ctx context.Context, repo contracts.RepositoryRef, sha string) (contracts.Tree, error) {
	tree, err := h.trees.Tree(ctx, repo, sha)
	return tree, missing(err)
}

// Repository reads a repository; one that is not there wraps fs.ErrNotExist.
func (h githubAdapter) Repository(ctx context.Context, repo contracts.RepositoryRef) (source.Repository, error) {
	found, err := h.Clients.Repository(ctx, repo)
	return repository(found), missing(err)
}

func repository(r github.Repository) source.Repository {
	return source.Repository{RepositoryRef: r.Ref, DefaultBranch: r.DefaultBranch, Archived: r.Archived}
}

// Head reads the tip of a branch; an empty repository wraps fs.ErrNotExist.
func (h githubAdapter) Head(ctx context.Context, repo contracts.RepositoryRef, branch string) (source.Commit, error) {
	commit, tree, err := h.Clients.Head(ctx, repo, branch)
	return source.Commit{SHA: commit, Tree: tree}, missing(err)
}

// missing makes of GitHub's "not found" what the handlers ask for.
func missing(err error) error {
	if github.Classify(err) == github.ClassNotFound {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}

// Page lists one page of an installation's repositories.
func (h githubAdapter) Page(ctx context.Context, installation int64, page int) ([]source.Repository, int, int, error) {
	found, err := h.InstallationRepositories(ctx, installation, page)
	repositories := make([]source.Repository, len(found.Repositories))
	for i, r := range found.Repositories {
		repositories[i] = repository(r)
	}
	return repositories, found.Next, found.Total, err
}

// FindCheckRun looks for this App's newest run of a name and external id.
func (h githubAdapter) FindCheckRun(ctx context.Context, repo contracts.RepositoryRef, head, name, externalID string) (int64, error) {
	runs, err := h.OwnCheckRuns(ctx, repo, head)
	for _, run := range runs {
		if run.Name == name && run.ExternalID == externalID {
			return run.ID, nil
		}
	}
	return 0, err
}

// ExternalIDs gives those of this App's runs of a name, the newest first.
func (h githubAdapter) ExternalIDs(ctx context.Context, repo contracts.RepositoryRef, head, name string) ([]string, error) {
	runs, err := h.OwnCheckRuns(ctx, repo, head)
	var ids []string
	for _, run := range runs {
		if run.Name == name {
			ids = append(ids, run.ExternalID)
		}
	}
	return ids, err
}

// UpdateCheckRun changes a check run; one that is not there wraps fs.ErrNotExist.
func (h githubAdapter) UpdateCheckRun(ctx context.Context, repo contracts.RepositoryRef, id int64, run checks.CheckRun) error {
	return missing(h.Clients.UpdateCheckRun(ctx, repo, id, run))
}
