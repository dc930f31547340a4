package demo

import (
	"fmt"

	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/server/demo/production"
	"plimsoll/server/simulator"
)

// Environment opens the production environment of the story: give its Datasources and
// Probes to the server.
func Environment(clock *Clock) (*production.Production, error) {
	return production.Open(production.Options{
		Clock: clock.Now, Job: "orders", Baseline: deploy.DefaultBaseline,
		Changed: preset.Changed{Operations: []preset.Operation{{Method: "GET", Path: "/orders"}, {Method: "POST", Path: "/orders"}, {Method: "GET", Path: "/orders/{id}"}}},
	})
}

// Ship merges the story's pull request and brings it to production, where its lists
// begin to fail. It gives the commit.
func (s *Scenario) Ship(pull *simulator.PullRequest) (commit string, err error) {
	if commit, err = pull.Merge(simulator.Squash); err != nil {
		return "", fmt.Errorf("merge the story's pull request: %w", err)
	}
	s.bring(s.Provider.Deploy(environment, commit, simulator.DeployOptions{Creator: "ben"}), true)
	return commit, nil
}

// AskBack has somebody who may write comment that production is to be rolled back.
func (s *Scenario) AskBack(pull *simulator.PullRequest) {
	s.Provider.Grant("ben", "write")
	pull.Comment("ben", RollbackCommand)
}

// RollbackCommand is what is typed.
const RollbackCommand = "/plimsoll rollback production"

// PutBack does what the repository's workflow does on a deployment that somebody else
// has made: it brings the roll back to production. ok is false where there is none.
func (s *Scenario) PutBack() (d *simulator.Deployment, ok bool) {
	for _, d := range s.Provider.Deployments() {
		if d.Task() == deploy.TaskRollback && len(d.Statuses()) == 0 {
			s.bring(d, false)
			return d, true
		}
	}
	return nil, false
}

// bring is what the workflow does: the commit serves, and the deployment says so.
func (s *Scenario) bring(d *simulator.Deployment, bad bool) {
	d.Status("in_progress", "")
	s.Production.Runs(d.SHA(), bad)
	d.Status("success", s.Production.URL())
}
