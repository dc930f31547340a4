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

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/sandbox"
)

func main() {
	sandbox.Serve() // does not return in a process that builds kustomizations for another one
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(int(terminal.StatusOf(err)))
}

// run executes one command line. What went wrong has been written to stderr when
// it returns; terminal.StatusOf gives the exit status of the error.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	root := newRoot(terminal.New(env, stdout, stderr))
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if text := terminal.ErrorText(err); text != "" {
		fmt.Fprintln(stderr, text)
	}
	return err
}
