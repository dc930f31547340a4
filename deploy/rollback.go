package deploy

import (
	"encoding/json"
	"time"

	"plimsoll/config"
)

// RollbackState is how far a roll back has come.
type RollbackState string

// The states.
//
//	proposed ─┬─▶ performing ─▶ performed ─▶ ended (see Remedy.Outcome)
//	refused ──┘        └─▶ failed
//
// Performing is written before GitHub is asked: an attempt that finds it looks first
// for what an earlier one has done.
const (
	RollbackProposed   RollbackState = "proposed"
	RollbackRefused    RollbackState = "refused"
	RollbackPerforming RollbackState = "performing"
	RollbackPerformed  RollbackState = "performed"
	RollbackFailed     RollbackState = "failed"
)

// Rollback is what is done about a deployment that went bad in one place: the roll back,
// and the issue. It is stored as JSON, one for each verification.
type Rollback struct {
	// Verification is the id of the course, Deployment, Place and Commit are its.
	Verification string    `json:"verification"`
	Deployment   int64     `json:"deployment"`
	Target       Target    `json:"place"`
	Commit       string    `json:"commit"`
	Began        time.Time `json:"began"`

	State RollbackState `json:"state"`
	// Target is the commit to go back to; empty: there is none.
	ToCommit string `json:"target,omitempty"`
	// Reasons why it is not performed; of one that is, what somebody has overridden.
	Reasons []RollbackReason `json:"reasons,omitempty"`
	// AskedBy is the login of who asked; empty: nobody did. Source names where.
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
	// Lost is why nothing has come of it; nil: it is under way, or over.
	Lost *RollbackReason `json:"lost,omitempty"`
	// Made is the deployment that goes back; 0: not known yet. Spent is one before it
	// that came to nothing.
	Made  int64 `json:"made,omitempty"`
	Spent int64 `json:"spent,omitempty"`

	// Outcome is what came of it: what the deployment that goes back was found to be, or
	// Verified because another one was. Ended is the commit that was found so, EndedBy
	// its deployment.
	Outcome   Answer    `json:"outcome,omitempty"`
	OutcomeAt time.Time `json:"outcome_at,omitzero"`
	Ended     string    `json:"ended,omitempty"`
	EndedBy   int64     `json:"ended_by,omitempty"`

	// Issue is the number of the issue about it; 0: none.
	Issue       int  `json:"issue,omitempty"`
	IssueClosed bool `json:"issue_closed,omitempty"`
}

// NewRollback is that of a course about which nothing has been done.
func NewRollback(c VerificationRun) Rollback {
	return Rollback{Verification: c.ID(), Deployment: c.Deployment, Target: c.Target, Commit: c.Commit, Began: c.Began, By: c.Plan.Response.By, Workflow: c.Plan.Response.Workflow}
}

// UnderWay tells whether somebody goes back, and it is not known yet what came of it.
func (m Rollback) UnderWay() bool {
	return (m.State == RollbackPerforming || m.State == RollbackPerformed) && m.Outcome == "" && m.Lost == nil
}

// Automatic tells whether it was performed without anybody asking.
func (m Rollback) Automatic() bool { return !m.Intended.IsZero() && m.AskedBy == "" }

// MadeBy tells whether a verification watches the deployment with which the remedy goes
// back. One that a workflow has made carries no sign of it: it brings the same commit
// to the same place, and succeeded after the workflow was asked.
func (m Rollback) MadeBy(v Verification) bool {
	switch {
	case m.State != RollbackPerformed && m.State != RollbackPerforming:
		return false
	case m.Made != 0:
		return m.Made == v.Deployment
	}
	return m.By == config.ByWorkflow && v.Deployment != m.Deployment && SameTarget(m.Target, v.Target) && v.Commit == m.ToCommit && !v.Began.Before(m.Intended)
}

// Again is the remedy when it is begun anew: what came of an earlier attempt is over.
func (m Rollback) Again(now time.Time) Rollback {
	m.State, m.Intended, m.Performed, m.Spent, m.Made = RollbackPerforming, now, time.Time{}, m.Made, 0
	m.Sent, m.Sends, m.Lost, m.Outcome = time.Time{}, 0, nil, ""
	if m.By != config.ByWorkflow {
		m.By = config.ByDeployment
	}
	return m
}

// BroughtBy tells whether a deployment is what a workflow that goes back has made, as
// far as that can be told: it brings the target, and was asked for afterwards.
func (m Rollback) BroughtBy(d Deployment, since time.Time) bool {
	return m.By == config.ByWorkflow && d.Commit == m.ToCommit && d.ID > max(m.Spent, m.Deployment) && !d.CreatedAt.Before(since)
}

// ClockSkew is by how much GitHub's clock may be behind ours.
const ClockSkew = 2 * time.Minute

// Brought finds the newest deployment that the remedy's workflow has made; 0: none.
func (m Rollback) Brought(listed []Deployment) (id int64) {
	for _, d := range listed {
		if m.BroughtBy(d, m.Intended.Add(-ClockSkew)) {
			id = max(id, d.ID)
		}
	}
	return id
}

// Ends tells whether the verdict of a course ends the remedy: it is on the deployment
// that goes back, or the place is verified again by another.
func (m Rollback) Ends(run VerificationRun) bool {
	if m.Verification == run.ID() || m.Outcome == Verified || !SameTarget(m.Target, run.Target) {
		return false
	}
	if run.Verdict.Answer == Verified && run.Began.After(m.Began) {
		return true
	}
	return m.Outcome == "" && m.MadeBy(run.Verification)
}

// SameTarget compares places, whatever class they are of.
func SameTarget(a, b Target) bool {
	a.Production, b.Production = false, false
	return a == b
}

// Undoing is what the payload of a deployment says that it undoes.
type Undoing struct {
	Deployment int64  `json:"deployment"`
	Commit     string `json:"commit"`
}

// RollbackPayload is the payload of a deployment that goes back in a place: where it
// goes, as Match reads it, and what it undoes. Nothing is taken over from the payload
// of the deployment that is undone, which may name an artifact.
func RollbackPayload(m Rollback) json.RawMessage {
	ours := map[string]any{"component": m.Target.Component, "environment": m.Target.Environment, "undoes": Undoing{m.Deployment, m.Commit}}
	if m.Target.Instance != "" {
		ours["instance"] = m.Target.Instance
	}
	encoded, err := json.Marshal(map[string]any{"plimsoll": ours})
	if err != nil {
		panic("a payload is plain data: " + err.Error())
	}
	return encoded
}

// Undoes tells whether a deployment is one that the remedy has asked for.
func (m Rollback) Undoes(d Deployment) bool {
	ours := object(object(d.Payload)["plimsoll"])
	var undoes Undoing
	if d.Task != TaskRollback || json.Unmarshal(ours["undoes"], &undoes) != nil {
		return false
	}
	return undoes.Deployment == m.Deployment && d.ID > max(m.Spent, m.Deployment) && d.Commit == m.ToCommit &&
		text(ours["component"]) == m.Target.Component && text(ours["instance"]) == m.Target.Instance
}
