package simulator_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

// TestEventsOfAPullRequest plays the life of a pull request and finds what GitHub
// delivers of it, in order.
func TestEventsOfAPullRequest(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.settle()
	seen := len(w.hook.events())
	next := func(want ...string) {
		t.Helper()
		w.settle()
		all := w.hook.events()
		if got := all[seen:]; !slices.Equal(got, want) {
			t.Errorf("delivered %q, want %q", got, want)
		}
		seen = len(all)
	}

	p := w.pull()
	next("push", "check_suite.requested", "pull_request.opened")
	if e := last[*github.PullRequestEvent](t, w.hook); e.GetNumber() != 1 || e.GetPullRequest().GetHead().GetSHA() != p.HeadSHA() ||
		e.GetPullRequest().GetBase().GetRepo().GetOwner().GetLogin() != "acme" || e.GetInstallation().GetID() != w.install.ID() ||
		!e.GetRepo().GetPrivate() || e.GetRepo().GetDefaultBranch() != "main" || e.GetSender().GetLogin() != "alice" {
		t.Errorf("opened: %v", e)
	}

	before := p.HeadSHA()
	after := p.Push("Rename the path", map[string]string{"openapi.yaml": contractV1 + "  /things:\n    get: {}\n"})
	next("push", "check_suite.requested", "pull_request.synchronize")
	if e := last[*github.PullRequestEvent](t, w.hook); e.GetBefore() != before || e.GetAfter() != after {
		t.Errorf("synchronize: %s, %s", e.GetBefore(), e.GetAfter())
	}
	push := last[*github.PushEvent](t, w.hook)
	if push.GetRef() != "refs/heads/more" || push.GetAfter() != after || len(push.Commits) != 1 || !slices.Equal(push.Commits[0].Modified, []string{"openapi.yaml"}) ||
		push.GetRepo().GetFullName() != "acme/orders" || push.GetForced() {
		t.Errorf("push: %v", push)
	}

	w.orders.Branch("release", "main")
	next("push", "check_suite.requested") // the commit is from before the installation
	p.Edit("", "", "release")
	next("pull_request.edited")
	if e := last[*github.PullRequestEvent](t, w.hook); e.GetChanges().GetBase().GetRef().GetFrom() != "main" {
		t.Errorf("edited: %v", e.GetChanges())
	}
	p.Draft()
	p.Ready()
	next("pull_request.converted_to_draft", "pull_request.ready_for_review")
	p.Comment("bob", "/plimsoll recheck")
	next("issue_comment.created")
	if e := last[*github.IssueCommentEvent](t, w.hook); e.GetComment().GetUser().GetLogin() != "bob" || !e.GetIssue().IsPullRequest() {
		t.Errorf("comment: %v", e)
	}
	p.Suite().Rerequest()
	next("check_suite.rerequested")
	p.Close()
	p.Reopen()
	next("pull_request.closed", "pull_request.reopened")
	if _, err := p.Merge(simulator.Squash); err != nil {
		t.Fatal(err)
	}
	next("pull_request.closed", "push", "check_suite.requested")
	if e := last[*github.PullRequestEvent](t, w.hook); !e.GetPullRequest().GetMerged() {
		t.Errorf("merged: %v", e)
	}
}

// TestBodiesOfPullRequests: events and answers tell the body, an edit what it was.
func TestBodiesOfPullRequests(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	w.settle()
	if e := last[*github.PullRequestEvent](t, w.hook); e.GetPullRequest().GetBody() != "Items, please." {
		t.Errorf("opened: body %q", e.GetPullRequest().GetBody())
	}
	p.Edit("", "Items.\n\n- [x] acknowledged", "")
	w.settle()
	e := last[*github.PullRequestEvent](t, w.hook)
	if e.GetAction() != "edited" || e.GetPullRequest().GetBody() != "Items.\n\n- [x] acknowledged" || e.GetChanges().GetBody().GetFrom() != "Items, please." ||
		e.GetChanges().Title != nil || e.GetChanges().Base != nil {
		t.Errorf("edited: body %q, changes %v", e.GetPullRequest().GetBody(), e.GetChanges())
	}
	client := w.installation()
	one, _, err := client.PullRequests.Get(t.Context(), "acme", "orders", p.Number())
	if err != nil || one.GetBody() != "Items.\n\n- [x] acknowledged" {
		t.Errorf("answered %q, %v", one.GetBody(), err)
	}
	all, _, err := client.PullRequests.List(t.Context(), "acme", "orders", nil)
	if err != nil || all[0].GetBody() != one.GetBody() {
		t.Errorf("listed %v, %v", all, err)
	}
}

func TestEventsOfARepository(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.orders.Rename("order-service")
	w.orders.Archive()
	w.orders.Unarchive()
	w.orders.Environment("production", true)
	d := w.orders.Deploy("production", "main", simulator.DeployOptions{WorkflowRun: true})
	d.Status("success", "https://orders.acme.test")
	w.install.Remove(w.web)
	w.install.Add(w.web)
	w.install.Suspend()
	w.orders.Commit("main", "Nobody hears of it", map[string]string{"a": "b"})
	w.install.Unsuspend()
	w.install.Uninstall()
	w.orders.Commit("main", "Nor of this", map[string]string{"a": "c"})
	w.settle()
	want := []string{
		"installation.created", "repository.renamed", "repository.archived", "repository.unarchived",
		"deployment.created", "deployment_protection_rule.requested", "deployment_status.created",
		"installation_repositories.removed", "installation_repositories.added", "installation.suspend", "installation.unsuspend", "installation.deleted",
	}
	got := w.hook.events()
	for i, name := range got {
		if name == "deployment" || name == "deployment_status" { // these payloads have no GetAction in v60
			got[i] = name + ".created"
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("delivered %q\nwant %q", got, want)
	}
	if e := last[*github.DeploymentProtectionRuleEvent](t, w.hook); !strings.HasSuffix(e.GetDeploymentCallbackURL(), "/deployment_protection_rule") || e.GetEnvironment() != "production" {
		t.Errorf("gate: %v", e)
	}
}

func TestNothingIsDeliveredWithoutSubscription(t *testing.T) {
	w := newWorld(t, func(o *simulator.Options) {
		o.Manifest = []byte("name: quiet\ndefault_permissions: {metadata: read, contents: read}\ndefault_events: [push]\n")
	})
	w.pull()
	w.settle()
	if got := w.hook.events(); !slices.Equal(got, []string{"installation.created", "push"}) {
		t.Errorf("delivered %q", got)
	}
}

func TestFatesOfDeliveries(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.settle()
	count := func() int { return len(w.hook.events()) }
	commit := func(fate simulator.Fate) int {
		w.sim.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if d.Event == "push" {
				return fate
			}
			return simulator.Vanish
		})
		before := count()
		w.web.Commit("main", "Again", map[string]string{"n": time.Now().String()})
		w.settle()
		return count() - before
	}
	logged := func() int { return len(w.sim.Deliveries()) }

	if n := commit(simulator.Send); n != 1 {
		t.Errorf("sent %d times", n)
	}
	if n := commit(simulator.Double); n != 2 {
		t.Errorf("doubled: sent %d times", n)
	}
	before := logged()
	if n := commit(simulator.Vanish); n != 0 || logged() != before {
		t.Errorf("vanished: sent %d times, logged %d", n, logged()-before)
	}
	if n := commit(simulator.Drop); n != 0 || logged() != before+1 {
		t.Errorf("dropped: sent %d times, logged %d", n, logged()-before)
	}
	dropped := w.sim.Deliveries()[before]
	if dropped.StatusCode != http.StatusBadGateway || dropped.Status != "failed to connect to host" {
		t.Errorf("dropped: %d %s", dropped.StatusCode, dropped.Status)
	}
	commit(simulator.Hold)
	commit(simulator.Hold)
	if held := w.sim.Held(); len(held) != 2 {
		t.Fatalf("held %d", len(held))
	}
	second := w.sim.Held()[1].GUID
	w.sim.OnDelivery(nil)
	at := count()
	w.sim.Release()
	w.settle()
	if got := w.hook.ids()[at]; got != second || count() != at+2 {
		t.Errorf("released %q first, want the newest, %q", got, second)
	}
}

// ids lists the delivery ids that came.
func (r *receiver) ids() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for _, e := range r.got {
		ids = append(ids, e.delivery)
	}
	return ids
}

func TestDeliveryLog(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.settle()
	w.hook.mu.Lock()
	w.hook.status = http.StatusInternalServerError
	w.hook.mu.Unlock()
	p := w.pull()
	w.settle()
	w.hook.mu.Lock()
	w.hook.status = http.StatusAccepted
	w.hook.mu.Unlock()
	p.Comment("bob", "Hm")
	w.settle()

	app := w.app()
	var all []*github.HookDelivery
	options := &github.ListCursorOptions{PerPage: 2}
	for {
		page, response, err := app.Apps.ListHookDeliveries(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > 2 {
			t.Errorf("%d on a page of 2", len(page))
		}
		all = append(all, page...)
		if response.Cursor == "" {
			break
		}
		options.Cursor = response.Cursor
	}
	if len(all) != 5 || all[0].GetEvent() != "issue_comment" || all[4].GetEvent() != "installation" {
		t.Fatalf("log: %v", all)
	}
	var failed []*github.HookDelivery
	request, err := app.NewRequest(http.MethodGet, "app/hook/deliveries?status=failure", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Do(t.Context(), request, &failed); err != nil || len(failed) != 3 || failed[2].GetStatusCode() != 500 {
		t.Fatalf("failed: %v, %v", failed, err)
	}
	whole, _, err := app.Apps.GetHookDelivery(t.Context(), failed[0].GetID())
	if err != nil {
		t.Fatal(err)
	}
	if payload, err := whole.ParseRequestPayload(); err != nil || payload.(*github.PullRequestEvent).GetAction() != "opened" {
		t.Errorf("payload: %v, %v", payload, err)
	}
	before := len(w.hook.ids())
	_, _, err = app.Apps.RedeliverHookDelivery(t.Context(), failed[0].GetID())
	if accepted := (*github.AcceptedError)(nil); !errors.As(err, &accepted) {
		t.Fatalf("redeliver: %v", err)
	}
	w.settle()
	if ids := w.hook.ids(); len(ids) != before+1 || ids[before] != failed[0].GetGUID() {
		t.Errorf("redelivered %q, want %s once", ids[before:], failed[0].GetGUID())
	}
	log := w.sim.Deliveries()
	if newest := log[len(log)-1]; !newest.Redelivery || newest.StatusCode != http.StatusAccepted {
		t.Errorf("log of the redelivery: %+v", newest)
	}
}

func TestDeliveryToNobody(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.settle()
	w.hook.server.Close()
	w.web.Commit("main", "Lost", map[string]string{"a": "b"})
	w.settle()
	log := w.sim.Deliveries()
	if last := log[len(log)-1]; last.Status != "failed to connect to host" || last.StatusCode < 400 {
		t.Errorf("log: %d %s", last.StatusCode, last.Status)
	}
	w.sim.SetHook("")
	w.web.Commit("main", "Unheard", map[string]string{"a": "c"})
	if got := len(w.sim.Deliveries()); got != len(log) {
		t.Errorf("logged %d without a hook", got-len(log))
	}
}

// TestDeliveriesAtOnce: with three senders three deliveries are under way together.
func TestDeliveriesAtOnce(t *testing.T) {
	w := newWorld(t, func(o *simulator.Options) { o.Senders = 3 })
	defer w.noViolations()
	w.settle()
	var meeting sync.WaitGroup
	meeting.Add(3)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		meeting.Done()
		meeting.Wait() // nobody answers before all three are here
		rw.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	w.sim.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
		if d.Event == "push" {
			return simulator.Send
		}
		return simulator.Vanish
	})
	w.sim.SetHook(server.URL)
	for _, content := range []string{"1", "2", "3"} {
		w.web.Commit("main", "n", map[string]string{"n": content})
	}
	w.settle()
	for _, d := range w.sim.Deliveries()[1:] {
		if d.StatusCode != http.StatusAccepted {
			t.Errorf("%d %s", d.StatusCode, d.Status)
		}
	}
}

func TestDeliveriesTimeOut(t *testing.T) {
	w := newWorld(t, func(o *simulator.Options) { o.HookTimeout = 20 * time.Millisecond })
	defer w.noViolations()
	w.settle()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client has gone
		<-r.Context().Done()
	}))
	defer server.Close()
	w.sim.SetHook(server.URL)
	w.web.Commit("main", "n", map[string]string{"n": "1"})
	w.settle()
	log := w.sim.Deliveries()
	if newest := log[len(log)-1]; newest.StatusCode != http.StatusGatewayTimeout || newest.Status != "timed out" {
		t.Errorf("%d %s", newest.StatusCode, newest.Status)
	}
}
