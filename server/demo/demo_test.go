package demo_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/demo"
	"plimsoll/server/simulator"
	"plimsoll/server/stage"
	"plimsoll/server/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// noon is when everything happens: commits and pages are the same at every run.
var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dsn string) *stage.Stage {
	t.Helper()
	s, err := stage.Open(t.Context(), stage.Options{
		DSN: dsn, Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.InfoLevel),
		Simulator: simulator.Options{Clock: func() time.Time { return noon }},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		for _, violation := range s.GitHub.Violations() {
			t.Errorf("against GitHub's description or limits: %s", violation)
		}
	})
	return s
}

func settle(t *testing.T, s *stage.Stage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: what a person sees has changed (run with -update and read the difference):\n%s", file, got)
	}
}

// The story of the demo, as a person sees it on the pull request.
func TestStory(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		story, err := demo.New(s.GitHub)
		if err != nil {
			t.Fatal(err)
		}
		story.Install()
		settle(t, s)
		before := len(s.GitHub.Requests())
		pull, err := story.OpenPullRequest()
		if err != nil {
			t.Fatal(err)
		}
		settle(t, s)
		page := s.GitHub.Render(pull)
		golden(t, "story.txt", page)
		if s.GitHub.RenderAll() != page {
			t.Errorf("something was written that the pull request's page does not show:\n%s", s.GitHub.RenderAll())
		}
		used := s.GitHub.RequestsSince(before, false)
		t.Logf("one contract touched: %d requests: %s", len(used), routes(used))
		if len(used) > 8 {
			t.Errorf("%d requests for a pull request with one contract, at most 8", len(used))
		}
	})
}

func routes(exchanges []simulator.Exchange) string {
	var names []string
	for _, e := range exchanges {
		names = append(names, e.Method+" "+e.Route)
	}
	return strings.Join(names, ", ")
}
