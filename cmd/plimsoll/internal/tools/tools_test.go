package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// connected is a client of a server whose tools run a command of the test.
func connected(t *testing.T, run Command) *mcp.ClientSession {
	t.Helper()
	here, there := mcp.NewInMemoryTransports()
	server, err := newServer(run).Connect(t.Context(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(); _ = server.Wait() }) // the end of the test
	return client
}

// What a command writes becomes the answer, a warning or an error.
func TestAnswers(t *testing.T) {
	for name, each := range map[string]struct {
		run    Command
		failed bool
		want   []string
	}{
		"yes": {func(_ context.Context, _ []string, out, _ io.Writer) error { fmt.Fprint(out, "{}\n"); return nil }, false, []string{"{}\n"}},
		"no is an answer": {func(_ context.Context, _ []string, out, _ io.Writer) error {
			fmt.Fprint(out, `{"answer":"no"}`)
			return terminal.No
		}, false, []string{`{"answer":"no"}`}},
		"unknown is an answer": {func(_ context.Context, _ []string, out, _ io.Writer) error {
			fmt.Fprint(out, `{"answer":"unknown"}`)
			return terminal.Unknown
		}, false, []string{`{"answer":"unknown"}`}},
		"a warning": {func(_ context.Context, _ []string, out, warnings io.Writer) error {
			fmt.Fprint(out, "{}")
			fmt.Fprint(warnings, "plimsoll: the server is v2.0.0\n")
			return nil
		}, false, []string{"{}", "plimsoll: the server is v2.0.0\n"}},
		"an error": {func(_ context.Context, _ []string, _, errs io.Writer) error {
			fmt.Fprintln(errs, "plimsoll: no answer from SERVER")
			return errors.New("no answer from SERVER")
		}, true, []string{"no answer from SERVER"}},
		"too much": {func(_ context.Context, _ []string, out, _ io.Writer) error {
			fmt.Fprint(out, strings.Repeat("x", mostAnswer+1))
			return nil
		}, true, []string{"the answer has 1024 KiB, and at most 1024 are given here: run plimsoll who-uses in a terminal"}},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := connected(t, each.run).CallTool(t.Context(), &mcp.CallToolParams{Name: "who-uses", Arguments: map[string]any{"api": "a/b/c"}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, content := range result.Content {
				got = append(got, content.(*mcp.TextContent).Text)
			}
			if result.IsError != each.failed || !slices.Equal(got, each.want) {
				t.Errorf("failed %v, %q", result.IsError, got)
			}
		})
	}
}

// Values stay values: joined to their flag, or behind "--".
func TestCommandLines(t *testing.T) {
	for want, got := range map[string][]string{
		"check --format=json --within=. --base=--rules --head=b --consumers=--x --consumers=y --api=--fix": check{Base: "--rules", Head: "b", Consumers: []string{"--x", "y"}, API: "--fix"}.args(),
		"check --format=json --within=. --base=a --head=b":                                                 check{Base: "a", Head: "b"}.args(),
		"can-i-deploy --format=json --environment=--server --repository=a/b --component=c --commit=d":      canIDeploy{Environment: "--server", Repository: "a/b", Component: "c", Commit: "d"}.args(),
		"can-remove --format=json --api=a/b/c --environment=e --sends -- --server f":                       canRemove{API: "a/b/c", Operation: "--server", Field: "f", Sends: true, Environment: "e"}.args(),
		"who-uses --format=json -- --server":                                                               whoUses{API: "--server"}.args(),
		"running --format=json":                                                                            status{}.args(),
	} {
		if strings.Join(got, " ") != want {
			t.Errorf("%q, expected %s", got, want)
		}
	}
}

// Contracts are compared one after the other.
func TestOneComparisonAtATime(t *testing.T) {
	var running, ran atomic.Int32
	client := connected(t, func(_ context.Context, _ []string, out, _ io.Writer) error {
		defer running.Add(-1)
		if n := running.Add(1); n > 1 {
			t.Errorf("%d at once", n)
		}
		ran.Add(1)
		_, err := fmt.Fprint(out, "{}")
		return err
	})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: "check", Arguments: map[string]any{"base": "a", "head": "b"}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if ran.Load() != 20 {
		t.Errorf("%d ran", ran.Load())
	}
}

// A call that is cancelled while it waits for its turn does not run.
func TestCancelledCallGivesUpItsPlace(t *testing.T) {
	places := make(chan struct{}, 1)
	leave, err := enter(t.Context(), places)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() {
		_, err := enter(ctx, places)
		waits <- err
	}()
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	leave()
	for range 20 { // a free place is no reason either
		if _, err := enter(ctx, places); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if _, err := enter(t.Context(), places); err != nil {
		t.Error(err)
	}
}
