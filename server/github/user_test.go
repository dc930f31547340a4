package github_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/github"
	"plimsoll/server/simulator"
)

// What somebody else's token may read is GitHub's word; everything else is not there.
func TestReadableBy(t *testing.T) {
	p := newWorld(t)
	p.sim.NewRepository("acme/site", simulator.RepositoryOptions{}).Commit("main", "Begin", map[string]string{"README.md": "x"})
	p.orders.Grant("ana", "read")
	ana, otto, job := p.sim.UserToken("ana"), p.sim.UserToken("otto"), p.orders.JobToken()
	for name, each := range map[string]struct {
		token, repo string
		class       github.Class
		bad         bool
	}{
		"may read":             {token: ana, repo: "acme/orders"},
		"in other letters":     {token: ana, repo: "ACME/Orders"},
		"a job of it":          {token: job, repo: "acme/orders"},
		"public":               {token: otto, repo: "acme/site"},
		"may not read":         {token: otto, repo: "acme/orders", class: github.ClassNotFound},
		"is not there":         {token: ana, repo: "acme/nothing", class: github.ClassNotFound},
		"no name":              {token: ana, repo: "acme/..", class: github.ClassNotFound},
		"a path":               {token: ana, repo: "acme/orders/../../user", class: github.ClassNotFound},
		"a token of nobody":    {token: "ghp_nobody", repo: "acme/site", bad: true},
		"a token with a break": {token: ana + "\r\nX-Evil: 1", repo: "acme/orders", bad: true},
		"no token":             {token: "", repo: "acme/site", bad: true},
		"an endless token":     {token: strings.Repeat("x", 1<<20), repo: "acme/site", bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			owner, repo, _ := strings.Cut(each.repo, "/")
			found, err := p.clients.ReadableBy(t.Context(), each.token, owner, repo)
			switch {
			case each.bad:
				if !errors.Is(err, github.ErrBadToken) {
					t.Errorf("error %v, expected a bad token", err)
				}
			case github.Classify(err) != each.class:
				t.Errorf("error %v is %q, expected %q", err, github.Classify(err), each.class)
			case err == nil && !strings.EqualFold(found.FullName(), each.repo):
				t.Errorf("found %s", found.FullName())
			}
			if err != nil && each.token != "" && strings.Contains(err.Error(), each.token) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
	p.sim.RevokeToken(ana)
	if _, err := p.clients.ReadableBy(t.Context(), ana, "acme", "orders"); !errors.Is(err, github.ErrBadToken) {
		t.Errorf("a revoked token: %v", err)
	}
}

// Troubles of GitHub's are no answer about who may read what.
func TestReadableByInTrouble(t *testing.T) {
	p := newWorld(t)
	p.orders.Grant("ana", "read")
	ana := p.sim.UserToken("ana")
	for status, class := range map[int]github.Class{http.StatusBadGateway: github.ClassRetry, http.StatusTooManyRequests: github.ClassRateLimited} {
		remove := p.sim.Fault(simulator.Fault{Operation: "repos/get", Status: status, Times: 1})
		if _, err := p.clients.ReadableBy(t.Context(), ana, "acme", "orders"); github.Classify(err) != class {
			t.Errorf("%d: error %v is %q, expected %q", status, err, github.Classify(err), class)
		}
		remove()
	}
	p.orders.Rename("shop")
	if found, err := p.clients.ReadableBy(t.Context(), ana, "acme", "orders"); err != nil || found.ID != p.orders.ID() || found.Name != "shop" {
		t.Errorf("by its former name: %v, %v", found, err)
	}
}
