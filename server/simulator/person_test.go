package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

func TestUserTokens(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.orders.Grant("bob", "write")
	w.orders.Grant("carol", "read")
	w.orders.Grant("dave", "none")
	tokens := map[string]string{"nobody": "", "unknown": "ghp_" + strings.Repeat("0", 36), "job": w.orders.JobToken(), "another job": w.web.JobToken(), "revoked": w.sim.UserToken("bob")}
	w.sim.RevokeToken(tokens["revoked"])
	for _, login := range []string{"bob", "carol", "dave", "erin"} {
		tokens[login] = w.sim.UserToken(login)
		if !strings.HasPrefix(tokens[login], "ghp_") || len(tokens[login]) != 40 {
			t.Errorf("%q is no token", tokens[login])
		}
	}
	w.web.Rename("site")
	byID := fmt.Sprintf("/repositories/%d", w.orders.ID())
	for _, c := range []struct {
		who, path string
		want      int
	}{
		{"bob", "/repos/acme/orders", http.StatusOK},
		{"carol", "/repos/acme/orders", http.StatusOK},
		{"dave", "/repos/acme/orders", http.StatusNotFound},
		{"erin", "/repos/acme/orders", http.StatusNotFound},
		{"nobody", "/repos/acme/orders", http.StatusNotFound},
		{"unknown", "/repos/acme/orders", http.StatusUnauthorized},
		{"revoked", "/repos/acme/orders", http.StatusUnauthorized},
		{"job", "/repos/acme/orders", http.StatusOK},
		{"another job", "/repos/acme/orders", http.StatusNotFound},
		{"bob", "/repos/acme/nothing", http.StatusNotFound},
		{"bob", byID, http.StatusOK},
		{"erin", byID, http.StatusNotFound},
		{"bob", "/repositories/1", http.StatusNotFound},
		{"erin", "/repos/acme/site", http.StatusOK},
		{"job", "/repos/acme/site", http.StatusOK},
		{"nobody", "/repos/acme/site", http.StatusOK},
		{"unknown", "/repos/acme/site", http.StatusUnauthorized},
		{"erin", "/repos/acme/web", http.StatusMovedPermanently},
		{"bob", "/user", http.StatusOK},
		{"nobody", "/user", http.StatusUnauthorized},
		{"unknown", "/user", http.StatusUnauthorized},
		{"job", "/user", http.StatusForbidden},
		{"bob", "/rate_limit", http.StatusOK},
	} {
		if status, _, answer := w.send("GET", c.path, tokens[c.who], ""); status != c.want {
			t.Errorf("%s, %s: %d %s, want %d", c.who, c.path, status, answer, c.want)
		}
	}
	if _, _, answer := w.send("GET", "/user", tokens["bob"], ""); !strings.Contains(answer, `"login":"bob"`) {
		t.Errorf("user: %s", answer)
	}
	if status, _, _ := w.send("GET", "/user", w.token(nil), ""); status != http.StatusForbidden {
		t.Errorf("user with an installation's token: %d", status)
	}
}

// TestARenamedPrivateRepository: a former name tells nothing to whoever may not read.
func TestARenamedPrivateRepository(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.orders.Grant("bob", "read")
	w.orders.Rename("order-service")
	for login, want := range map[string]int{"bob": http.StatusMovedPermanently, "erin": http.StatusNotFound} {
		if status, _, _ := w.send("GET", "/repos/acme/orders", w.sim.UserToken(login), ""); status != want {
			t.Errorf("%s: %d, want %d", login, status, want)
		}
	}
}

// TestWhatAPersonMayDo: the answer tells the caller's own rights.
func TestWhatAPersonMayDo(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	for role, want := range map[string]string{
		"admin": "pull triage push maintain admin", "maintain": "pull triage push maintain", "write": "pull triage push",
		"triage": "pull triage", "read": "pull",
	} {
		w.orders.Grant("bob", role)
		_, _, answer := w.send("GET", "/repos/acme/orders", w.sim.UserToken("bob"), "")
		var told struct{ Permissions map[string]bool }
		if err := json.Unmarshal([]byte(answer), &told); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, right := range []string{"pull", "triage", "push", "maintain", "admin"} {
			if told.Permissions[right] {
				got = append(got, right)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", role, got, want)
		}
	}
}

// TestUserTokensAreForLittle: the product's own work is not a person's.
func TestUserTokensAreForLittle(t *testing.T) {
	w := newWorld(t)
	w.orders.Grant("bob", "admin")
	token := w.sim.UserToken("bob")
	for _, path := range []string{"/repos/acme/orders/contents/openapi.yaml", "/app", "/installation/repositories"} {
		if status, _, _ := w.send("GET", path, token, ""); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
		w.violated("called with a person's token")
	}
}

// TestUserTokensHaveTheirOwnLimit: what people ask is not counted for the App.
func TestUserTokensHaveTheirOwnLimit(t *testing.T) {
	w := newWorld(t, func(o *simulator.Options) { o.EnforceLimits = true })
	defer w.noViolations()
	w.orders.Grant("bob", "read")
	used := func(token string) string {
		_, header, _ := w.send("GET", "/repos/acme/orders", token, "")
		return header.Get("X-RateLimit-Used")
	}
	installation, bob := w.token(nil), w.sim.UserToken("bob")
	if got := []string{used(installation), used(bob), used(bob), used(w.sim.UserToken("bob")), used(w.orders.JobToken()), used(installation)}; fmt.Sprint(got) != "[1 1 2 3 1 2]" {
		t.Errorf("used %v", got)
	}
}
