package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

func TestTeams(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	payments := w.sim.Team("acme", "payments", "alice", "bob")
	payments.Maintainer("carol")
	payments.Invite("dave")
	payments.Remove("bob")
	w.sim.Team("acme", "payments", "erin") // the same team
	w.sim.Team("acme", "empty")
	w.sim.Team("other", "payments", "alice")
	w.sim.NewRepository("alice/notes", simulator.RepositoryOptions{OwnedByUser: true})
	token := w.token(nil)
	for path, want := range map[string]string{
		"acme/teams/payments/memberships/alice":   "member active",
		"acme/teams/Payments/memberships/ALICE":   "member active",
		"acme/teams/payments/memberships/erin":    "member active",
		"acme/teams/payments/memberships/carol":   "maintainer active",
		"acme/teams/payments/memberships/dave":    "member pending",
		"acme/teams/payments/memberships/bob":     "",
		"acme/teams/payments/memberships/nobody":  "",
		"acme/teams/empty/memberships/alice":      "",
		"acme/teams/nothing/memberships/alice":    "",
		"other/teams/payments/memberships/alice":  "",
		"nobody/teams/payments/memberships/alice": "",
		"alice/teams/payments/memberships/alice":  "",
	} {
		status, _, answer := w.send("GET", "/orgs/"+path, token, "")
		if want == "" {
			if status != http.StatusNotFound {
				t.Errorf("%s: %d %s", path, status, answer)
			}
			continue
		}
		role, state, _ := strings.Cut(want, " ")
		if status != http.StatusOK || !strings.Contains(answer, `"role":"`+role+`"`) || !strings.Contains(answer, `"state":"`+state+`"`) {
			t.Errorf("%s: %d %s, want %s", path, status, answer, want)
		}
	}
}

// TestTeamsOfAPerson: an installation on a person's account finds no teams, with or
// without the permission.
func TestTeamsOfAPerson(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.sim.NewRepository("alice/notes", simulator.RepositoryOptions{OwnedByUser: true})
	w.install = w.sim.Install("alice")
	for range 2 {
		if status, _, answer := w.send("GET", "/orgs/alice/teams/payments/memberships/alice", w.token(nil), ""); status != http.StatusNotFound {
			t.Errorf("%d %s", status, answer)
		}
		w.install.SetPermissions(map[string]string{"metadata": "read"})
	}
}
