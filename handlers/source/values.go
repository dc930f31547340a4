package source

import (
	"context"
	"fmt"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// PullRequest is a pull request as it was read by the job, or a merge group, which is
// evaluated like one.
type PullRequest struct {
	// Repository that is asked about, by its present name and visibility.
	Repository contracts.RepositoryRef

	Number int // 0: a merge group
	// Group identifies a merge group from its check runs; empty: it is none.
	Group     string
	Open      bool
	Merged    bool
	Draft     bool
	Body      string
	Author    string
	CreatedAt time.Time
	// UpdatedAt is when anything about it changed, comments too.
	UpdatedAt time.Time
	BaseRef   string
	BaseSHA   string
	HeadSHA   string
	// Merge is the commit by which GitHub tried to merge it into the base branch as it is now;
	// empty if that conflicts, or is not known yet (Merging).
	Merge   string
	Merging bool
	// Fork is set where the head lives in another repository: nothing there is trusted.
	Fork bool
}

// against is what a head is compared with: the base branch as it is now; of a merge
// group the commit that it was put upon.
func (p PullRequest) against() string {
	if p.Number == 0 {
		return p.BaseSHA
	}
	return p.BaseRef
}

// Compare asks what a pull request, or a merge group, adds to what it is compared with.
func Compare(ctx context.Context, pulls Pulls, pull PullRequest) (Comparison, error) {
	comparison, err := pulls.Compare(ctx, pull.Repository, pull.against(), pull.HeadSHA)
	if err != nil {
		err = fmt.Errorf("compare %s...%s in %s: %w", pull.against(), pull.HeadSHA, pull.Repository.FullName(), err)
	}
	return comparison, err
}

// ChangedFile is one file of a comparison.
type ChangedFile struct {
	Path string
	// Previous is the path before a rename.
	Previous string
	// Status in GitHub's words: added, removed, modified, renamed, copied, changed, unchanged.
	Status string
	// SHA is the blob's at the head.
	SHA string
}

// Comparison is what a head adds to a base since their merge base.
type Comparison struct {
	// Base is the commit that the head is compared with, such as the base branch's newest.
	Base          string
	MergeBase     string
	MergeBaseTree string
	Head          string
	Files         []ChangedFile
	// Complete is false if GitHub cut the list of files.
	Complete bool
}

// Commit is the head of a branch.
type Commit struct {
	SHA, Tree string
}

// Repository is a repository as GitHub describes it now.
type Repository struct {
	contracts.RepositoryRef
	DefaultBranch string `json:"default_branch,omitempty"`
	Archived      bool   `json:"archived,omitempty"`
	// PushedAt is when it was pushed to last, on any branch; zero: not known.
	PushedAt time.Time `json:"pushed_at,omitzero"`
}

// PullRef names a pull request.
type PullRef struct {
	Repository contracts.RepositoryRef
	Number     int
}

// PendingGate is an environment that a workflow run waits for.
type PendingGate struct {
	Run         int64
	Environment string
	Commit      string
	// Started is when the run was last started. A re-run asks again.
	Started time.Time
}

// Pulls reads pull requests and what they change.
type Pulls interface {
	PullRequest(ctx context.Context, repo contracts.RepositoryRef, number int) (PullRequest, error)
	Compare(ctx context.Context, repo contracts.RepositoryRef, base, head string) (Comparison, error)
	OpenPullRequests(ctx context.Context, repo contracts.RepositoryRef) ([]PullRequest, error)
	// MergeCommit reads a commit by its SHA.
	MergeCommit(ctx context.Context, repo contracts.RepositoryRef, sha string) (MergeCommit, error)
}

// MergeCommit is a commit with what it was made from.
type MergeCommit struct {
	Tree    string
	Parents []string
}

// Trees reads repositories at a commit, by SHA.
type Trees interface {
	// Tree reads a tree (by its own SHA or a commit's).
	Tree(ctx context.Context, repo contracts.RepositoryRef, sha string) (contracts.Tree, error)
	// KnownTree is Tree if some of its files are known already; GitHub is not asked before
	// another one is read.
	KnownTree(repo contracts.RepositoryRef, sha string, files []contracts.File) contracts.Tree
	// HeadTree is base with the comparison's files laid over it; where the list of
	// files was cut it is read whole, and files is the full list of changes.
	HeadTree(ctx context.Context, repo contracts.RepositoryRef, base contracts.Tree, c Comparison) (head contracts.Tree, files []ChangedFile, err error)
}

// Branches finds what a repository's default branch holds now.
type Branches interface {
	Repository(ctx context.Context, repo contracts.RepositoryRef) (Repository, error)
	// Head returns an error that wraps io/fs.ErrNotExist for an empty repository.
	Head(ctx context.Context, repo contracts.RepositoryRef, branch string) (Commit, error)
}

// Providers knows who provides which API, per installation.
type Providers interface {
	// Providers resolves an API's name as a consumer writes it, in full or in short. A short
	// name belongs to the repository that provided it first. None: nothing provides it.
	Providers(ctx context.Context, installation int64, written string) ([]contracts.APIRef, error)
	// APIs lists every API that is provided.
	APIs(ctx context.Context, installation int64) ([]contracts.APIRef, error)
}

// Record is GitHub's own record of what was deployed and released.
type Record interface {
	// Deployment reads one, without its statuses; what is not there gives an error
	// that wraps io/fs.ErrNotExist.
	Deployment(ctx context.Context, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error)
	// Deployments returns the newest hundred, to one environment if it is named. more
	// reports that there are others.
	Deployments(ctx context.Context, repo contracts.RepositoryRef, environment string) (newest []deploy.Deployment, more bool, err error)
	DeploymentStatuses(ctx context.Context, repo contracts.RepositoryRef, id int64) ([]deploy.Status, error)
	// Releases returns the full ones, newest first, without their commits.
	Releases(ctx context.Context, repo contracts.RepositoryRef) ([]deploy.Release, error)
	// TagCommit is like Deployment for a tag that is not there.
	TagCommit(ctx context.Context, repo contracts.RepositoryRef, tag string) (string, error)
}
