package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// commands lists every command; each lives in a file of its own.
func commands(t *terminal) []*cobra.Command {
	return []*cobra.Command{
		newDemoCommand(t),
		newServeCommand(t),
		newValidateCommand(t),
		newSchemaCommand(t),
		newDiscoverCommand(t),
		newCheckCommand(t),
		newCanIDeployCommand(t),
		newCanRemoveCommand(t),
		newVerifyCommand(t),
		newRunningCommand(t),
		newMetricsCommand(t),
		newKeysCommand(t),
		newLedgerCommand(t),
		newJobsCommand(t),
	}
}

// terminal is what a command talks to: results on stdout, progress and
// complaints on stderr.
type terminal struct {
	env            func(string) string
	stdout, stderr io.Writer
	// color: stdout is a terminal and NO_COLOR is not set.
	color bool
	// progress: stderr is a terminal.
	progress bool
	// now is the clock, sleep waits until an instant, or until ctx ends.
	now   func() time.Time
	sleep func(ctx context.Context, until time.Time) error
}

// paint puts text into a colour (an SGR code such as "31") where colours are wanted.
func (t *terminal) paint(code, text string) string {
	if !t.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Exit statuses; they are part of the outside.
const (
	statusFine    = 0
	statusNo      = 1 // the answer is no
	statusBad     = 2 // the input is bad
	statusUnknown = 3 // can't tell
)

// answer is an error that is no fault: a command's answer was given on stdout
// and is not yes. It sets the exit status and is not printed.
type answer int

func (a answer) Error() string { return fmt.Sprintf("exit status %d", int(a)) }

// statusOf gives the exit status of what run returns. Whatever is not an answer
// is bad input or a fault: 2.
func statusOf(err error) int {
	if err == nil {
		return statusFine
	}
	if a, ok := errors.AsType[answer](err); ok {
		return int(a)
	}
	return statusBad
}

// errorText gives what is told of an error; "" for an answer.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[answer](err); ok {
		return ""
	}
	return "plimsoll: " + strings.TrimSpace(err.Error())
}

func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "plimsoll",
		Short: "Says whether it is safe to ship",
		Long: `Plimsoll tells a team, on the pull request and on the deployment, whether it is
safe to ship: who breaks if this API change goes out, what is missing before this
service may run in production, and whether what was just deployed really works.

Exit status: 0 fine, 1 the answer is no, 3 can't tell, 2 the input is bad.`,
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("plimsoll {{.Version}}\n")
	root.AddCommand(commands(t)...)
	return root
}

// formatFlag adds --format with the formats that a command knows, the default
// first. Check the value with the function that it gives.
func formatFlag(cmd *cobra.Command, formats ...string) (format *string, check func() error) {
	format = cmd.Flags().String("format", formats[0], "how the result is written: "+strings.Join(formats, ", "))
	return format, func() error {
		if !slices.Contains(formats, *format) {
			return fmt.Errorf("--format %s: known are %s", *format, strings.Join(formats, ", "))
		}
		return nil
	}
}
