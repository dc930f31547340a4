package handlers

import (
	"fmt"
	"testing"
)

func TestRouteLive(t *testing.T) {
	const tail = `"installation":{"id":7},"repository":{"id":42,"default_branch":"main"}}`
	for _, test := range []struct {
		event, payload string
		kind           string // "" : ignored
	}{
		{"deployment", `{"action":"created","deployment":{"id":5},`, "deployment/5"},
		{"deployment_status", `{"action":"created","deployment":{"id":5},"deployment_status":{"id":9},`, "deployment_status/5"},
		{"deployment_status", `{"action":"created","deployment_status":{"id":9},`, ""},
		{"release", `{"action":"released","release":{"id":3},`, "release/3"},
		{"release", `{"action":"published","release":{"id":3},`, "release/3"},
		{"release", `{"action":"unpublished","release":{"id":3},`, "release/3"},
		{"release", `{"action":"deleted","release":{"id":3},`, "release/3"},
		{"release", `{"action":"edited","release":{"id":3},`, "release/3"},
		{"release", `{"action":"prereleased","release":{"id":3},`, "release/3"},
		{"release", `{"action":"created","release":{"id":3},`, ""},
	} {
		route, err := routes(t).Route(test.event, []byte(test.payload+tail))
		if err != nil {
			t.Fatal(err)
		}
		if test.kind == "" {
			if route.Ignore == "" {
				t.Errorf("%s %s is not ignored", test.event, test.payload)
			}
			continue
		}
		// One key for all of a repository, its registration too, so that they are done
		// in order; a kind for each subject, so that none swallows another's.
		if route.Ignore != "" || route.Kind != test.kind || route.Key != "repo/42" || route.Repository != 42 {
			t.Errorf("%s %s: %+v, expected kind %q", test.event, test.payload, route, test.kind)
		}
	}
	for _, payload := range []string{`{"deployment":{"id":"5"},`, `{"deployment":5,`} {
		if _, err := routes(t).Route("deployment", []byte(fmt.Sprint(payload, tail))); err == nil {
			t.Errorf("%s was taken for a payload", payload)
		}
	}
}
