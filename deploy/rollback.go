package deploy

import (
	"encoding/json"
	"time"

	"plimsoll/config"
)

// RollbackState is how far a rollback has come.
type RollbackState string

// The states.
//
//	proposed ─┬─▶ performing ─▶ performed ─▶ ended (see Rollback.Outcome)
//	refused ──┘        └─▶ failed
//
// Performing is stored before GitHub is asked: an attempt that finds it first looks for
// what an earlier one has done.
const (
	RollbackProposed   RollbackState = "proposed"
	RollbackRefused    RollbackState = "refused"
	RollbackPerforming RollbackState = "performing"
	RollbackPerformed  RollbackState = "performed"
	RollbackFailed     RollbackState = "failed"
)

// Rollback is what is done about a deployment that failed its verification in one target:
// the rollback, and the issue. It is stored as JSON, one for each verification.
type Rollback struct {
	// Verification is the id of the verification run. Deployment, Target and Commit are
	// those of the run.
	Verification string    `json:"verification"`
	Deployment   int64     `json:"deployment"`
	Target       Target    `json:"target"`
	Commit       string    `json:"commit"`
	Began        time.Time `json:"began"`

	State RollbackState `json:"state"`
	// ToCommit is the commit to roll back to; empty if there is none.
	ToCommit string `json:"to_commit,omitempty"`
	// Unverified: the verification of ToCommit was inconclusive, and it ran for a day.
	Unverified bool `json:"unverified,omitempty"`
	// Reasons say why it is not performed; of a performed one, what a person has
	// overridden.
	Reasons []RollbackReason `json:"reasons,omitempty"`
	// AskedBy is the login of the person who asked; empty if nobody did. Source names
	// where.
	AskedBy string `json:"asked_by,omitempty"`
	Source  string `json:"source,omitempty"`

	By       config.RollbackBy `json:"by,omitempty"`
	Workflow string            `json:"workflow,omitempty"`
	// Intended is when it was first tried, Performed when GitHub took it.
	Intended  time.Time `json:"intended,omitzero"`
	Performed time.Time `json:"performed,omitzero"`
	// Sent is when GitHub was last asked to start the workflow, and Sends how often; both
	// are written before it is asked, because its answer may be lost.
	Sent  time.Time `json:"sent,omitzero"`
	Sends int       `json:"sends,omitempty"`
	// Lost is why it had no effect; nil while it is under way, or once it is over.
	Lost *RollbackReason `json:"lost,omitempty"`
	// Made is the deployment that rolls back; 0 while it is not known. Spent is an earlier
	// one that had no effect.
	Made  int64 `json:"made,omitempty"`
	Spent int64 `json:"spent,omitempty"`

	// Outcome is the verdict on the deployment that rolls back, or Verified because another
	// deployment was verified. Ended is the commit with that verdict, EndedBy its
	// deployment.
	Outcome   Answer    `json:"outcome,omitempty"`
	OutcomeAt time.Time `json:"outcome_at,omitzero"`
	Ended     string    `json:"ended,omitempty"`
	EndedBy   int64     `json:"ended_by,omitempty"`

	// Issue is the number of the issue about it; 0: none.
	Issue       int  `json:"issue,omitempty"`
	IssueClosed bool `json:"issue_closed,omitempty"`
}

// UnmarshalJSON reads what was stored, also by versions that called the target a place and
// the commit to roll back to the target.
func (r *Rollback) UnmarshalJSON(data []byte) error {
	type current Rollback
	stored := struct {
		*current
		Place  *Target         `json:"place"`
		Target json.RawMessage `json:"target"`
	}{current: (*current)(r)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	target := any(&r.Target)
	if stored.Place != nil {
		r.Target, target = *stored.Place, &r.ToCommit
	}
	if len(stored.Target) == 0 {
		return nil
	}
	return json.Unmarshal(stored.Target, target)
}

// NewRollback is the rollback of a run about which nothing has been done yet.
func NewRollback(c VerificationRun) Rollback {
	return Rollback{Verification: c.ID(), Deployment: c.Deployment, Target: c.Target, Commit: c.Commit, Began: c.Began, By: c.Plan.Response.By, Workflow: c.Plan.Response.Workflow}
}

// UnderWay reports whether a rollback has begun and its outcome is not known yet.
func (r Rollback) UnderWay() bool {
	return (r.State == RollbackPerforming || r.State == RollbackPerformed) && r.Outcome == "" && r.Lost == nil
}

// Automatic reports whether it was performed without a person asking.
func (r Rollback) Automatic() bool { return !r.Intended.IsZero() && r.AskedBy == "" }

// MadeBy reports whether a verification watches the deployment that rolls back. A
// deployment that a workflow has made carries no sign of it: it brings the same commit to
// the same target, and succeeded after the workflow was started. So does the second one that
// GitHub makes of a job with `environment:` that the deployment that rolls back has started.
func (r Rollback) MadeBy(v Verification) bool {
	switch {
	case r.State != RollbackPerformed && r.State != RollbackPerforming:
		return false
	case r.Made == v.Deployment:
		return true
	case r.Made != 0:
		return r.By == config.ByDeployment && v.Deployment > r.Made && SameTarget(r.Target, v.Target) && v.Commit == r.ToCommit &&
			v.DeployedAt().Sub(r.Performed) < secondWithin
	}
	return r.By == config.ByWorkflow && v.Deployment != r.Deployment && SameTarget(r.Target, v.Target) && v.Commit == r.ToCommit && !v.Began.Before(r.Intended)
}

// secondWithin is how long after the request a second deployment counts as the same rollback.
const secondWithin = 2 * time.Hour

// Second finds the newest deployment among several to the target that rolls back together with
// the one that was requested, and was requested later; 0 if there is none.
func (r Rollback) Second(listed []Deployment) (id int64) {
	for _, d := range listed {
		if r.By == config.ByDeployment && r.Made != 0 && d.ID > r.Made && d.Commit == r.ToCommit && d.CreatedAt.Sub(r.Performed) < secondWithin {
			id = max(id, d.ID)
		}
	}
	return id
}

// WouldHave reports whether nothing but a dry run has kept it from being performed.
func (r Rollback) WouldHave() bool {
	return r.State == RollbackProposed && len(r.Reasons) == 1 && r.Reasons[0].Kind == RollbackDryRun
}

// Restarted is the rollback when it begins once more: the results of an earlier attempt are
// dropped.
func (r Rollback) Restarted(now time.Time) Rollback {
	r.State, r.Intended, r.Performed, r.Spent, r.Made = RollbackPerforming, now, time.Time{}, r.Made, 0
	r.Sent, r.Sends, r.Lost, r.Outcome = time.Time{}, 0, nil, ""
	if r.By != config.ByWorkflow {
		r.By = config.ByDeployment
	}
	return r
}

// BroughtBy reports whether a deployment may be what the workflow of the rollback has made:
// it brings the right commit, and was requested afterwards.
func (r Rollback) BroughtBy(d Deployment, since time.Time) bool {
	return r.By == config.ByWorkflow && d.Commit == r.ToCommit && d.ID > max(r.Spent, r.Deployment) && !d.CreatedAt.Before(since)
}

// ClockSkew is by how much GitHub's clock may be behind ours.
const ClockSkew = 2 * time.Minute

// Brought finds the newest deployment that the workflow of the rollback has made; 0 if
// there is none.
func (r Rollback) Brought(listed []Deployment) (id int64) {
	for _, d := range listed {
		if r.BroughtBy(d, r.Intended.Add(-ClockSkew)) {
			id = max(id, d.ID)
		}
	}
	return id
}

// Ends reports whether the verdict of a run ends the rollback: the run watches the
// deployment that rolls back, or another deployment was verified in the target.
func (r Rollback) Ends(run VerificationRun) bool {
	if r.Verification == run.ID() || r.Outcome == Verified || !SameTarget(r.Target, run.Target) {
		return false
	}
	if run.Verdict.Answer == Verified && run.Began.After(r.Began) {
		return true
	}
	return (r.Outcome == "" || r.Outcome == Superseded) && r.MadeBy(run.Verification)
}

// SameTarget compares targets without their class.
func SameTarget(a, b Target) bool {
	a.Production, b.Production = false, false
	return a == b
}

// Undoing is what the payload of a deployment says it undoes.
type Undoing struct {
	Deployment int64  `json:"deployment"`
	Commit     string `json:"commit"`
}

// RollbackPayload is the payload of a deployment that rolls back: its target, as Match
// reads it, and what it undoes. It takes nothing from the payload of the deployment that is
// undone, which may name an artifact.
func RollbackPayload(r Rollback) json.RawMessage {
	ours := map[string]any{"component": r.Target.Component, "environment": r.Target.Environment, "undoes": Undoing{r.Deployment, r.Commit}}
	if r.Target.Instance != "" {
		ours["instance"] = r.Target.Instance
	}
	encoded, err := json.Marshal(map[string]any{"plimsoll": ours})
	if err != nil {
		panic("a payload is plain data: " + err.Error())
	}
	return encoded
}

// Undoes reports whether a deployment is one that the rollback has requested.
func (r Rollback) Undoes(d Deployment) bool {
	ours := object(object(d.Payload)["plimsoll"])
	var undoes Undoing
	if d.Task != TaskRollback || json.Unmarshal(ours["undoes"], &undoes) != nil {
		return false
	}
	return undoes.Deployment == r.Deployment && d.ID > max(r.Spent, r.Deployment) && d.Commit == r.ToCommit &&
		text(ours["component"]) == r.Target.Component && text(ours["instance"]) == r.Target.Instance
}
