package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
)

// releaseEvent is what a delivery tells of a release.
type releaseEvent struct {
	Action  string
	Release struct {
		ID                int64
		TagName           string `json:"tag_name"`
		Target            string `json:"target_commitish"`
		Name              string
		Draft, Prerelease bool
		CreatedAt         time.Time  `json:"created_at"`
		PublishedAt       *time.Time `json:"published_at"`
	}
	Changes *struct{}
}

// TestEventsOfReleases finds for each deed what GitHub delivers of it.
func TestEventsOfReleases(t *testing.T) {
	full, pre := simulator.ReleaseOptions{}, simulator.ReleaseOptions{Prerelease: true}
	draft, preDraft := simulator.ReleaseOptions{Draft: true}, simulator.ReleaseOptions{Draft: true, Prerelease: true}
	for _, c := range []struct {
		name string
		made simulator.ReleaseOptions
		then func(*simulator.Release)
		want string
	}{
		{"full", full, nil, "created published released"},
		{"prerelease", pre, nil, "created published prereleased"},
		{"draft", draft, nil, "created"},
		{"draft published", draft, (*simulator.Release).Publish, "created published released"},
		{"draft of a prerelease published", preDraft, (*simulator.Release).Publish, "created published"},
		{"prerelease promoted", pre, func(l *simulator.Release) { l.Edit(false) }, "created published prereleased edited released"},
		{"full demoted", full, func(l *simulator.Release) { l.Edit(true) }, "created published released edited prereleased"},
		{"full edited", full, func(l *simulator.Release) { l.Edit(false) }, "created published released edited"},
		{"draft edited", draft, func(l *simulator.Release) { l.Edit(true) }, "created edited"},
		{"unpublished", full, (*simulator.Release).Unpublish, "created published released unpublished"},
		{"unpublished and published", full, func(l *simulator.Release) { l.Unpublish(); l.Publish() }, "created published released unpublished published released"},
		{"deleted", full, (*simulator.Release).Delete, "created published released deleted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			defer w.noViolations()
			release := w.orders.Release("v1.0.0", "main", c.made)
			if c.then != nil {
				c.then(release)
			}
			var actions []string
			for _, e := range payloads[releaseEvent](t, w, "release") {
				actions = append(actions, e.Action)
				if e.Release.ID != release.ID() || e.Release.TagName != "v1.0.0" || e.Release.Target != "main" || e.Release.Name != "v1.0.0" {
					t.Errorf("%s: %+v", e.Action, e.Release)
				}
				if e.Release.Draft != (e.Release.PublishedAt == nil) || (e.Changes != nil) != (e.Action == "edited") {
					t.Errorf("%s: %+v", e.Action, e)
				}
			}
			if got := strings.Join(actions, " "); got != c.want {
				t.Errorf("delivered %q, want %q", got, c.want)
			}
		})
	}
}

// TestReleasesMakeTags: a release makes the tag that is not there, and only then.
func TestReleasesMakeTags(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	tagged := w.orders.Head("main")
	w.orders.Tag("v1", "main")
	w.orders.Commit("main", "More", map[string]string{"a": "b"})
	w.settle()
	before := len(w.sim.Deliveries())
	if got := w.orders.Release("v1", "main", simulator.ReleaseOptions{}).SHA(); got != tagged {
		t.Errorf("the release of a tag is of %s, want the tag's %s", got, tagged)
	}
	draft := w.orders.Release("v2", "main", simulator.ReleaseOptions{Draft: true})
	w.settle()
	for _, d := range w.sim.Deliveries()[before:] {
		if d.Event != "release" {
			t.Errorf("delivered %s", d.Event)
		}
	}
	token := w.token(nil)
	path := "/repos/acme/orders/git/ref/tags/v2"
	if status, _, _ := w.send("GET", path, token, ""); status != http.StatusNotFound {
		t.Errorf("the tag of a draft: %d", status)
	}
	head := w.orders.Commit("main", "Still more", map[string]string{"a": "c"})
	draft.Publish()
	if status, _, answer := w.send("GET", path, token, ""); status != http.StatusOK || !strings.Contains(answer, draft.SHA()) || draft.SHA() == head {
		t.Errorf("the tag of the release: %d %s", status, answer)
	}
	pushes := payloads[struct {
		Ref, After string
		Created    bool
	}](t, w, "push")
	if got := pushes[len(pushes)-1]; got.Ref != "refs/tags/v2" || got.After != draft.SHA() || !got.Created {
		t.Errorf("told of the tag: %+v", got)
	}
	draft.Delete()
	if status, _, _ := w.send("GET", path, token, ""); status != http.StatusOK {
		t.Errorf("the tag after the release is deleted: %d", status)
	}
}

func TestReleasesAreListed(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	made := w.clock.Now()
	w.clock.Advance(time.Hour)
	first := w.orders.Release("v1.0.0", "main", simulator.ReleaseOptions{})
	second := w.orders.Release("v2.0.0-rc.1", "main", simulator.ReleaseOptions{Prerelease: true})
	hidden := w.orders.Release("v3.0.0", "main", simulator.ReleaseOptions{Draft: true})
	w.orders.Release("app/v1.1.0", "main", simulator.ReleaseOptions{Name: "App 1.1"})
	token := w.token(nil)
	for query, want := range map[string]string{
		"":                     "app/v1.1.0 v2.0.0-rc.1 v1.0.0",
		"?per_page=2":          "app/v1.1.0 v2.0.0-rc.1",
		"?per_page=2&page=2":   "v1.0.0",
		"?per_page=100&page=2": "",
	} {
		status, header, answer := w.send("GET", "/repos/acme/orders/releases"+query, token, "")
		var list []struct {
			TagName string `json:"tag_name"`
		}
		if err := json.Unmarshal([]byte(answer), &list); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %v", query, status, err)
		}
		var got []string
		for _, l := range list {
			got = append(got, l.TagName)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
		if more := strings.Contains(header.Get("Link"), `rel="next"`); more != (query == "?per_page=2") {
			t.Errorf("%s: Link %q", query, header.Get("Link"))
		}
	}
	for path, want := range map[string]int{
		fmt.Sprint("/", first.ID()):  http.StatusOK,
		fmt.Sprint("/", hidden.ID()): http.StatusNotFound,
		"/1":                         http.StatusNotFound,
		"/tags/v2.0.0-rc.1":          http.StatusOK,
		"/tags/app/v1.1.0":           http.StatusOK,
		"/tags/v3.0.0":               http.StatusNotFound,
		"/tags/v9":                   http.StatusNotFound,
	} {
		if status, _, answer := w.send("GET", "/repos/acme/orders/releases"+path, token, ""); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, answer, want)
		}
	}
	_, _, answer := w.send("GET", "/repos/acme/orders/releases/tags/v2.0.0-rc.1", token, "")
	var told releaseEvent
	if err := json.Unmarshal([]byte(answer), &told.Release); err != nil {
		t.Fatal(err)
	}
	if l := told.Release; !l.Prerelease || l.Draft || l.ID != second.ID() || !l.CreatedAt.Equal(made) || !l.PublishedAt.Equal(made.Add(time.Hour)) {
		t.Errorf("told %+v", l)
	}
	page := func(tag string) (int, string) {
		response := must(http.Get(w.sim.URL() + "/acme/orders/releases/tag/" + tag))
		defer response.Body.Close()
		return response.StatusCode, string(must(io.ReadAll(response.Body)))
	}
	if status, shown := page("app/v1.1.0"); status != http.StatusOK || !strings.Contains(shown, first.SHA()[:7]) {
		t.Errorf("page: %d %s", status, shown)
	}
	if status, _ := page("v3.0.0"); status != http.StatusNotFound {
		t.Errorf("page of a draft: %d", status)
	}
	first.Unpublish()
	if status, _, _ := w.send("GET", "/repos/acme/orders/releases/tags/v1.0.0", token, ""); status != http.StatusNotFound {
		t.Errorf("unpublished: %d", status)
	}
}

// TestReleasesNeedTheirSubscription: contents: read alone brings no release events.
func TestReleasesNeedTheirSubscription(t *testing.T) {
	w := newWorld(t, func(o *simulator.Options) {
		o.Manifest = []byte("name: quiet\ndefault_permissions: {metadata: read, contents: read}\ndefault_events: [push]\n")
	})
	defer w.noViolations()
	w.orders.Release("v1", "main", simulator.ReleaseOptions{})
	w.settle()
	if got := w.hook.events(); !slices.Equal(got, []string{"installation.created", "push"}) {
		t.Errorf("delivered %q", got)
	}
}
