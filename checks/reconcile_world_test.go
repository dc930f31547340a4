package checks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// errKilled is what everything answers once the process is taken to be killed.
var errKilled = errors.New("killed")

// world is a simulated GitHub and database, in which a process can be killed at any call:
// before the call has an effect, or after it, with its answer lost.
type world struct {
	calls  int
	killAt int // 0: never
	after  bool
	killed bool
	log    []string

	last     int64
	runs     map[int64]CheckRun
	foreign  map[int64]string // name of somebody else's run
	comments map[int64]string
	on       map[int64]int // comment → number
	issues   map[int]string
	closed   map[int]bool
	statuses []deploy.Status
	stored   map[string]Publication
}

func newWorld() *world {
	return &world{
		runs: map[int64]CheckRun{}, foreign: map[int64]string{}, comments: map[int64]string{}, on: map[int64]int{},
		issues: map[int]string{}, closed: map[int]bool{}, stored: map[string]Publication{},
	}
}

// call counts a call and has it take effect, or the process killed.
func (w *world) call(what string, effect func()) error {
	if w.killed {
		return errKilled
	}
	w.calls++
	w.log = append(w.log, what)
	if w.calls == w.killAt {
		if w.killed = true; w.after {
			effect()
		}
		return errKilled
	}
	effect()
	return nil
}

func (w *world) CreateCheckRun(_ context.Context, _ contracts.RepositoryRef, run CheckRun) (id int64, err error) {
	if len(run.Annotations) > MaxAnnotations {
		return 0, errors.New("422: too many annotations")
	}
	err = w.call("create run "+run.Name, func() { w.last++; id = w.last; w.runs[id] = run })
	return id, err
}

func (w *world) UpdateCheckRun(_ context.Context, _ contracts.RepositoryRef, id int64, run CheckRun) error {
	missing := false
	err := w.call("update run "+run.Name, func() {
		was, ok := w.runs[id]
		missing = !ok
		if ok {
			run.Annotations = append(was.Annotations, run.Annotations...)
			w.runs[id] = run
		}
	})
	if missing {
		return fs.ErrNotExist
	}
	return err
}

func (w *world) RunsNamed(_ context.Context, _ contracts.RepositoryRef, head, name string) (found []FoundRun, err error) {
	err = w.call("list runs "+name, func() {
		for id, run := range w.runs {
			if run.Name == name && run.HeadSHA == head {
				found = append(found, FoundRun{ID: id, Own: true, ExternalID: run.ExternalID})
			}
		}
		for id, foreign := range w.foreign {
			if foreign == name {
				found = append(found, FoundRun{ID: id})
			}
		}
		slices.SortFunc(found, func(a, b FoundRun) int { return int(b.ID - a.ID) })
	})
	return found, err
}

func (w *world) FindCheckRun(_ context.Context, _ contracts.RepositoryRef, head, name, externalID string) (id int64, err error) {
	err = w.call("find run "+name, func() {
		for found, run := range w.runs {
			if run.Name == name && run.HeadSHA == head && run.ExternalID == externalID {
				id = max(id, found)
			}
		}
	})
	return id, err
}

func (w *world) AnnotationCount(_ context.Context, _ contracts.RepositoryRef, id int64) (n int, err error) {
	err = w.call("count annotations", func() { n = len(w.runs[id].Annotations) })
	return n, err
}

func (w *world) DeploymentStatuses(context.Context, contracts.RepositoryRef, int64) (all []deploy.Status, err error) {
	err = w.call("list statuses", func() { all = slices.Clone(w.statuses) })
	return all, err
}

func (w *world) ReportDeployment(_ context.Context, _ contracts.RepositoryRef, _ int64, state deploy.State, _, _ string) error {
	return w.call("report "+string(state), func() { w.statuses = append(w.statuses, deploy.Status{Own: true, State: state}) })
}

func (w *world) CreateIssue(_ context.Context, _ contracts.RepositoryRef, _, body string) (number int, err error) {
	err = w.call("create issue", func() { number = 100 + len(w.issues); w.issues[number] = body })
	return number, err
}

func (w *world) EditIssue(_ context.Context, _ contracts.RepositoryRef, number int, body string, closed bool) error {
	missing := false
	err := w.call("edit issue", func() {
		if _, ok := w.issues[number]; !ok {
			missing = true
			return
		}
		w.issues[number], w.closed[number] = body, closed
	})
	if missing {
		return fs.ErrNotExist
	}
	return err
}

func (w *world) FindIssue(_ context.Context, _ contracts.RepositoryRef, marker string, _ time.Time) (number int, err error) {
	err = w.call("find issue", func() {
		for n, body := range w.issues {
			if strings.Contains(body, marker) {
				number = n
			}
		}
	})
	return number, err
}

func (w *world) CreateComment(_ context.Context, _ contracts.RepositoryRef, number int, body string) (id int64, err error) {
	err = w.call("create comment", func() { w.last++; id = w.last; w.comments[id], w.on[id] = body, number })
	return id, err
}

func (w *world) EditComment(_ context.Context, _ contracts.RepositoryRef, id int64, body string) error {
	missing := false
	err := w.call("edit comment", func() {
		if _, ok := w.comments[id]; !ok {
			missing = true
			return
		}
		w.comments[id] = body
	})
	if missing {
		return fs.ErrNotExist
	}
	return err
}

func (w *world) FindComment(_ context.Context, _ contracts.RepositoryRef, number int, marker string) (id int64, err error) {
	err = w.call("find comment", func() {
		for found, body := range w.comments {
			if w.on[found] == number && strings.Contains(body, marker) {
				id = found
			}
		}
	})
	return id, err
}

func keyOf(p Publication) string { return p.Subject + " " + string(p.Kind) + " " + p.Name }

func (w *world) desire(all ...Publication) {
	for _, p := range all {
		if was, ok := w.stored[keyOf(p)]; ok {
			p.Remote, p.Published, p.Unsure, p.Memo = was.Remote, was.Published, was.Unsure, was.Memo
		}
		w.stored[keyOf(p)] = p
	}
}

func (w *world) Publications(_ context.Context, _ contracts.RepositoryRef, subject string) (all []Publication, err error) {
	err = w.call("read "+subject, func() {
		for _, key := range slices.Sorted(maps.Keys(w.stored)) {
			if p := w.stored[key]; p.Subject == subject {
				all = append(all, p)
			}
		}
	})
	return all, err
}

func (w *world) Verdicts(_ context.Context, _ contracts.RepositoryRef, head string) (all []Publication, err error) {
	err = w.call("read verdicts", func() {
		for _, key := range slices.Sorted(maps.Keys(w.stored)) {
			if p := w.stored[key]; p.Kind == PublishedVerdict && p.Head == head {
				all = append(all, p)
			}
		}
	})
	return all, err
}

func (w *world) PutActual(_ context.Context, _ contracts.RepositoryRef, p Publication) error {
	return w.call("store "+keyOf(p), func() {
		was := w.stored[keyOf(p)]
		if was.Subject == "" {
			was = Publication{Subject: p.Subject, Kind: p.Kind, Name: p.Name, Head: p.Head}
		}
		was.Remote, was.Published, was.Unsure, was.Memo = p.Remote, p.Published, p.Unsure, p.Memo
		w.stored[keyOf(p)] = was
	})
}

func (w *world) reconcile(t *testing.T, subjects ...string) {
	t.Helper()
	r, err := NewReconciler(w, w)
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range subjects {
		if err := r.Reconcile(t.Context(), repo, subject); err != nil {
			t.Fatal(err)
		}
	}
}

// stands is what people see on GitHub.
func (w *world) stands() string {
	var lines []string
	for _, run := range w.runs {
		lines = append(lines, fmt.Sprintf("run %s %s %s %q with %d annotations", run.Name, run.HeadSHA[:7], run.Conclusion, run.Title, len(run.Annotations)))
	}
	for id, body := range w.comments {
		lines = append(lines, fmt.Sprintf("comment on #%d: %s", w.on[id], body))
	}
	for number, body := range w.issues {
		lines = append(lines, fmt.Sprintf("issue, closed %t: %s", w.closed[number], body))
	}
	for _, status := range w.statuses {
		lines = append(lines, "status "+string(status.State))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
