// Package publication publishes what the other packages of handlers decide: they store what
// GitHub should show, and jobs make it so. Jobs of one subject run one at a time, in any
// process, so that nothing is created twice.
package publication

import (
	"context"
	"errors"
	"slices"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/work"
)

// Store remembers what GitHub should show.
type Store interface {
	checks.PublicationStore
	PutDesired(ctx context.Context, repo contracts.RepositoryRef, all ...checks.Publication) error
	PutVerdict(ctx context.Context, repo contracts.RepositoryRef, p checks.Publication) error
	DropVerdicts(ctx context.Context, repo contracts.RepositoryRef, subject string) error
	Publication(ctx context.Context, repo contracts.RepositoryRef, subject string, kind checks.PublicationKind, name string) (p checks.Publication, ok bool, err error)
}

// Publisher stores what GitHub should show and publishes it.
type Publisher struct {
	store      Store
	queue      work.Queue
	reconciler *checks.Reconciler
	now        func(ctx context.Context) (time.Time, error)
}

// New returns a publisher.
func New(github checks.Remote, store Store, queue work.Queue, now func(ctx context.Context) (time.Time, error)) (*Publisher, error) {
	if queue == nil || now == nil {
		return nil, errors.New("make the publisher: the queue and the clock are both needed")
	}
	reconciler, err := checks.NewReconciler(github, store)
	if err != nil {
		return nil, err
	}
	return &Publisher{store, queue, reconciler, now}, nil
}

// Put stores what GitHub should show and queues its publication.
func (p *Publisher) Put(ctx context.Context, repo contracts.RepositoryRef, all ...checks.Publication) error {
	if err := p.store.PutDesired(ctx, repo, all...); err != nil {
		return err
	}
	var subjects []string
	for _, one := range all {
		subjects = append(subjects, one.Subject)
	}
	return p.publish(ctx, repo, subjects...)
}

// PutComment stores what a comment should say. It is published after the check runs of
// its pull request.
func (p *Publisher) PutComment(ctx context.Context, repo contracts.RepositoryRef, comment checks.Publication) error {
	return p.store.PutDesired(ctx, repo, comment)
}

// PutVerdict stores the verdict of a pull request or merge group on its head. Publish
// publishes it, with the pull request's comment.
func (p *Publisher) PutVerdict(ctx context.Context, repo contracts.RepositoryRef, verdict checks.Publication) error {
	return p.store.PutVerdict(ctx, repo, verdict)
}

// Publish queues the check runs of a commit, then the comments of the pull requests with
// that head.
func (p *Publisher) Publish(ctx context.Context, repo contracts.RepositoryRef, head string) error {
	return p.publish(ctx, repo, checks.SubjectOfCommit(head))
}

// Foreign checks the check runs of a commit again after another app has made one of that
// name. It answers at most once a minute, however often that happens.
func (p *Publisher) Foreign(ctx context.Context, repo contracts.RepositoryRef, head, name string) error {
	verdicts, err := p.store.Verdicts(ctx, repo, head)
	if err != nil || !slices.ContainsFunc(verdicts, func(v checks.Publication) bool { return v.Name == name }) {
		return err // we say nothing under that name
	}
	subject := checks.SubjectOfCommit(head)
	job := work.PublishWork(repo, subject)
	run, _, err := p.store.Publication(ctx, repo, subject, checks.PublishedRun, name)
	if err != nil {
		return err
	}
	if checks.Contested(run) {
		now, err := p.now(ctx)
		if err != nil {
			return err
		}
		job.At = now.Add(time.Minute)
	}
	return p.queue.Enqueue(ctx, job)
}

// Drop forgets the verdicts of a pull request that is closed.
func (p *Publisher) Drop(ctx context.Context, repo contracts.RepositoryRef, subject string) error {
	return p.store.DropVerdicts(ctx, repo, subject)
}

// Published returns what is known of a publication; ok is false without one.
func (p *Publisher) Published(ctx context.Context, repo contracts.RepositoryRef, subject string, kind checks.PublicationKind, name string) (checks.Publication, bool, error) {
	return p.store.Publication(ctx, repo, subject, kind, name)
}

// Standing returns what is known to stand on GitHub of a closed pull request: the check runs of
// its head through which no open one speaks, and its comment.
func (p *Publisher) Standing(ctx context.Context, repo contracts.RepositoryRef, number int, head string) (standing []checks.Publication, err error) {
	verdicts, err := p.store.Verdicts(ctx, repo, head)
	if err != nil {
		return nil, err
	}
	for _, subject := range []string{checks.SubjectOfCommit(head), checks.SubjectOfPull(number)} {
		all, err := p.store.Publications(ctx, repo, subject)
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			spoken := slices.ContainsFunc(verdicts, func(v checks.Publication) bool { return v.Name == one.Name })
			if one.Remote != 0 && (one.Kind == checks.PublishedRun && !spoken || one.Kind == checks.PublishedComment) {
				standing = append(standing, one)
			}
		}
	}
	return standing, nil
}

func (p *Publisher) publish(ctx context.Context, repo contracts.RepositoryRef, subjects ...string) error {
	queued := map[string]bool{}
	var jobs []work.Work
	for _, subject := range subjects {
		if !queued[subject] {
			queued[subject] = true
			jobs = append(jobs, work.PublishWork(repo, subject))
		}
	}
	return p.queue.Enqueue(ctx, jobs...)
}

// Do publishes what a subject lacks.
func (p *Publisher) Do(ctx context.Context, args work.PublishArgs) error {
	if err := p.reconciler.Reconcile(ctx, args.Repository, args.Subject); err != nil {
		return err
	}
	head, ok := checks.CommitOfSubject(args.Subject)
	if !ok {
		return nil
	}
	verdicts, err := p.store.Verdicts(ctx, args.Repository, head)
	if err != nil {
		return err
	}
	var pending []string
	for _, verdict := range verdicts {
		yes, err := p.reconciler.Pending(ctx, args.Repository, verdict.Subject)
		if err != nil {
			return err
		}
		if yes {
			pending = append(pending, verdict.Subject)
		}
	}
	return p.publish(ctx, args.Repository, pending...)
}
