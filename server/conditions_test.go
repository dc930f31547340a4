package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// conditions is what /readyz says.
type conditions struct {
	Status string `json:"status"`
	Paused int    `json:"paused_installations"`
	Checks []struct {
		Name    string
		OK      bool
		Problem string
	}
	Installations []struct {
		Account string `json:"account"`
		Paused  *struct {
			Since, Until, Reason string
		}
		Lacking *struct {
			Permissions, Events []string
			Page                string
		}
		Reading *struct {
			Repositories, Read, Failed int
			Unreadable                 []struct{ Repository, Reason string }
		}
	} `json:"installations"`
}

// wrong lists the checks with a problem, and named those that were made.
func (c conditions) wrong() (wrong, named []string) {
	for _, check := range c.Checks {
		named = append(named, check.Name)
		if !check.OK {
			wrong = append(wrong, check.Name+": "+check.Problem)
		} else if check.Problem != "" {
			wrong = append(wrong, check.Name+" is ok with a problem")
		}
	}
	return wrong, named
}

// ready asks /readyz at one of the server's addresses.
func (r *reconciled) ready(address string) (c conditions, text string) {
	r.t.Helper()
	response, err := http.Get(address + "/readyz")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it is read below
	body, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(body, &c)
	}
	if err != nil || response.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %s, %v", response.Status, body, err)
	}
	return c, string(body)
}

// Operators see what an account has not granted, where to accept it, what could not be read
// and what is paused. Outsiders see how much is paused and no name.
func TestConditionsForOperators(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		granted := map[string]string{}
		for name, level := range map[string]string{"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write", "deployments": "write", "actions": "read", "issues": "write", "members": "read"} {
			granted[name] = level // actions: write and merge_queues are missing
		}
		allow := r.GitHub.Fault(simulator.Fault{Method: http.MethodGet, Status: http.StatusForbidden, Times: simulator.Always,
			Match: func(q *http.Request) bool { return strings.Contains(q.URL.Path, "/acme/web/") }})
		r.GitHub.Install("acme").SetPermissions(granted)
		r.Settle()
		r.later(2 * 3600e9)
		c, text := r.ready(r.AdminURL())
		if len(c.Installations) != 1 || c.Installations[0].Account != "acme" {
			t.Fatal(text)
		}
		of := c.Installations[0]
		if of.Lacking == nil || !slices.Equal(of.Lacking.Permissions, []string{"actions: write", "merge_queues: read"}) ||
			!strings.HasSuffix(of.Lacking.Page, "/organizations/acme/settings/installations/300001") {
			t.Errorf("lacking: %+v", of.Lacking)
		}
		if of.Reading == nil || of.Reading.Read != 1 || of.Reading.Failed != 1 || of.Reading.Unreadable[0].Repository != "acme/web" {
			t.Errorf("reading: %+v", of.Reading)
		}
		if of.Paused != nil {
			t.Errorf("paused: %+v", of.Paused)
		}
		if wrong, named := c.wrong(); len(wrong) != 3 || !slices.Equal(wrong[:2], []string{"permissions: 1 installation lacks permissions or events.", "repositories: 1 repository can't be read."}) || !strings.HasPrefix(wrong[2], "jobs: ") ||
			!slices.Equal(named, []string{"database", "queue", "configuration", "permissions", "repositories", "joined accounts", "accounts", "jobs"}) {
			t.Errorf("wrong: %q of %q", wrong, named)
		}
		outside, public := r.ready(r.URL())
		if strings.Contains(public, "acme") || strings.Contains(public, "300001") {
			t.Errorf("outsiders are told %s", public)
		}
		if wrong, named := outside.wrong(); len(wrong) > 0 || !slices.Equal(named, []string{"database", "queue", "configuration"}) {
			t.Errorf("outsiders are told %q of %q", wrong, named)
		}
		allow()
		if err := r.StopServer(); err != nil {
			t.Fatal(err)
		}
		log := &keptLog{}
		again, err := testbed.Open(t.Context(), testbed.Options{DSN: r.dsn, GitHub: r.GitHub, Clock: r.clock.Now, Log: zerolog.New(log).Level(zerolog.WarnLevel)})
		if err != nil {
			t.Fatal(err)
		}
		testbedtest.Of(t, again)
		r.await("the warning at the start", func() bool {
			return strings.Contains(log.String(), `"check":"permissions","message":"1 installation lacks permissions or events."`)
		})
	})
}
