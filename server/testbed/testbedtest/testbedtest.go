// Package testbedtest opens testbeds in tests: the clock stands still, logs go to the
// test, and a call that GitHub would have refused fails it.
//
// It must not know what a test checks.
package testbedtest

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Noon is the time of everything: commits and pages are the same in every run.
var Noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// Testbed is an open testbed of a test.
type Testbed struct {
	*testbed.Testbed
	t testing.TB
}

// GitHub starts a simulated GitHub that ends with the test. Its clock stays at Noon.
func GitHub(t testing.TB) *simulator.Simulator {
	t.Helper()
	return GitHubAt(t, func() time.Time { return Noon })
}

// GitHubAt is GitHub with a clock, such as the server's where both must agree.
func GitHubAt(t testing.TB, clock func() time.Time) *simulator.Simulator {
	t.Helper()
	github := simulator.New(simulator.Options{Clock: clock})
	if err := github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := github.Close(); err != nil {
			t.Errorf("close GitHub: %v", err)
		}
		for _, violation := range github.Violations() {
			t.Errorf("against GitHub's description, limits or permissions: %s", violation)
		}
	})
	return github
}

// Open opens a testbed that ends with the test. Without a GitHub in the options it gets
// its own.
func Open(t testing.TB, o testbed.Options) *Testbed {
	t.Helper()
	if o.GitHub == nil {
		o.GitHub = GitHub(t)
	}
	o.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel)
	opened, err := testbed.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return Of(t, opened)
}

// Of takes a testbed that was opened with a log of the test's own. It ends with the test.
func Of(t testing.TB, opened *testbed.Testbed) *Testbed {
	t.Helper()
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Errorf("close the testbed: %v", err)
		}
	})
	return &Testbed{Testbed: opened, t: t}
}

// patience is how long a testbed may take to settle on a slow machine.
const patience = 2 * time.Minute

// Settle waits until everything is delivered and done.
func (s *Testbed) Settle() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if err := s.Testbed.Settle(ctx); err != nil {
		s.t.Fatal(err)
	}
}

// Used returns the calls that the server makes while do runs and everything settles,
// without those for tokens.
func (s *Testbed) Used(do func()) []simulator.Exchange {
	s.t.Helper()
	before := len(s.Testbed.GitHub.Requests())
	do()
	s.Settle()
	return s.Testbed.GitHub.RequestsSince(before, false)
}

// Routes names calls, for messages.
func Routes(exchanges []simulator.Exchange) string {
	names := make([]string, len(exchanges))
	for i, e := range exchanges {
		names[i] = e.Method + " " + e.Route
	}
	return strings.Join(names, ", ")
}

// InTheEnd removes from a page what depends on the order in which jobs happen to run: how
// many answers came before the last one, and which of them notified the owners.
func InTheEnd(page string) string {
	page = interim.ReplaceAllString(page, "")
	page = calls.ReplaceAllString(page, "")
	return edits.ReplaceAllString(page, "")
}

var (
	interim = regexp.MustCompile(`(?m)^## check .* \(replaced\)\n(?:    .*\n|\n)*`)
	calls   = regexp.MustCompile(`(?m)^    cc @.*\n *\n`)
	edits   = regexp.MustCompile(` \(edited \d+×\)`)
)

// Golden compares what a person sees with a file below testdata; -update writes it.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
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
	// How often a comment was edited depends on which of its texts were sent together.
	if edits.ReplaceAllString(got, "") != edits.ReplaceAllString(string(want), "") {
		t.Errorf("%s: what a person sees has changed (run with -update and read the difference):\n%s", file, got)
	}
}
