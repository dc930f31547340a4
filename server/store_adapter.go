package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// memory gives the handlers what they need of the store, in their own words.
type memory struct{ *store.Store }

var (
	_ handlers.PullStates = memory{}
	_ handlers.PullChecks = memory{}
	_ handlers.Accounts   = memory{}
	_ handlers.Topics     = memory{}
	_ handlers.Providers  = memory{}
)

// detail is what the store keeps of a pull request without looking into it.
type detail struct {
	Comment checks.CommentState `json:"comment"`
	Blocked []checks.Blocked    `json:"blocked,omitempty"`
	Named   []int64             `json:"named,omitempty"`
}

// PullState recalls a pull request.
func (m memory) PullState(ctx context.Context, repo contracts.RepositoryRef, number int) (handlers.PullState, error) {
	row, err := m.Store.PullState(ctx, repo, number)
	if err != nil {
		return handlers.PullState{}, err
	}
	state := handlers.PullState{Head: row.HeadSHA, Open: row.Open, CheckRun: row.CheckRun, Conclusion: row.Conclusion, Digest: row.Digest}
	if row.Detail == "" {
		return state, nil
	}
	var kept detail
	if err := json.Unmarshal([]byte(row.Detail), &kept); err != nil {
		return state, fmt.Errorf("read the state of %s#%d: %w", repo.FullName(), number, err)
	}
	state.Comment, state.Blocked, state.Named = kept.Comment, kept.Blocked, kept.Named
	return state, nil
}

// PutPullState remembers a pull request.
func (m memory) PutPullState(ctx context.Context, repo contracts.RepositoryRef, number int, state handlers.PullState) error {
	kept, err := json.Marshal(detail{Comment: state.Comment, Blocked: state.Blocked, Named: state.Named})
	if err != nil {
		return fmt.Errorf("write the state of %s#%d: %w", repo.FullName(), number, err)
	}
	return m.Store.PutPullState(ctx, repo, store.PullState{
		Number: number, HeadSHA: state.Head, Open: state.Open, CheckRun: state.CheckRun, Comment: state.Comment.ID,
		Conclusion: state.Conclusion, Digest: state.Digest, Detail: string(kept),
	})
}

// PullCheck recalls what was published under a check's name.
func (m memory) PullCheck(ctx context.Context, repo contracts.RepositoryRef, number int, name string) (handlers.PullCheck, error) {
	row, err := m.Store.PullCheck(ctx, repo, number, name)
	return handlers.PullCheck{Head: row.HeadSHA, CheckRun: row.CheckRun, Conclusion: row.Conclusion, Digest: row.Digest}, err
}

// PutPullCheck remembers what was published under a check's name.
func (m memory) PutPullCheck(ctx context.Context, repo contracts.RepositoryRef, number int, name string, check handlers.PullCheck) error {
	return m.Store.PutPullCheck(ctx, repo, number, name, store.PullCheck{
		HeadSHA: check.Head, CheckRun: check.CheckRun, Conclusion: check.Conclusion, Digest: check.Digest,
	})
}

// PutInstallation remembers an account that installed the App.
func (m memory) PutInstallation(ctx context.Context, installation int64, account, state string) error {
	return m.Store.PutInstallation(ctx, store.Installation{ID: installation, Account: account, State: store.InstallationState(state)})
}

// PutRepository remembers a repository as GitHub describes it.
func (m memory) PutRepository(ctx context.Context, repo handlers.Repository) (changed, back bool, err error) {
	return m.Store.NoteRepository(ctx, store.Repository{RepositoryRef: repo.RepositoryRef, DefaultBranch: repo.DefaultBranch, Archived: repo.Archived})
}

// RepositoryNamed finds a repository that can be read by its name.
func (m memory) RepositoryNamed(ctx context.Context, installation int64, owner, name string) (contracts.RepositoryRef, error) {
	found, err := m.RepositoryByName(ctx, installation, owner, name)
	if err == nil && found.Gone != "" {
		err = fmt.Errorf("find repository %s/%s: %s: %w", owner, name, found.Gone, fs.ErrNotExist)
	}
	return found.RepositoryRef, err
}

// GoneRepository marks a repository that can't be read any more.
func (m memory) GoneRepository(ctx context.Context, repo contracts.RepositoryRef, reason string) error {
	return m.MarkGone(ctx, repo, reason)
}

// Enrolled lists the repositories that take part.
func (m memory) Enrolled(ctx context.Context) ([]contracts.RepositoryRef, error) {
	rows, err := m.Store.Enrolled(ctx)
	return refs(rows), err
}

// Elsewhere lists a repository as other installations still know it.
func (m memory) Elsewhere(ctx context.Context, repo contracts.RepositoryRef) ([]contracts.RepositoryRef, error) {
	rows, err := m.Store.Elsewhere(ctx, repo)
	return refs(rows), err
}

// RenameAccount gives the repositories that have another name now.
func (m memory) RenameAccount(ctx context.Context, installation int64, login string) ([]contracts.RepositoryRef, error) {
	rows, err := m.Store.RenameAccount(ctx, installation, login)
	return refs(rows), err
}

func refs(rows []store.Repository) []contracts.RepositoryRef {
	refs := make([]contracts.RepositoryRef, len(rows))
	for i, row := range rows {
		refs[i] = row.RepositoryRef
	}
	return refs
}

// Scan tells how far the first reading of an installation has come.
func (m memory) Scan(ctx context.Context, installation int64) (handlers.Scan, error) {
	return scanOf(m.Store.Scan(ctx, installation))
}

// ListPage adds a page of repositories to the scan.
func (m memory) ListPage(ctx context.Context, installation int64, page int, repositories []int64, last bool) (handlers.Scan, error) {
	return scanOf(m.Store.ListPage(ctx, installation, page, repositories, last))
}

// StepScan counts one repository as read.
func (m memory) StepScan(ctx context.Context, installation, repository int64) (handlers.Scan, error) {
	return scanOf(m.Store.StepScan(ctx, installation, repository))
}

func scanOf(scan store.Scan, err error) (handlers.Scan, error) {
	return handlers.Scan{Total: scan.Total, Done: scan.Done, Running: scan.Running()}, err
}

// PullsOf gives the pull requests that depend on a topic.
func (m memory) PullsOf(ctx context.Context, installation int64, topic string) ([]handlers.PullRef, error) {
	found, err := m.Store.PullsOf(ctx, installation, topic)
	refs := make([]handlers.PullRef, len(found))
	for i, ref := range found {
		refs[i] = handlers.PullRef(ref)
	}
	return refs, err
}

// Providers resolves an API's name as a consumer writes it.
func (m memory) Providers(ctx context.Context, installation int64, written string) ([]contracts.APIRef, error) {
	found, err := m.Store.Providers(ctx, installation, written)
	return apis(found), err
}

// APIs lists every API that somebody provides.
func (m memory) APIs(ctx context.Context, installation int64) ([]contracts.APIRef, error) {
	found, err := m.Store.APIs(ctx, installation)
	return apis(found), err
}

func apis(providers []store.Provider) []contracts.APIRef {
	refs := make([]contracts.APIRef, len(providers))
	for i, provider := range providers {
		refs[i] = provider.APIRef
	}
	return refs
}

// jobs gives the handlers the queue, in their own words.
type jobs struct{ *queue.Queue }

var _ handlers.Queue = jobs{}

// Enqueue stores work for later.
func (j jobs) Enqueue(ctx context.Context, work ...handlers.Work) error {
	queued := make([]queue.Job, len(work))
	for i, w := range work {
		args, err := json.Marshal(w.Args)
		if err != nil {
			return fmt.Errorf("write the arguments of %s: %w", w.Kind, err)
		}
		queued[i] = queue.Job{Kind: w.Kind, Key: w.Key, Installation: w.Installation, Args: args, RunAt: w.At, Dedupe: w.Once}
	}
	return j.Queue.Enqueue(ctx, queued...)
}

// Superseded tells whether newer work waits behind the job of ctx.
func (j jobs) Superseded(ctx context.Context) (bool, error) {
	job, ok := queue.FromContext(ctx)
	if !ok {
		return false, nil
	}
	return j.Queue.Superseded(ctx, job)
}

// Attempt of the job of ctx.
func (j jobs) Attempt(ctx context.Context) int {
	if job, ok := queue.FromContext(ctx); ok {
		return job.Attempt
	}
	return 1
}

// Again tells whether the job of ctx was begun before.
func (j jobs) Again(ctx context.Context) bool {
	job, ok := queue.FromContext(ctx)
	return ok && job.Again()
}
