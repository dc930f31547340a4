package github_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"plimsoll/checks"
	"plimsoll/server/github"
	"plimsoll/server/simulator"
)

func TestSimulatedTroubles(t *testing.T) {
	class := func(t *testing.T, err error, want github.Class) {
		t.Helper()
		if got := github.Classify(err); got != want {
			t.Errorf("%q, want %q: %v", got, want, err)
		}
	}
	run := func(p *world) error {
		_, err := p.clients.CreateCheckRun(t.Context(), p.ref, checks.CheckRun{Name: checks.ContractsRun, HeadSHA: p.orders.Head("main"), Conclusion: checks.Success, Title: "t", Summary: "s"})
		return err
	}
	t.Run("suspended and back", func(t *testing.T) {
		p := newWorld(t)
		class(t, run(p), github.ClassNone)
		p.install.Suspend()
		first := run(p)
		if c := github.Classify(first); c != github.ClassSuspended && c != github.ClassRetry {
			t.Errorf("with the old token: %v", first)
		}
		p.clients = p.newClients(t)
		class(t, run(p), github.ClassSuspended)
		p.install.Unsuspend()
		class(t, run(p), github.ClassNone)
	})
	t.Run("uninstalled", func(t *testing.T) {
		p := newWorld(t)
		p.install.Uninstall()
		class(t, run(p), github.ClassNotFound)
	})
	t.Run("tokens taken back", func(t *testing.T) {
		p := newWorld(t)
		class(t, run(p), github.ClassNone)
		p.install.TokensExpire()
		class(t, run(p), github.ClassRetry)
		class(t, run(p), github.ClassNone)
	})
	t.Run("archived", func(t *testing.T) {
		p := newWorld(t)
		p.orders.Archive()
		class(t, run(p), github.ClassArchived)
		repository, err := p.clients.Repository(t.Context(), p.ref)
		if err != nil || !repository.Archived {
			t.Errorf("%+v, %v", repository, err)
		}
	})
	t.Run("permission not granted", func(t *testing.T) {
		p := newWorld(t)
		p.allowed = "needs permission checks:write"
		p.install.SetPermissions(map[string]string{"metadata": "read", "contents": "read"})
		class(t, run(p), github.ClassPermission)
	})
	t.Run("renamed", func(t *testing.T) {
		p := newWorld(t)
		p.orders.Rename("orders-2")
		repository, err := p.clients.Repository(t.Context(), p.ref)
		if err != nil || repository.Name != "orders-2" || repository.ID != p.ref.ID {
			t.Errorf("%+v, %v", repository, err)
		}
		class(t, run(p), github.ClassNone)
		if shown := p.orders.Checks("main"); len(shown) != 1 {
			t.Errorf("the check run of a renamed repository: %+v", shown)
		}
	})
	t.Run("limits", func(t *testing.T) {
		p := newWorld(t)
		reset := time.Now().Add(10 * time.Minute).Truncate(time.Second)
		p.sim.SetRateLimit(p.install, 0, reset)
		err := run(p)
		limited, ok := errors.AsType[*github.RateLimited](err)
		if !ok || limited.Secondary || limited.Until.Before(reset) || limited.Until.After(reset.Add(2*time.Second)) {
			t.Errorf("primary: %v", err)
		}
	})
	t.Run("secondary", func(t *testing.T) {
		p := newWorld(t)
		p.sim.Fault(simulator.SecondaryLimit(42, 1))
		limited, ok := errors.AsType[*github.RateLimited](run(p))
		if !ok || !limited.Secondary {
			t.Errorf("%+v", limited)
		}
	})
	t.Run("faults", func(t *testing.T) {
		for name, fault := range map[string]simulator.Fault{
			"bad gateway":   {Operation: "checks/create", Status: http.StatusBadGateway, Body: "<html>oops"},
			"closed":        {Operation: "checks/create", Close: true},
			"answer lost":   {Operation: "checks/create", Close: true, After: true},
			"no token":      {Operation: "apps/create-installation-access-token", Status: 500},
			"too many (it)": {Operation: "checks/create", Status: http.StatusTooManyRequests},
		} {
			p := newWorld(t)
			p.sim.Fault(fault)
			err := run(p)
			want := github.ClassRetry
			if fault.Status == http.StatusTooManyRequests {
				want = github.ClassRateLimited
			}
			if github.Classify(err) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
