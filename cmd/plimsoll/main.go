// Command plimsoll tells a team whether it is safe to ship: as a GitHub App
// server, and from a terminal.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(statusOf(err))
}

// run executes one command line. What went wrong has been written to stderr when
// it returns; statusOf gives the exit status of the error.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	root := newRoot(newTerminal(env, stdout, stderr))
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if text := errorText(err); text != "" {
		fmt.Fprintln(stderr, text)
	}
	return err
}

// newTerminal finds out what stands at the other end.
func newTerminal(env func(string) string, stdout, stderr io.Writer) *terminal {
	isTerminal := func(w io.Writer) bool {
		f, ok := w.(*os.File)
		return ok && isatty.IsTerminal(f.Fd())
	}
	return &terminal{
		env: env, stdout: stdout, stderr: stderr,
		color:    env("NO_COLOR") == "" && env("TERM") != "dumb" && isTerminal(stdout),
		progress: isTerminal(stderr),
		now:      time.Now, sleep: sleepUntil,
	}
}

func sleepUntil(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
