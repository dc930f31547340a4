package deploy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy"
)

// at is a minute of one day.
func at(minute int) time.Time { return time.Date(2026, 11, 2, 12, minute, 0, 0, time.UTC) }

// history reads "id commit state minute" per deployment; success sets SucceededAt,
// "success+inactive" a success of that minute that was taken down later.
func history(t *testing.T, text string) (all []deploy.Deployment) {
	t.Helper()
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' }) {
		d := deploy.Deployment{}
		var state string
		var minute int
		if _, err := fmt.Sscanf(strings.TrimSpace(line), "%d %s %s %d", &d.ID, &d.Commit, &state, &minute); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		d.State, d.StateAt = deploy.State(state), at(minute)
		if first, then, ok := strings.Cut(state, "+"); ok {
			d.State, d.SucceededAt = deploy.State(then), at(minute)
			if first != "success" {
				t.Fatalf("%q: only a success can be followed by something", line)
			}
		} else if d.State == deploy.Success {
			d.SucceededAt = at(minute)
		}
		all = append(all, d)
	}
	return all
}

func TestLive(t *testing.T) {
	for name, each := range map[string]struct{ history, want string }{
		"nothing":                               {"", ""},
		"one":                                   {"1 a success 1", "a"},
		"queued is not begun":                   {"1 a success 1; 2 b queued 2; 3 c pending 2", "a"},
		"a rollout: both":                       {"1 a success 1; 2 b in_progress 2", "a b~"},
		"two rollouts at once":                  {"1 a success 1; 2 b in_progress 2; 3 c in_progress 3", "a b~ c~"},
		"the newest success alone":              {"1 a success 1; 2 b success 2", "b"},
		"a failure leaves what ran":             {"1 a success 1; 2 b failure 2; 3 c error 3", "a"},
		"first rollout":                         {"1 a in_progress 1", "a~"},
		"taken down":                            {"1 a success+inactive 1", ""},
		"an older one inactive":                 {"1 a success+inactive 1; 2 b success 2", "b"},
		"the newest taken down":                 {"1 a success+inactive 1; 2 b success+inactive 2", ""},
		"roll back: an old commit once more":    {"1 a success 1; 2 b success 2; 3 a success 3", "a"},
		"the same commit again":                 {"1 a success 1; 2 a in_progress 2", "a"},
		"a rollout that was never ended":        {"1 a in_progress 1; 2 b success 2", "b"},
		"success told late":                     {"1 a success 5; 2 b success 3", "a"},
		"success at once, by id":                {"1 a success 2; 2 b success 2", "b"},
		"restarted after success is no rollout": {"1 a success+in_progress 1", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			all := history(t, each.history)
			for range 2 { // in any order
				var got []string
				for _, r := range deploy.Live(all) {
					word := r.Commit
					if r.Rolling {
						word += "~"
					}
					got = append(got, word)
				}
				if text := strings.Join(got, " "); text != each.want {
					t.Errorf("got %q, expected %q", text, each.want)
				}
				slices.Reverse(all)
			}
		})
	}
}
