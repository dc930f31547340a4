package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// storeAdapter gives the handlers what they need of the store, in their own words.
type storeAdapter struct{ *store.Store }

var (
	_ pulls.PullStates  = storeAdapter{}
	_ pulls.PullChecks  = storeAdapter{}
	_ registry.Accounts = storeAdapter{}
	_ registry.Topics   = storeAdapter{}
	_ source.Providers  = storeAdapter{}
)

// detail is what the store keeps of a pull request without looking into it.
type detail struct {
	Comment checks.CommentState    `json:"comment"`
	Blocked []contracttext.Blocked `json:"blocked,omitempty"`
	Named   []int64                `json:"named,omitempty"`
}

// PullState recalls a pull request.
func (m storeAdapter) PullState(ctx context.Context, repo contracts.RepositoryRef, number int) (pulls.PullState, error) {
	row, err := m.Store.PullState(ctx, repo, number)
	if err != nil {
		return pulls.PullState{}, err
	}
	state := pulls.PullState{Head: row.HeadSHA, Open: row.Open, CheckRun: row.CheckRun, Conclusion: row.Conclusion, Digest: row.Digest}
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
func (m storeAdapter) PutPullState(ctx context.Context, repo contracts.RepositoryRef, number int, state pulls.PullState) error {
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
func (m storeAdapter) PullCheck(ctx context.Context, repo contracts.RepositoryRef, number int, name string) (pulls.PullCheck, error) {
	row, err := m.Store.PullCheck(ctx, repo, number, name)
	return pulls.PullCheck{Head: row.HeadSHA, CheckRun: row.CheckRun, Conclusion: row.Conclusion, Digest: row.Digest}, err
}

// PutPullCheck remembers what was published under a check's name.
func (m storeAdapter) PutPullCheck(ctx context.Context, repo contracts.RepositoryRef, number int, name string, check pulls.PullCheck) error {
	return m.Store.PutPullCheck(ctx, repo, number, name, store.PullCheck{
		HeadSHA: check.Head, CheckRun: check.CheckRun, Conclusion: check.Conclusion, Digest: check.Digest,
	})
}

// PutInstallation remembers an account that installed the App.
func (m storeAdapter) PutInstallation(ctx context.Context, installation int64, account, state string) error {
	return m.Store.PutInstallation(ctx, store.Installation{ID: installation, Account: account, State: store.InstallationState(state)})
}

// PutRepository remembers a repository as GitHub describes it.
func (m storeAdapter) PutRepository(ctx context.Context, repo source.Repository) (changed, back bool, err error) {
	return m.Store.NoteRepository(ctx, store.Repository{RepositoryRef: repo.RepositoryRef, DefaultBranch: repo.DefaultBranch, Archived: repo.Archived})
}

// RepositoryNamed finds a repository that can be read by its name.
func (m storeAdapter) RepositoryNamed(ctx context.Context, installation int64, owner, name string) (contracts.RepositoryRef, error) {
	found, err := m.RepositoryByName(ctx, installation, owner, name)
	if err == nil && found.Gone != "" {
		err = fmt.Errorf("find repository %s/%s: %s: %w", owner, name, found.Gone, fs.ErrNotExist)
	}
	return found.RepositoryRef, err
}

// GoneRepository marks a repository that can't be read any more.
func (m storeAdapter) GoneRepository(ctx context.Context, repo contracts.RepositoryRef, reason string) error {
	return m.MarkGone(ctx, repo, reason)
}

// Enrolled lists the repositories that take part.
func (m storeAdapter) Enrolled(ctx context.Context) ([]contracts.RepositoryRef, error) {
	rows, err := m.Store.Enrolled(ctx)
	return refs(rows), err
}

// Elsewhere lists a repository as other installations still know it.
func (m storeAdapter) Elsewhere(ctx context.Context, repo contracts.RepositoryRef) ([]contracts.RepositoryRef, error) {
	rows, err := m.Store.Elsewhere(ctx, repo)
	return refs(rows), err
}

// RenameAccount gives the repositories that have another name now.
func (m storeAdapter) RenameAccount(ctx context.Context, installation int64, login string) ([]contracts.RepositoryRef, error) {
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
func (m storeAdapter) Scan(ctx context.Context, installation int64) (source.Scan, error) {
	return scanOf(m.Store.Scan(ctx, installation))
}

// ListPage adds a page of repositories to the scan.
func (m storeAdapter) ListPage(ctx context.Context, installation int64, page int, repositories []int64, last bool) (source.Scan, error) {
	return scanOf(m.Store.ListPage(ctx, installation, page, repositories, last))
}

// StepScan counts one repository as read.
func (m storeAdapter) StepScan(ctx context.Context, installation, repository int64) (source.Scan, error) {
	return scanOf(m.Store.StepScan(ctx, installation, repository))
}

func scanOf(scan store.Scan, err error) (source.Scan, error) {
	return source.Scan{Total: scan.Total, Done: scan.Done, Running: scan.Running()}, err
}

// PullsOf gives the pull requests that depend on a topic.
func (m storeAdapter) PullsOf(ctx context.Context, installation int64, topic string) ([]source.PullRef, error) {
	found, err := m.Store.PullsOf(ctx, installation, topic)
	refs := make([]source.PullRef, len(found))
	for i, ref := range found {
		refs[i] = source.PullRef(ref)
	}
	return refs, err
}

// Providers resolves an API's name as a consumer writes it.
func (m storeAdapter) Providers(ctx context.Context, installation int64, written string) ([]contracts.APIRef, error) {
	found, err := m.Store.Providers(ctx, installation, written)
	return apis(found), err
}

// APIs lists every API that somebody provides.
func (m storeAdapter) APIs(ctx context.Context, installation int64) ([]contracts.APIRef, error) {
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

var _ work.Queue = jobs{}

// Enqueue stores work for later.
func (j jobs) Enqueue(ctx context.Context, work ...work.Work) error {
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
