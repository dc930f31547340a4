package checks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
)

// runsLog is a GitHub that keeps what it was sent.
type runsLog struct {
	requests []CheckRun // in order; the first is the POST
	ids      []int64
	failAt   int // 1: the first request fails
	err      error
}

var _ Runs = (*runsLog)(nil)

func (l *runsLog) CreateCheckRun(_ context.Context, _ contracts.RepositoryRef, run CheckRun) (int64, error) {
	return 77, l.take(0, run)
}

func (l *runsLog) UpdateCheckRun(_ context.Context, _ contracts.RepositoryRef, id int64, run CheckRun) error {
	return l.take(id, run)
}

func (l *runsLog) take(id int64, run CheckRun) error {
	l.requests, l.ids = append(l.requests, run), append(l.ids, id)
	if len(l.requests) == l.failAt {
		return l.err
	}
	return nil
}

func annotated(n int) CheckRun {
	run := CheckRun{Name: ContractsRun, HeadSHA: commitSHA, Conclusion: Failure, Title: "t", Summary: "s"}
	for i := range n {
		run.Annotations = append(run.Annotations, Annotation{Path: "a.yaml", StartLine: i + 1, EndLine: i + 1, Level: Fail, Message: "m"})
	}
	return run
}

func TestPublish(t *testing.T) {
	for _, c := range []struct {
		annotations int
		requests    []int // annotations of each
	}{
		{0, []int{0}},
		{MaxAnnotations, []int{50}},
		{MaxAnnotations + 1, []int{50, 1}},
		{120, []int{50, 50, 20}},
		{MaxAllAnnotations, []int{50, 50, 50}},
		{MaxAllAnnotations + 1, []int{50, 50, 50}},
	} {
		t.Run(fmt.Sprint(c.annotations), func(t *testing.T) {
			log := &runsLog{}
			id, err := Publish(t.Context(), log, repo, annotated(c.annotations))
			if err != nil || id != 77 {
				t.Fatalf("id %d, error %v", id, err)
			}
			var sizes []int
			line := 1
			for i, r := range log.requests {
				sizes = append(sizes, len(r.Annotations))
				if r.Conclusion != Failure || r.Name != ContractsRun || r.Title != "t" || r.Summary != "s" {
					t.Errorf("request %d does not carry the verdict: %+v", i, r)
				}
				if i > 0 && log.ids[i] != 77 {
					t.Errorf("request %d is for run %d", i, log.ids[i])
				}
				for _, a := range r.Annotations {
					if a.StartLine != line {
						t.Errorf("request %d: line %d in place of %d", i, a.StartLine, line)
					}
					line++
				}
			}
			if !slices.Equal(sizes, c.requests) {
				t.Errorf("annotations by request: %v, want %v", sizes, c.requests)
			}
		})
	}
}

func TestPublishNeverSendsTooMuch(t *testing.T) {
	run := annotated(1)
	run.Summary = strings.Repeat("- ä\n", 100_000)
	run.Text = run.Summary
	log := &runsLog{}
	if _, err := Publish(t.Context(), log, repo, run); err != nil {
		t.Fatal(err)
	}
	fits(t, log.requests[0])
	if !strings.Contains(log.requests[0].Summary, "`plimsoll check --base A --head B` prints all of it.") {
		t.Error("the cut summary does not say where the rest is")
	}
}

func TestPublishFailures(t *testing.T) {
	gone := errors.New("502")
	log := &runsLog{failAt: 1, err: gone}
	if id, err := Publish(t.Context(), log, repo, annotated(60)); !errors.Is(err, gone) || id != 0 || len(log.requests) != 1 {
		t.Errorf("the first request fails: id %d, %v, %d requests", id, err, len(log.requests))
	}
	log = &runsLog{failAt: 2, err: gone}
	if id, err := Publish(t.Context(), log, repo, annotated(60)); !errors.Is(err, gone) || id != 77 || len(log.requests) != 2 {
		t.Errorf("the second request fails: id %d, %v, %d requests; the run is there", id, err, len(log.requests))
	}
}

func TestRepublish(t *testing.T) {
	log := &runsLog{}
	id, err := Republish(t.Context(), log, repo, 77, annotated(60))
	if err != nil || id != 77 || len(log.requests) != 1 || log.ids[0] != 77 {
		t.Fatalf("id %d, %v, %+v", id, err, log.requests)
	}
	if r := log.requests[0]; len(r.Annotations) != 0 || r.Conclusion != Failure || r.Name != ContractsRun {
		t.Errorf("GitHub appends annotations, so none may be sent again: %+v", r)
	}
	gone := errors.New("502")
	if _, err := Republish(t.Context(), &runsLog{failAt: 1, err: gone}, repo, 77, annotated(1)); !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
}

var repo = contracts.RepositoryRef{ID: 1, Owner: "acme", Name: "orders", Private: true}

const commitSHA = "bbbbbbb2222222222222222222222222bbbbbbbb"

func fits(t *testing.T, run CheckRun) {
	t.Helper()
	if len(run.Summary) > MaxSummaryBytes || len(run.Text) > MaxTextBytes {
		t.Errorf("a summary of %d bytes and a text of %d", len(run.Summary), len(run.Text))
	}
	if len(run.Annotations) > MaxAllAnnotations || len(run.Actions) > MaxActions {
		t.Errorf("%d annotations and %d actions", len(run.Annotations), len(run.Actions))
	}
}
