package demo_test

import (
	"strings"
	"testing"

	"plimsoll/server/demo"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// onContracts is the check run that the story is about.
const onContracts = "plimsoll/contracts"

// The story of the demo, as a person sees it on the pull request.
func TestStory(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := set(t, dsn)
		s := w.Testbed
		story, pull := w.play()
		w.golden("story.txt", s.GitHub.Render(pull))
		check := pull.Checks(onContracts)[0]
		if check.Conclusion != "failure" || check.Title != "2 consumers break: billing, checkout-web" {
			t.Errorf("%s: %s", check.Conclusion, check.Title)
		}
		if len(story.Consumers) != 3 {
			t.Errorf("%d consumers", len(story.Consumers))
		}
		w.moves(story, pull)
		w.goesBad(story, pull)
		w.golden("production.txt", s.GitHub.RenderAll())
		if asked := w.runs.Unknown(); len(asked) > 0 {
			t.Errorf("the metric server does not understand %q", asked)
		}
	})
}

// moves is how the story goes on: the consumers move, one after the other, and the
// pull request lets go when the last one is deployed.
func (w *world) moves(story *demo.Scenario, pull *simulator.PullRequest) {
	t, s := w.t, w.Testbed
	t.Helper()
	billing, checkout := story.Consumer("billing"), story.Consumer("checkout-web")
	for _, step := range []struct {
		do                      func() error
		conclusion, title, says string
		left                    string // what the summary says too
	}{
		{func() error { return story.Move(billing) }, "failure", "2 consumers break: billing, checkout-web", "Already migrated on its default branch", ""},
		{func() error { story.Deploy(billing); return nil }, "failure", "1 consumer breaks: checkout-web", "**1 of 2 consumers migrated.**", "**`checkout-web`** breaks"},
		{func() error { return story.Move(checkout) }, "failure", "1 consumer breaks: checkout-web", "Already migrated on its default branch", ""},
		{func() error { story.Deploy(checkout); return nil }, "success", "Safe to merge: 3 breaking or risky changes, no known consumers affected", "Both consumers have migrated.", ""},
	} {
		s.Used(func() {
			if err := step.do(); err != nil {
				t.Fatal(err)
			}
		})
		check := pull.Checks(onContracts)[0]
		if check.Conclusion != step.conclusion || check.Title != step.title || !strings.Contains(check.Summary, step.says) || !strings.Contains(check.Summary, step.left) {
			t.Errorf("%s: %s; expected %s: %s, and that the summary says %q:\n%s", check.Conclusion, check.Title, step.conclusion, step.title, step.says, check.Summary)
		}
	}
	w.golden("moved.txt", s.GitHub.Render(pull))
}

// What a pull request costs at GitHub, with nothing in any cache.
func TestRequestsPerPullRequest(t *testing.T) {
	dsn := storetest.SQLite(t)
	w := set(t, dsn)
	first, github := w.Testbed, w.GitHub
	story, err := demo.New(github, w.runs)
	if err != nil {
		t.Fatal(err)
	}
	story.Install()
	first.Settle()

	tests := []struct {
		name  string
		open  func() error
		limit int
	}{
		{"no contract touched", func() error {
			story.Provider.CommitAs("ana", "readme", "Say more", map[string]string{"README.md": "# orders\n"})
			story.Provider.OpenPullRequest(simulator.PullRequestOptions{Head: "readme", Author: "ana"})
			return nil
		}, 5},
		{"one contract, of two files", func() error {
			_, err := story.OpenPullRequest()
			return err
		}, 12},
		{"one contract, one of its files changed", func() error {
			story.Provider.CommitAs("ana", "one", "Drop a note", oneFile(t, story))
			story.Provider.OpenPullRequest(simulator.PullRequestOptions{Head: "one", Author: "ana"})
			return nil
		}, 11},
	}
	if err := first.StopServer(); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cold := testbedtest.Open(t, testbed.Options{DSN: dsn, GitHub: github})
			used := cold.Used(func() {
				if err := test.open(); err != nil {
					t.Fatal(err)
				}
			})
			t.Logf("%d requests: %s", len(used), testbedtest.Routes(used))
			if len(used) > test.limit {
				t.Errorf("%d requests, at most %d", len(used), test.limit)
			}
		})
	}
}

func oneFile(t *testing.T, story *demo.Scenario) map[string]string {
	t.Helper()
	content, ok := story.Provider.File("slim-lines", "api/schemas.yaml")
	if !ok {
		t.Fatal("the story's contract has no api/schemas.yaml")
	}
	return map[string]string{"api/schemas.yaml": content}
}
