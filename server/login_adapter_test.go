package server

import (
	"testing"

	"plimsoll/config"
	"plimsoll/server/github"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// A team of an account that has not installed the App makes nobody an operator, and keeps
// nobody from being one who is named after it.
func TestOperatorsAfterATeamThatCannotBeRead(t *testing.T) {
	operators := newTenants(&config.Server{Operators: []config.Operator{"gone/platform", "Ana"}}, githubAdapter{}, nil)
	r := rights{tenants: operators, store: storetest.Open(t, store.Options{DSN: storetest.SQLite(t)})}
	for login, want := range map[string]bool{"ana": true, "bob": false, "gone": false, "platform": false} {
		// Who is none may still be in the team, once its account is known.
		if is, settled, err := r.Operates(t.Context(), github.Person{Login: login, ID: 7}); err != nil || is != want || settled != want {
			t.Errorf("%s: operator %v, settled %v, %v; expected %v", login, is, settled, err, want)
		}
	}
}
