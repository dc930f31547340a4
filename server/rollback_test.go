package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// back is watchedFile with lines below the environment, such as how to go back.
func back(lines string) string {
	return strings.Replace(watchedFile, "      production:\n", "      production:\n        "+strings.ReplaceAll(lines, "\n", "\n        ")+"\n", 1)
}

// byDeployment has production rolled back by a deployment.
const byDeployment = "on_failure: [comment, status, rollback]\nrollback: {by: deployment}"

// declares replaces the repository's file.
func (w *watching) declares(file string) {
	w.orders.CommitAs("ana", "main", "Declare", map[string]string{".github/plimsoll.yml": file})
	w.Settle()
}

// fails has a commit deployed that goes bad.
func (w *watching) fails(commit string) *simulator.Deployment {
	w.t.Helper()
	w.service.runs(commit, http.StatusServiceUnavailable)
	d := w.deploy(commit)
	w.pass(3)
	w.concluded(commit, "failure", "Roll back orders in production")
	return d
}

// rollbacks are the deployments that go back.
func (w *watching) rollbacks() []*simulator.Deployment {
	return slices.DeleteFunc(w.orders.Deployments(), func(d *simulator.Deployment) bool { return d.Task() != "rollback" })
}

// rolledBack is the one deployment that goes back, to a commit.
func (w *watching) rolledBack(commit string) *simulator.Deployment {
	w.t.Helper()
	all := w.rollbacks()
	if len(all) != 1 || all[0].SHA() != commit || all[0].Environment() != "production" {
		w.t.Fatalf("%d deployments go back, expected one to %s", len(all), commit)
	}
	return all[0]
}

// told holds the one comment of a pull request about its deployments to what it contains.
func (w *watching) told(pull *simulator.PullRequest, parts ...string) {
	w.t.Helper()
	var found []string
	for _, c := range pull.Comments() {
		if strings.Contains(c.Body, "<!-- plimsoll:deploy -->") {
			found = append(found, c.Body)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("%d comments about deployments, expected one", len(found))
	}
	for _, part := range parts {
		if !strings.Contains(found[0], part) {
			w.t.Errorf("it is told:\n%s\nexpected %q", found[0], part)
		}
	}
}

// Declared by deployment: what went bad is deployed away, watched, and told to be over.
func TestRollbackByDeployment(t *testing.T) {
	everyWatching(t, "rollback.md", func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		d := w.rolledBack(good)
		w.told(pull, "**Rolling back to [`"+good[:7])
		w.service.runs(good, http.StatusOK)
		d.Status("in_progress", "")
		d.Status("success", w.url)
		w.Settle()
		w.pass(5)
		w.told(pull, "**Rolled back to [`"+good[:7], "verified.**")
		w.pass(3)
		w.rolledBack(good)
	})
}

// Without a word in the file it is proposed, with what to type.
func TestRollbackIsProposed(t *testing.T) {
	everyWatching(t, "rollback-proposed.md", func(t *testing.T, w *watching) {
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		if n := len(w.rollbacks()); n != 0 {
			t.Errorf("%d deployments go back, expected none", n)
		}
		w.told(pull, "**Roll back to [`"+good[:7], "does not declare it", "`/plimsoll rollback production`")
	})
}
