// Package terminal is what a command talks to: results go to standard output, progress
// and errors to standard error, and the answer becomes the exit status.
package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
)

// Terminal is the other end of a command.
type Terminal struct {
	Env            func(string) string
	Stdout, Stderr io.Writer
	// Color: Stdout is a terminal and NO_COLOR is not set.
	Color bool
	// Progress: Stderr is a terminal.
	Progress bool
	// Interactive: a person reads Stdout and can type.
	Interactive bool
	input       *bufio.Reader
	typed       <-chan error
	// Now is the clock. Sleep waits until an instant, or until ctx ends.
	Now   func() time.Time
	Sleep func(ctx context.Context, until time.Time) error
}

// New finds out what is at the other end.
func New(env func(string) string, stdout, stderr io.Writer) *Terminal {
	isTerminal := func(w io.Writer) bool {
		f, ok := w.(*os.File)
		return ok && isatty.IsTerminal(f.Fd())
	}
	return &Terminal{
		Env: env, Stdout: stdout, Stderr: stderr,
		Color:    env("NO_COLOR") == "" && env("TERM") != "dumb" && isTerminal(stdout),
		Progress: isTerminal(stderr), Interactive: isTerminal(stdout) && isatty.IsTerminal(os.Stdin.Fd()), input: bufio.NewReader(os.Stdin),
		Now: time.Now, Sleep: sleepUntil,
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

// Line returns a channel that says when the person presses Enter or the input ends. Who
// stops waiting leaves the line to the next call: one Enter is never two.
func (t *Terminal) Line() <-chan error {
	if t.typed == nil {
		typed := make(chan error)
		t.typed = typed
		go func() {
			for {
				_, err := t.input.ReadString('\n')
				ended := errors.Is(err, io.EOF)
				if ended {
					err = nil
				}
				typed <- err
				if ended {
					close(typed) // from now on there is nothing to wait for
					return
				}
			}
		}()
	}
	return t.typed
}

// Paint puts text into a colour (an SGR code such as "31") where colours are wanted.
func (t *Terminal) Paint(code, text string) string {
	if !t.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// WriteJSON writes a value as indented JSON to standard output.
func (t *Terminal) WriteJSON(value any) error {
	encoder := json.NewEncoder(t.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
