package server_test

import (
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// What a closed pull request names is taken back when it may not be read there any more: the
// consumer is made private, or the pull request's own repository public. Its conclusion stays.
// The honest twin names what everybody may read who reads the page, and stays as it is.
func TestClosedPullRequestNamesWhatMayBeReadNow(t *testing.T) {
	for name, c := range map[string]struct {
		shop, web string
		change    func(w *world)
		hides     bool
	}{
		"a consumer is made private":    {"public", "public", func(w *world) { visible(w.web, "private") }, true},
		"the repository is made public": {"private", "private", func(w *world) { visible(w.shop, "public") }, true},
		"nothing is hidden":             {"private", "public", func(w *world) { visible(w.web, "private") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
				visible(w.shop, c.shop)
				visible(w.web, c.web)
				w.Settle()
				closed := w.pull("closed", map[string]string{"openapi.yaml": without("price")})
				closed.Close()
				merged := w.pull("merged", map[string]string{"openapi.yaml": without("name")})
				if _, err := merged.Merge(simulator.Squash); err != nil {
					t.Fatal(err)
				}
				w.Settle()
				both := []*simulator.PullRequest{closed, merged}
				var before []string
				for _, pull := range both {
					w.expect(pull, "failure", "1 consumer breaks: web")
					before = append(before, w.GitHub.Render(pull))
				}
				c.change(w)
				w.Settle()
				for i, pull := range both {
					if c.hides {
						w.expect(pull, "failure", "may no longer be named here")
						w.tellsNothing(pull)
						continue
					}
					if page := w.GitHub.Render(pull); page != before[i] {
						t.Errorf("it was changed:\n%s\nbefore:\n%s", page, before[i])
					}
				}
				w.alive()
				closed.Reopen()
				w.Settle()
				w.expectNewest(closed, "failure", map[bool]string{true: "1 private consumer", false: "1 consumer breaks: web"}[c.hides])
			})
		})
	}
}
