package model

import "github.com/go-git/go-git/v5/plumbing"

// Event is something that happened, in the words of GitHub's webhooks.
type Event struct {
	Name, Action string // "pull_request" and "opened"; a push has no action
	By           *Account
	Repository   *Repository   // nil for an event of an installation
	Installation *Installation // set for an event of an installation
	// Subject is what the event is about: *PullRequest, *Comment, *Issue, *CheckSuite,
	// *CheckRun, *MergeGroup, *Deployment, *DeploymentStatus, *WorkflowRun (which waits at
	// a gate), *Release, *CommitStatus or Push. Nil for events about the repository or the
	// installation itself.
	Subject any
	// Changes are what was before.
	Changes []Change
	// Label, Button and Reason are of single events: the label of pull_request.labeled, the
	// identifier of check_run.requested_action, why a merge group ended.
	Label, Button, Reason string
	// Before and After are the heads of pull_request.synchronize.
	Before, After plumbing.Hash
	// Repositories are those of an installation, or those added to or removed from it.
	Repositories []*Repository
}

// Change is a value before an event. Of is its path in the payload's changes, such as
// base.ref; Was is a string or an *Account.
type Change struct {
	Of  string
	Was any
}

// Push is what a push moved: a full reference, from one commit to another. Zero is a
// reference that was not there, or is no longer.
type Push struct {
	Ref      string
	From, To plumbing.Hash
}

// Listen has a function called at every event, with the model locked. Events of a
// pull request, for example, reach it in the order in which they happened.
func (g *GitHub) Listen(listener func(Event)) { g.listeners = append(g.listeners, listener) }

// Emit calls the listeners with an event.
func (g *GitHub) Emit(e Event) {
	for _, listener := range g.listeners {
		listener(e)
	}
}
