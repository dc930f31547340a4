package checks

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// FoundRun is a check run as GitHub lists it, made by any App.
type FoundRun struct {
	ID         int64
	Own        bool
	ExternalID string
}

// Remote is what publishing needs of GitHub.
type Remote interface {
	Runs
	Comments
	// RunsNamed lists the newest check runs of a name on a commit, of every App, the newest
	// first.
	RunsNamed(ctx context.Context, repo contracts.RepositoryRef, head, name string) ([]FoundRun, error)
	// FindCheckRun gives this App's newest run of that name and external id on a commit, 0
	// without one.
	FindCheckRun(ctx context.Context, repo contracts.RepositoryRef, head, name, externalID string) (id int64, err error)
	// AnnotationCount tells how many annotations a check run has.
	AnnotationCount(ctx context.Context, repo contracts.RepositoryRef, id int64) (int, error)
	// DeploymentStatuses gives an error that wraps io/fs.ErrNotExist for a deployment that
	// is gone.
	DeploymentStatuses(ctx context.Context, repo contracts.RepositoryRef, id int64) ([]deploy.Status, error)
	ReportDeployment(ctx context.Context, repo contracts.RepositoryRef, id int64, state deploy.State, description, page string) error
	CreateIssue(ctx context.Context, repo contracts.RepositoryRef, title, body string) (number int, err error)
	// EditIssue gives an error that wraps io/fs.ErrNotExist for an issue that is gone.
	EditIssue(ctx context.Context, repo contracts.RepositoryRef, number int, body string, closed bool) error
	// FindIssue gives this App's own issue that holds a marker, 0 without one.
	FindIssue(ctx context.Context, repo contracts.RepositoryRef, marker string, since time.Time) (number int, err error)
}

// Reconciler makes what stands on GitHub equal to what is desired.
//
//	desired ≠ published ──▶ unsure (stored) ──▶ request to GitHub ──▶ published (stored)
//	                          │  ▲ an attempt that ended in between
//	                          ▼  │
//	                        look for what it made, and take that over
//
// Callers must not reconcile one subject twice at a time. Apart from that it may be
// called again at any point, by another process too: it leaves one check run, comment,
// status or issue of each name.
type Reconciler struct {
	github Remote
	store  PublicationStore
}

// NewReconciler returns a reconciler.
func NewReconciler(github Remote, store PublicationStore) (*Reconciler, error) {
	if github == nil || store == nil {
		return nil, errors.New("make the reconciler: GitHub and the store are both needed")
	}
	return &Reconciler{github, store}, nil
}

var publicationOrder = []PublicationKind{PublishedRedaction, PublishedRun, PublishedStatus, PublishedIssue, PublishedComment}

// Reconcile publishes what a subject lacks.
func (r *Reconciler) Reconcile(ctx context.Context, repo contracts.RepositoryRef, subject string) error {
	all, err := r.store.Publications(ctx, repo, subject)
	if err != nil {
		return err
	}
	if head, ok := CommitOfSubject(subject); ok {
		if all, err = r.withVerdicts(ctx, repo, head, all); err != nil {
			return err
		}
	}
	slices.SortStableFunc(all, func(a, b Publication) int {
		return cmp.Compare(slices.Index(publicationOrder, a.Kind), slices.Index(publicationOrder, b.Kind))
	})
	for _, p := range all {
		if err := r.publish(ctx, repo, p); err != nil {
			return fmt.Errorf("publish the %s %s of %s: %w", p.Kind, p.Name, subject, err)
		}
	}
	return nil
}

// Pending reports whether something of a subject is not published yet.
func (r *Reconciler) Pending(ctx context.Context, repo contracts.RepositoryRef, subject string) (bool, error) {
	all, err := r.store.Publications(ctx, repo, subject)
	return slices.ContainsFunc(all, func(p Publication) bool { return p.Kind != PublishedVerdict && !p.settled() }), err
}

func (r *Reconciler) publish(ctx context.Context, repo contracts.RepositoryRef, p Publication) error {
	switch p.Kind {
	case PublishedRedaction:
		return r.redact(ctx, repo, p)
	case PublishedRun:
		if _, ok := CommitOfSubject(p.Subject); ok {
			return r.commitRun(ctx, repo, p)
		}
		return r.ownRun(ctx, repo, p)
	case PublishedStatus:
		return r.status(ctx, repo, p)
	case PublishedIssue:
		return r.issue(ctx, repo, p)
	case PublishedComment:
		return r.comment(ctx, repo, p)
	}
	return nil
}

// status reports on a deployment, unless it has such a status of this App: one is enough,
// for whichever of its targets.
func (r *Reconciler) status(ctx context.Context, repo contracts.RepositoryRef, p Publication) error {
	if p.Published != "" {
		return nil
	}
	var status StatusContent
	if err := json.Unmarshal(p.Content, &status); err != nil {
		return err
	}
	statuses, err := r.github.DeploymentStatuses(ctx, repo, status.Deployment)
	gone := errors.Is(err, fs.ErrNotExist)
	if err != nil && !gone {
		return err
	}
	there := slices.ContainsFunc(statuses, func(s deploy.Status) bool { return s.Own && s.State == status.State })
	if !gone && !there {
		if err := r.github.ReportDeployment(ctx, repo, status.Deployment, status.State, status.Description, status.Page); err != nil {
			return err
		}
	}
	p.Published = p.Digest
	return r.store.PutActual(ctx, repo, p)
}

// issueMemo is what is remembered of an issue.
type issueMemo struct {
	Closed bool `json:"closed,omitempty"` // by us, or deleted by somebody
}

// issue keeps an issue. One that was closed is left alone.
func (r *Reconciler) issue(ctx context.Context, repo contracts.RepositoryRef, p Publication) error {
	var memo issueMemo
	if p.Memo != "" {
		if err := json.Unmarshal([]byte(p.Memo), &memo); err != nil {
			return err
		}
	}
	if p.settled() || memo.Closed {
		return nil
	}
	var issue IssueContent
	if err := json.Unmarshal(p.Content, &issue); err != nil {
		return err
	}
	number := int(p.Remote)
	made := false
	if number == 0 {
		found, err := r.github.FindIssue(ctx, repo, issue.Marker, issue.Since)
		if err != nil {
			return err
		}
		if number = found; number == 0 {
			if number, err = r.github.CreateIssue(ctx, repo, issue.Title, issue.Body); err != nil {
				return err
			}
			made = true
		}
		p.Remote = int64(number)
		if err := r.store.PutActual(ctx, repo, p); err != nil {
			return err
		}
	}
	if issue.Closed {
		found, err := r.github.FindComment(ctx, repo, number, issue.ClosingMarker)
		if err == nil && found == 0 {
			_, err = r.github.CreateComment(ctx, repo, number, issue.Closing)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if !made || issue.Closed {
		err := r.github.EditIssue(ctx, repo, number, issue.Body, issue.Closed)
		memo.Closed = issue.Closed || errors.Is(err, fs.ErrNotExist)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	p.Published, p.Memo = p.Digest, encodeMemo(memo)
	return r.store.PutActual(ctx, repo, p)
}

// sending stands before the digest of a comment while it is being made.
const sending = "sending:"

// comment keeps a comment. It is looked for before another one is made wherever an earlier
// attempt, or an earlier installation of the App, may have made it.
func (r *Reconciler) comment(ctx context.Context, repo contracts.RepositoryRef, p Publication) error {
	var comment CommentContent
	if err := json.Unmarshal(p.Content, &comment); err != nil {
		return err
	}
	if p.settled() || comment.Once && p.Published != "" && !p.Unsure {
		return nil
	}
	k := keeper{r.github, repo, comment}
	state := commentState{ID: p.Remote, Mentioned: p.Memo}
	arrived := false // what an attempt whose answer is not known has made
	if p.Unsure || state.ID == 0 && comment.Whole && !comment.Once {
		id, err := r.github.FindComment(ctx, repo, comment.Number, comment.Marker)
		if err != nil {
			return fmt.Errorf("look for the comment on %s#%d: %w", repo.FullName(), comment.Number, err)
		}
		if id != 0 {
			if state.ID == 0 {
				state.Mentioned = called(state.Mentioned, comment.Owners) // by the attempt that made it
				arrived = p.Published == sending+p.Digest
			}
			state.ID = id
		}
		p.Unsure = false
	}
	store := func() error {
		p.Remote, p.Memo = state.ID, state.Mentioned
		return r.store.PutActual(ctx, repo, p)
	}
	if state.ID != 0 && !comment.Once && !arrived {
		gone, err := k.edit(ctx, &state)
		if err != nil {
			return err
		}
		if gone {
			state.ID = 0
		}
	}
	if state.ID == 0 && (comment.Needed || comment.Whole) {
		p.Unsure, p.Published = true, sending+p.Digest
		if err := store(); err != nil {
			return err
		}
		if err := k.create(ctx, &state); err != nil {
			return err
		}
	}
	p.Published, p.Unsure = p.Digest, false
	return store()
}

func encodeMemo(memo any) string {
	encoded, err := json.Marshal(memo)
	if err != nil {
		panic(fmt.Sprintf("plain data: %v", err))
	}
	return string(encoded)
}
