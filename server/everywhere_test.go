package server_test

import (
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// Checks that a ruleset requires in all repositories have to be made in all of them, also
// where there is no repository file: on pull requests and merge groups.
func TestChecksEverywhere(t *testing.T) {
	for name, c := range map[string]struct {
		operator     config.AnswerTo
		organisation string
		answers      bool
	}{
		"by default":          {"", "", false},
		"by the operator":     {config.Everywhere, "", true},
		"by the organisation": {"", "version: 1\npolicy: {answer: everywhere}\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk(), Answer: c.operator})
				if c.organisation != "" {
					w.repository(".github", map[string]string{"plimsoll.yml": c.organisation})
				}
				plain := w.repository("plain", map[string]string{"README.md": "hello"})
				w.Settle()
				plain.CommitAs("ana", "more", "More", map[string]string{"README.md": "more"})
				pull := plain.OpenPullRequest(simulator.PullRequestOptions{Head: "more", Author: "ana"})
				w.Settle()
				w.answersNotEnrolled(plain, pull.HeadSHA(), c.answers)
				group, err := plain.MergeGroup(pull)
				if err != nil {
					t.Fatal(err)
				}
				w.Settle()
				w.answersNotEnrolled(plain, group, c.answers)
				if n := len(pull.Comments()); n != 0 {
					t.Errorf("%d comments on a repository that is not enrolled", n)
				}
				w.alive()
			})
		})
	}
}

// A pull request of a repository that is not enrolled is found too if its event is lost.
func TestChecksEverywhereAfterALostEvent(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk(), Answer: config.Everywhere, Sweep: time.Second})
		plain := w.repository("plain", map[string]string{"README.md": "hello"})
		w.Settle()
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if d.Event == "pull_request" {
				return simulator.Vanish
			}
			return simulator.Send
		})
		plain.CommitAs("ana", "more", "More", map[string]string{"README.md": "more"})
		pull := plain.OpenPullRequest(simulator.PullRequestOptions{Head: "more", Author: "ana"})
		w.await("the sweep", func() bool { return len(plain.Checks(pull.HeadSHA())) == 2 })
		w.Settle()
		w.answersNotEnrolled(plain, pull.HeadSHA(), true)
	})
}

func (w *world) answersNotEnrolled(repo *simulator.Repository, head string, answers bool) {
	w.t.Helper()
	runs := repo.Checks(head)
	for _, run := range runs {
		if run.Conclusion != "success" || run.Title != "Not enrolled: nothing was checked" {
			w.t.Errorf("%+v", run)
		}
	}
	if want := map[bool]int{true: 2}[answers]; len(runs) != want {
		w.t.Errorf("%d check runs on %s, expected %d", len(runs), head, want)
	}
}
