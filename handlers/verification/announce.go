package verification

import (
	"cmp"
	"context"
	"fmt"
	"time"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/work"
)

// Announcer queues notifications for the operator's destinations. It connects to none of them:
// one that is down delays nothing.
type Announcer interface {
	// Announce queues an event of a repository's deployment, once for each destination.
	Announce(ctx context.Context, repo contracts.RepositoryRef, n work.Notification) error
}

// events are those of verdicts. There is none for a deployment that was superseded.
var events = map[deploy.Answer]config.NotifiedEvent{
	deploy.Verified: config.NotifyVerified, deploy.Investigate: config.NotifyInvestigate, deploy.RollBack: config.NotifyRollBack, deploy.Inconclusive: config.NotifyInconclusive,
}

// announce queues what is new of a run: its verdict, and how far its rollback has come.
func (r *Reporter) announce(ctx context.Context, run deploy.VerificationRun, deployed deploytext.Deployed, now time.Time) error {
	n := work.Notification{
		Repository: run.Repository.FullName(), Component: run.Target.Component, Environment: run.Target.Environment, Instance: run.Target.Instance,
		Commit: run.Commit, Deployment: run.Deployment, URL: deployed.DetailsURL,
	}
	if event, ok := events[run.Verdict.Answer]; ok && !run.Reported {
		verdict := n
		verdict.ID, verdict.Event, verdict.At = work.NotificationID(run.ID(), "verdict"), event, run.Verdict.At
		verdict.Title, verdict.Verdict = deploytext.NotificationOfVerdict(deployed), string(run.Verdict.Answer)
		if err := r.deps.Announcer.Announce(ctx, run.Repository, verdict); err != nil {
			return err
		}
	}
	m := run.Rollback
	state := rollbackState(m)
	if state == "" {
		return nil
	}
	n.ID, n.Event = work.NotificationID(run.ID(), fmt.Sprintf("rollback/%s/%d/%s", m.Source, m.Intended.Unix(), state)), config.NotifyRollback
	n.At, n.Title = firstKnown(m.OutcomeAt, m.Performed, m.Intended), deploytext.NotificationOfRollback(deployed)
	if n.At.IsZero() {
		n.At = now // nothing else says when it was proposed or refused
	}
	n.Rollback = &work.NotifiedRollback{State: state, ToCommit: cmp.Or(m.Ended, m.ToCommit), Outcome: string(m.Outcome)}
	return r.deps.Announcer.Announce(ctx, run.Repository, n)
}

// rollbackState is how far a rollback has come, for notifications; empty: there is none. The
// state before GitHub has taken it is not reported.
func rollbackState(m *deploy.Rollback) string {
	switch {
	case m == nil || m.State == "" || m.Outcome == "" && m.Lost == nil && m.State == deploy.RollbackPerforming:
		return ""
	case m.Outcome != "":
		return "ended"
	case m.Lost != nil:
		return "lost"
	case m.WouldHave():
		return "dry-run"
	}
	return string(m.State)
}

// firstKnown is the first of several times that is known.
func firstKnown(times ...time.Time) time.Time {
	for _, at := range times {
		if !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}
