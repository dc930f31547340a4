package deploy

import (
	"slices"

	"plimsoll/config"
)

// Response is what a repository wants done when a deployment goes bad, as its default
// branch says when the watching begins.
type Response struct {
	// Do lists what is done. nil: nothing is declared; an empty list: nothing is done.
	Do []config.OnFailure `json:"do"`
	// By is how to roll back. Empty: nothing is declared; config.ByNone: Plimsoll never
	// does it.
	By config.RollbackBy `json:"by,omitempty"`
	// Workflow is the file in .github/workflows where By is config.ByWorkflow.
	Workflow string `json:"workflow,omitempty"`
	// Irreversible: deploying an earlier commit does not undo what was deployed.
	Irreversible bool `json:"irreversible,omitempty"`
}

// NewResponse is the response that an environment declares.
func NewResponse(environment config.Environment) Response {
	r := Response{Do: environment.OnFailure, Irreversible: environment.Irreversible != nil && *environment.Irreversible}
	if declared := environment.Rollback; declared != nil {
		r.By, r.Workflow = declared.By, string(declared.Workflow)
	}
	return r
}

// Wants reports whether something is to be done. If nothing is declared, the comment and
// the deployment's status report the failure.
func (r Response) Wants(what config.OnFailure) bool {
	if r.Do == nil {
		return what == config.FailComment || what == config.FailStatus
	}
	return slices.Contains(r.Do, what)
}
