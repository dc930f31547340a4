package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

func TestRenameAccount(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	token := w.token(nil)
	w.sim.RenameAccount("acme", "Acme-Corp")
	type event struct {
		Action       string
		TargetType   string `json:"target_type"`
		Account      struct{ Login string }
		Organization struct{ Login string }
		Changes      struct{ Login struct{ From string } }
		Installation struct{ ID int64 }
	}
	told := payloads[event](t, w, "installation_target")
	if len(told) != 1 {
		t.Fatalf("told %+v", told)
	}
	if e := told[0]; e.Action != "renamed" || e.TargetType != "Organization" || e.Account.Login != "Acme-Corp" || e.Organization.Login != "Acme-Corp" ||
		e.Changes.Login.From != "acme" || e.Installation.ID != w.install.ID() {
		t.Errorf("told %+v", e)
	}
	if got := w.orders.FullName(); got != "Acme-Corp/orders" {
		t.Errorf("the repository is called %s", got)
	}
	for _, c := range []struct {
		path string
		want int
	}{
		{"/repos/acme/orders", http.StatusMovedPermanently},
		{"/repos/acme/web", http.StatusMovedPermanently},
		{"/repos/acme-corp/orders", http.StatusOK},
		{"/repos/Acme-Corp/web", http.StatusOK},
		{"/orgs/acme", http.StatusNotFound},
		{"/orgs/acme-corp", http.StatusOK},
	} {
		if status, _, _ := w.send("GET", c.path, token, ""); status != c.want {
			t.Errorf("%s: %d, want %d", c.path, status, c.want)
		}
	}
	// Whoever takes the old name takes its redirects too.
	w.sim.NewRepository("acme/orders", simulator.RepositoryOptions{})
	if status, _, answer := w.send("GET", "/repos/acme/orders", token, ""); status != http.StatusOK || strings.Contains(answer, "Acme-Corp") {
		t.Errorf("the new acme/orders: %d %s", status, answer)
	}
	w.web.Commit("main", "Go on", map[string]string{"n": "1"})
	if push := payloads[struct {
		Repository struct{ Owner struct{ Login string } }
	}](t, w, "push"); push[0].Repository.Owner.Login != "Acme-Corp" {
		t.Errorf("told %+v", push)
	}
}

func TestRenameAPerson(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.orders.Grant("bob", "maintain")
	w.sim.RenameAccount("bob", "Robert")
	if _, _, answer := w.send("GET", "/repos/acme/orders/collaborators/robert/permission", w.token(nil), ""); !strings.Contains(answer, `"role_name":"maintain"`) {
		t.Errorf("the role has not come along: %s", answer)
	}
	if told := payloads[any](t, w, "installation_target"); len(told) != 0 {
		t.Errorf("told of somebody without the App: %v", told)
	}
	w.sim.NewRepository("carol/notes", simulator.RepositoryOptions{OwnedByUser: true})
	w.sim.Install("carol")
	w.sim.RenameAccount("carol", "caroline")
	told := payloads[struct {
		TargetType   string `json:"target_type"`
		Organization *struct{}
	}](t, w, "installation_target")
	if len(told) != 1 || told[0].TargetType != "User" || told[0].Organization != nil {
		t.Errorf("told %+v", told)
	}
}
