package handlers

import (
	"context"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// PullRequest is a pull request as read at work time, or a merge group, which is
// judged like one.
type PullRequest struct {
	// Repository that it is asked of, by its present name and visibility.
	Repository contracts.RepositoryRef

	Number int // 0: a merge group
	// Group leads from the check runs of a merge group back to it; empty: none.
	Group   string
	Open    bool
	Merged  bool
	Draft   bool
	Body    string
	Author  string
	BaseRef string
	BaseSHA string
	HeadSHA string
	// Fork is set where the head lives in another repository: nothing there is trusted.
	Fork bool
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
	MergeBase     string
	MergeBaseTree string
	Head          string
	Files         []ChangedFile
	// Complete is false where GitHub cut the list of files.
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
}

// Pulls reads pull requests and what they change.
type Pulls interface {
	PullRequest(ctx context.Context, repo contracts.RepositoryRef, number int) (PullRequest, error)
	Compare(ctx context.Context, repo contracts.RepositoryRef, base, head string) (Comparison, error)
	OpenPullRequests(ctx context.Context, repo contracts.RepositoryRef) ([]PullRequest, error)
}

// Trees reads repositories at a commit, by SHA.
type Trees interface {
	// Tree reads a tree (by its own SHA or a commit's).
	Tree(ctx context.Context, repo contracts.RepositoryRef, sha string) (contracts.Tree, error)
	// KnownTree is Tree where some of its files are known from before; nothing is
	// asked of GitHub before another is read.
	KnownTree(repo contracts.RepositoryRef, sha string, files []contracts.File) contracts.Tree
	// HeadTree is base with the comparison's files laid over it; where the list of
	// files was cut it is read whole, and files is the full list of changes.
	HeadTree(ctx context.Context, repo contracts.RepositoryRef, base contracts.Tree, c Comparison) (head contracts.Tree, files []ChangedFile, err error)
}

// Branches finds what a repository's default branch holds now.
type Branches interface {
	Repository(ctx context.Context, repo contracts.RepositoryRef) (Repository, error)
	// Head gives an error that wraps io/fs.ErrNotExist for an empty repository.
	Head(ctx context.Context, repo contracts.RepositoryRef, branch string) (Commit, error)
}

// Installations lists what an installation lets the App read.
type Installations interface {
	// Page gives one page of repositories, counted from 1, the number of the next
	// one (0 at the end), and how many repositories there are in all.
	Page(ctx context.Context, installation int64, page int) (repositories []Repository, next, total int, err error)
}

// Publisher writes on GitHub.
type Publisher interface {
	checks.Runs
	checks.Comments
	// ExternalIDs gives those of this App's runs of that name on a commit, the newest first.
	ExternalIDs(ctx context.Context, repo contracts.RepositoryRef, head, name string) ([]string, error)
	// FindCheckRun gives this App's newest run of that name and external id on a commit, 0 without one.
	FindCheckRun(ctx context.Context, repo contracts.RepositoryRef, head, name, externalID string) (id int64, err error)
}

// PullState is what is remembered of a pull request between events.
type PullState struct {
	Head       string
	Open       bool
	CheckRun   int64
	Conclusion string
	// Digest of what was published; equal digests need no new run.
	Digest  string
	Comment checks.CommentState
	// Blocked is whom the pull request has ever had to wait for.
	Blocked []checks.Blocked
	// Named are the repositories of the consumers that the check run names.
	Named []int64
}

// PullStates remembers pull requests. An unknown one is the zero PullState.
type PullStates interface {
	PullState(ctx context.Context, repo contracts.RepositoryRef, number int) (PullState, error)
	PutPullState(ctx context.Context, repo contracts.RepositoryRef, number int, state PullState) error
}

// PullRef names a pull request.
type PullRef struct {
	Repository contracts.RepositoryRef
	Number     int
}

// Topics remember what the answer to an open pull request depends on besides its
// own repository; see topicOfConsumer and its like for the names.
type Topics interface {
	// PutTopics replaces the topics of a pull request.
	PutTopics(ctx context.Context, repo contracts.RepositoryRef, number int, topics []string) error
	// PullsOf gives the pull requests that depend on a topic.
	PullsOf(ctx context.Context, installation int64, topic string) ([]PullRef, error)
}

// Scan is how far the reading of an installation's repositories has come.
type Scan struct {
	Total, Done int
	Running     bool
}

// Accounts remembers installations and the life of their repositories.
type Accounts interface {
	PutInstallation(ctx context.Context, installation int64, account string, state string) error
	// Returned tells whether the account had the App before, by another installation.
	Returned(ctx context.Context, installation int64) (bool, error)
	// RenameAccount gives the repositories that have another name now.
	RenameAccount(ctx context.Context, installation int64, login string) ([]contracts.RepositoryRef, error)
	// PutRepository tells whether the repository was known by another name, visibility
	// or state, and whether it is back from being gone.
	PutRepository(ctx context.Context, repo Repository) (changed, back bool, err error)
	// RepositoryNamed finds a repository by its name, or gives an error that wraps
	// io/fs.ErrNotExist.
	RepositoryNamed(ctx context.Context, installation int64, owner, name string) (contracts.RepositoryRef, error)
	// GoneRepository keeps what is known of a repository and marks it with the reason.
	GoneRepository(ctx context.Context, repo contracts.RepositoryRef, reason string) error
	// Elsewhere lists a repository as other installations still know it.
	Elsewhere(ctx context.Context, repo contracts.RepositoryRef) ([]contracts.RepositoryRef, error)
	// Enrolled lists the readable repositories of every installation that take part.
	Enrolled(ctx context.Context) ([]contracts.RepositoryRef, error)
	Scan(ctx context.Context, installation int64) (Scan, error)
	StartScan(ctx context.Context, installation int64, total int) error
	// ListPage adds a page of repositories to the scan; last says that none follows.
	ListPage(ctx context.Context, installation int64, page int, repositories []int64, last bool) (Scan, error)
	// StepScan counts one repository of the scan as read, once.
	StepScan(ctx context.Context, installation, repository int64) (Scan, error)
}

// Work is a job for later, or for another worker.
type Work struct {
	Kind string
	// Key: work of one key is done one at a time, in order.
	Key          string
	Installation int64
	Args         any
	// At is when it is due; zero: now.
	At time.Time
	// Once names work that is stored once for as long as finished work is kept; "": not named.
	Once string
}

// Queue takes work. Work of the same kind and key that has not begun is merged.
type Queue interface {
	Enqueue(ctx context.Context, work ...Work) error
	// Superseded tells whether newer work of the same kind and key waits behind
	// the job that ctx belongs to.
	Superseded(ctx context.Context) (bool, error)
	// Attempt of the job that ctx belongs to; 1 is the first. Waiting for a rate
	// limit is none.
	Attempt(ctx context.Context) int
	// Again tells whether the job was begun before: what that attempt has done on
	// GitHub is not known.
	Again(ctx context.Context) bool
}
