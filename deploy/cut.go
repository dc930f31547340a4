package deploy

import (
	"time"

	"plimsoll/deploy/signal"
)

// HistoryReach is how far before a deployment other ones are cut out of its history: the
// seven days of placebos with what they are compared with.
const HistoryReach = 8*24*time.Hour + 2*time.Hour

// mostUnsettled is how long a deployment that was not verified stays out of what later ones are
// compared with. A level that lasts longer counts as normal.
const mostUnsettled = 24 * time.Hour

// Why something is cut out of a history.
const (
	// CutRollOut: this deployment was replacing what ran before.
	CutRollOut = "roll-out"
	// CutDeployment: an earlier deployment, up to its success.
	CutDeployment = "deployment"
	// CutUnsettled: an earlier deployment that was not verified, and what came after it.
	CutUnsettled = "unsettled"
	// CutFailed: an earlier deployment that failed, and what came after it.
	CutFailed = "failed"
)

// mostFailing is how long a deployment that failed may have been at it: it may have waited for
// somebody before.
const mostFailing = 6 * time.Hour

// cutOut names what later verifications must not be measured by: the roll-out of this
// deployment, earlier deployments from the first instance that they replaced, and all the time
// until the next one of those that were never verified or that failed: some instances may have
// been replaced.
func (h *History) cutOut(v Verification, earlier []VerificationRun, failed []Deployment) {
	if begins := h.rolledOutFrom(v); begins.Before(v.Began) {
		h.Cuts = append(h.Cuts, signal.Cut{From: begins.Unix(), To: v.Began.Unix(), Why: CutRollOut})
	}
	next := h.rolledOutFrom(v)
	succeeded := []time.Time{next, v.Began}
	for _, run := range earlier {
		if run.Deployment == v.Deployment || !run.Began.Before(v.Began) {
			continue
		}
		if v.Began.Sub(run.Began) > HistoryReach {
			break
		}
		cut := signal.Cut{From: run.RolledOutFrom().Unix(), To: run.Began.Unix(), Why: CutDeployment}
		if until := run.unsettledUntil(next); until.After(run.Began) {
			cut.To, cut.Why = until.Unix(), CutUnsettled
		}
		h.Cuts = append(h.Cuts, cut)
		if run.Verdict != nil && run.Verdict.Answer == Verified {
			h.Verified = append(h.Verified, run.Began.Unix())
		}
		next = run.RolledOutFrom()
		succeeded = append(succeeded, next)
	}
	for _, d := range failed {
		if d.ID != v.Deployment && d.StateAt.Before(v.Began) {
			h.Cuts = append(h.Cuts, d.failedUntil(succeeded))
		}
	}
}

// failedUntil is the time of a failed deployment, up to the next one that succeeded.
func (d Deployment) failedUntil(succeeded []time.Time) signal.Cut {
	from, to := d.StateAt.Add(-mostFailing), d.StateAt.Add(mostUnsettled)
	if d.CreatedAt.After(from) {
		from = d.CreatedAt
	}
	for _, next := range succeeded {
		if next.After(d.StateAt) && next.Before(to) {
			to = next
		}
	}
	return signal.Cut{From: from.Unix(), To: to.Unix(), Why: CutFailed}
}

// RolledOutFrom is when the first instances may have been replaced.
func (v Verification) RolledOutFrom() time.Time {
	if v.Started.IsZero() || v.Started.After(v.Began) {
		return v.Began
	}
	return v.Started
}

// unsettledUntil is up to when nobody knows whether the service works as it did before the
// deployment: of one that is inconclusive, as long as it was watched; of one that was never
// decided or is not to be trusted, until the next.
func (run VerificationRun) unsettledUntil(next time.Time) time.Time {
	until := run.Began.Add(mostUnsettled)
	switch {
	case run.Verdict != nil && run.Verdict.Answer == Verified:
		return run.Began
	case run.Verdict != nil && run.Verdict.Answer == Inconclusive:
		until = run.Ends()
	}
	if until.After(next) {
		return next
	}
	return until
}
