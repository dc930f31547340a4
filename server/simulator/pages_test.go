package simulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"plimsoll/server/simulator"
)

// page fetches a page and gives its text.
func (w *world) page(path string, want int) string {
	w.t.Helper()
	response, err := http.Get(w.sim.URL() + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if response.StatusCode != want {
		w.t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
	}
	return string(raw)
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.busy()
	run := p.Checks()[0].ID
	for _, c := range []struct {
		path string
		want []string
	}{
		{"/", []string{"acme/orders", "acme/web", "Add a path", `class="icon failure"`}},
		{"/acme", []string{"acme/orders"}},
		{"/acme/orders", []string{"private", "production", "openapi.yaml", "failure: Errors rose (plimsoll[bot])"}},
		{"/acme/orders/pull/1", []string{"Add a path", "Items, please.", "plimsoll[bot]", "edited", "Some checks were not successful", "1 commit", `title="plimsoll[bot]">eyes × 1`, "/plimsoll help", ">api<"}},
		{"/acme/orders/pull/1/checks", []string{"1 consumer breaks", "<strong>checkout</strong>", "Breaks checkout", "took 42s", "Acknowledge", "replaced by a newer run"}},
		{"/acme/orders/pull/1/files", []string{"+  /items:", "Breaks checkout", "not changed", "Unchanged file"}},
		{fmt.Sprintf("/acme/orders/runs/%d", run), []string{"plimsoll/contracts", "The path is new."}},
		{"/acme/orders/commit/" + w.orders.Head("main"), []string{"Add the contract", "Roll back"}},
		{"/acme/orders/blob/" + p.HeadSHA() + "/openapi.yaml", []string{`id="L6"`, "/items:"}},
		{"/acme/orders/raw/main/README.md", []string{"# Orders\n"}},
		{"/settings/apps/plimsoll/advanced", []string{"pull_request.opened", "202 Accepted"}},
		{"/-/requests", []string{"checks/create", "POST /repos/acme/orders/check-runs"}},
		{"/avatars/1001", []string{"<svg"}},
		{"/-/style.css", []string{".card"}},
	} {
		body := html.UnescapeString(w.page(c.path, http.StatusOK))
		for _, want := range c.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s shows no %q", c.path, want)
			}
		}
	}
	for _, path := range []string{"/nobody", "/acme/nothing", "/acme/orders/pull/9", "/acme/orders/runs/1", "/acme/orders/blob/main/nothing", "/acme/orders/commit/nothing", "/acme/orders/teapot"} {
		w.page(path, http.StatusNotFound)
	}
	w.orders.Rename("order-service")
	if body := w.page("/acme/orders/pull/1", http.StatusOK); !strings.Contains(body, "order-service") {
		t.Error("a former name does not lead on")
	}
}

// TestPagesLinkToPages follows every link of the pages below the simulator and finds
// that none fetches anything from elsewhere.
func TestPagesLinkToPages(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.busy()
	seen, queue := map[string]bool{"/": true}, []string{"/"}
	for len(queue) > 0 && len(seen) < 200 {
		path := queue[0]
		queue = queue[1:]
		z := html.NewTokenizer(strings.NewReader(w.page(path, http.StatusOK)))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			token := z.Token()
			for _, a := range token.Attr {
				if a.Key == "src" && !strings.HasPrefix(a.Val, "/") || token.Data == "link" && a.Key == "href" && !strings.HasPrefix(a.Val, "/") {
					t.Errorf("%s fetches %s", path, a.Val)
				}
				target, _, _ := strings.Cut(strings.TrimPrefix(a.Val, w.sim.URL()), "#")
				if (a.Key == "href" || a.Key == "src") && strings.HasPrefix(target, "/") && !seen[target] {
					seen[target] = true
					queue = append(queue, target)
				}
			}
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d pages are linked", len(seen))
	}
}

// press presses a button of the page from.
func (w *world) press(path string, form url.Values, origin, from string) (status int, location string) {
	w.t.Helper()
	request := must(http.NewRequestWithContext(w.t.Context(), "POST", w.sim.URL()+path, strings.NewReader(form.Encode())))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", origin)
	request.Header.Set("Referer", from)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response := must(client.Do(request))
	response.Body.Close()
	return response.StatusCode, response.Header.Get("Location")
}

// playing is a presentation of one step.
type playing struct{ begun int }

func (p *playing) Shown() (happened, next string) {
	return "Somebody <opens> a pull request", "merge it"
}
func (p *playing) Next() { p.begun++ }

func TestPagesShowAPresentation(t *testing.T) {
	story := &playing{}
	w := newWorld(t, func(o *simulator.Options) { o.Presentation = story })
	defer w.noViolations()
	w.busy()
	for _, path := range []string{"/", "/acme/orders/pull/1/checks", "/-/requests"} {
		if body := w.page(path, http.StatusOK); !strings.Contains(body, "Somebody &lt;opens&gt; a pull request") || !strings.Contains(body, "Next: merge it") {
			t.Errorf("%s does not show the story", path)
		}
	}
	for _, c := range []struct {
		origin, from string
		want         int
		back         string
	}{
		{"same-origin", w.sim.URL() + "/acme/orders/pull/1?tab=x", http.StatusSeeOther, "/acme/orders/pull/1"},
		{"same-origin", "http://evil.test//evil.test/x", http.StatusSeeOther, "/"},
		{"same-origin", "", http.StatusSeeOther, "/"},
		{"cross-site", "http://evil.test/", http.StatusForbidden, ""},
	} {
		if status, back := w.press("/-/next", nil, c.origin, c.from); status != c.want || back != c.back {
			t.Errorf("pressed on %q: %d to %q, expected %d to %q", c.from, status, back, c.want, c.back)
		}
	}
	if story.begun != 3 {
		t.Errorf("%d steps have begun, expected 3", story.begun)
	}
}

func TestButtonsOfPages(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.busy()
	run := fmt.Sprintf("/acme/orders/runs/%d", p.Checks()[0].ID)
	press := func(path string, form url.Values, origin string) int {
		status, _ := w.press(path, form, origin, "")
		return status
	}
	from := len(w.hook.events())
	for _, c := range []struct {
		path string
		form url.Values
		want int
	}{
		{"/acme/orders/pull/1/comment", url.Values{"body": {"/plimsoll recheck"}}, http.StatusSeeOther},
		{run + "/rerequest", nil, http.StatusSeeOther},
		{run + "/press", url.Values{"identifier": {"ack"}}, http.StatusSeeOther},
		{"/acme/orders/pull/1/merge", nil, http.StatusSeeOther},
		{"/acme/orders/pull/1/teapot", nil, http.StatusNotFound},
	} {
		if got := press(c.path, c.form, "same-origin"); got != c.want {
			t.Errorf("%s: %d, want %d", c.path, got, c.want)
		}
	}
	if got := press(run+"/rerequest", nil, "cross-site"); got != http.StatusForbidden {
		t.Errorf("a button on another site: %d", got)
	}
	w.settle()
	got := w.hook.events()[from:]
	for _, want := range []string{"issue_comment.created", "check_run.rerequested", "check_run.requested_action", "pull_request.closed"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in %q", want, got)
		}
	}
	first := w.sim.Deliveries()[0]
	if got := press(fmt.Sprintf("/settings/apps/plimsoll/advanced/%d", first.ID), nil, "same-origin"); got != http.StatusSeeOther {
		t.Errorf("redeliver: %d", got)
	}
	w.settle()
	if all := w.sim.Deliveries(); !all[len(all)-1].Redelivery {
		t.Error("nothing was delivered again")
	}
}

func TestScriptsThatNameNothingPanic(t *testing.T) {
	s := simulator.New(simulator.Options{})
	r := s.NewRepository("acme/a", simulator.RepositoryOptions{})
	for name, do := range map[string]func(){
		"branch":     func() { r.Head("nowhere") },
		"repository": func() { s.NewRepository("no-slash", simulator.RepositoryOptions{}) },
		"twice":      func() { s.NewRepository("ACME/a", simulator.RepositoryOptions{}) },
		"account":    func() { s.Install("nobody") },
		"file":       func() { r.Commit("main", "x", map[string]string{"a": simulator.Deleted}) },
		"path":       func() { r.Commit("main", "x", map[string]string{"../a": "b"}) },
		"release":    func() { r.Release("v1", "main", simulator.ReleaseOptions{}) },
		"group":      func() { _ = r.EndMergeGroup("nothing", simulator.GroupMerged) },
		"team":       func() { s.UserToken("bob"); s.Team("bob", "own") },
		"new login":  func() { s.UserToken("carol"); s.RenameAccount("acme", "carol") },
	} {
		func() {
			defer func() {
				if told, ok := recover().(string); !ok || !strings.HasPrefix(told, "simulator: ") {
					t.Errorf("%s: %v", name, told)
				}
			}()
			do()
		}()
	}
}
