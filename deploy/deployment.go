package deploy

import (
	"encoding/json"
	"time"
)

// State of a deployment, in GitHub's words.
type State string

// The states.
const (
	Pending    State = "pending"
	Waiting    State = "waiting" // for a protection rule or a reviewer
	Queued     State = "queued"
	InProgress State = "in_progress"
	Success    State = "success"
	Failure    State = "failure"
	Errored    State = "error"
	Inactive   State = "inactive"
)

// Deployment is GitHub's record of one attempt to bring a commit somewhere.
type Deployment struct {
	ID     int64
	Commit string
	// Ref as asked for: a branch, a tag or a commit.
	Ref  string
	Task string
	// Environment by GitHub's name for it.
	Environment string
	// Production is GitHub's production_environment; Transient its
	// transient_environment: it goes away by itself (a review app).
	Production, Transient bool
	// Payload is what the requester sent: an object, or a string that may hold one. It says
	// which components are meant (see Match) and is not stored.
	Payload   json.RawMessage
	Creator   string
	CreatedAt time.Time
	// State is that of the newest status and StateAt its time; empty without one.
	State   State
	StateAt time.Time
	// Status is the id of the newest status.
	Status int64
	// SucceededAt is when it last succeeded; zero: never.
	SucceededAt time.Time
	// StartedAt is when it was first reported to be in progress; zero: never, or not read.
	StartedAt time.Time
	// URL where it is reached, as the statuses say.
	URL string
	// LogURL is the page with its log, such as a workflow run; mostly of GitHub.
	LogURL string
	// Targets are those to which it brings the commit.
	Targets []Target
}

// Target is where one component runs.
type Target struct {
	Component string
	// Environment as the component calls it.
	Environment string
	// Instance distinguishes several targets of one environment; mostly empty.
	Instance   string
	Production bool
}

// AnyClass is the target without its class.
func (p Target) AnyClass() Target {
	p.Production = false
	return p
}

// TaskRollback is the task of a deployment that rolls back.
const TaskRollback = "rollback"
