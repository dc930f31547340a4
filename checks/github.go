package checks

import (
	"context"

	"plimsoll/contracts"
)

// Names of the check runs: users put them into branch protection, so they never change.
const (
	ContractsRun = "plimsoll/contracts"
	ReadinessRun = "plimsoll/readiness"
	DeployRun    = "plimsoll/deploy"
)

// Conclusion of a completed check run, in GitHub's words.
type Conclusion string

// The conclusions that Plimsoll uses. InProgress is not one: the run goes on.
const (
	InProgress     Conclusion = ""
	Success        Conclusion = "success"
	Neutral        Conclusion = "neutral"
	Failure        Conclusion = "failure"
	ActionRequired Conclusion = "action_required"
)

// CheckRun is what a person sees of one check on one commit.
type CheckRun struct {
	Name    string
	HeadSHA string
	// ExternalID carries the pull request's number ("pr/12"): for a fork's head
	// GitHub leaves pull_requests empty.
	ExternalID  string
	DetailsURL  string
	Conclusion  Conclusion
	Title       string
	Summary     string
	Text        string
	Annotations []Annotation
	Actions     []Action
}

// AnnotationLevel in GitHub's words.
type AnnotationLevel string

// The levels of annotations.
const (
	Notice  AnnotationLevel = "notice"
	Warning AnnotationLevel = "warning"
	Fail    AnnotationLevel = "failure"
)

// Annotation stands on lines of a file of the pull request. Columns are sent
// only where StartLine equals EndLine.
type Annotation struct {
	Path                   string
	StartLine, EndLine     int
	StartColumn, EndColumn int
	Level                  AnnotationLevel
	Title, Message         string
}

// Action is a button on a check run.
type Action struct {
	Label, Description, Identifier string
}

// Runs is what publishing a check run needs of GitHub.
type Runs interface {
	// CreateCheckRun sends one POST with at most MaxAnnotations annotations.
	CreateCheckRun(ctx context.Context, repo contracts.RepositoryRef, run CheckRun) (id int64, err error)
	// UpdateCheckRun sends one PATCH; GitHub appends its annotations.
	UpdateCheckRun(ctx context.Context, repo contracts.RepositoryRef, id int64, run CheckRun) error
}

// Comments is what keeping one comment on a pull request needs of GitHub.
type Comments interface {
	CreateComment(ctx context.Context, repo contracts.RepositoryRef, number int, body string) (id int64, err error)
	// EditComment gives an error that wraps io/fs.ErrNotExist where somebody deleted it.
	EditComment(ctx context.Context, repo contracts.RepositoryRef, id int64, body string) error
	// FindComment gives the id of this App's own comment whose body holds marker, 0 without one.
	FindComment(ctx context.Context, repo contracts.RepositoryRef, number int, marker string) (id int64, err error)
}
