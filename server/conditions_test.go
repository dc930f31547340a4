package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// conditions is what /readyz says.
type conditions struct {
	Status        string `json:"status"`
	Paused        int    `json:"paused_installations"`
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
		if _, public := r.ready(r.URL()); strings.Contains(public, "acme") || strings.Contains(public, "300001") {
			t.Errorf("outsiders are told %s", public)
		}
		allow()
	})
}
