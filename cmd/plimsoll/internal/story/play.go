// Package story plays the demo: it sets the scene and tells what happens.
package story

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/server/demo"
	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
)

// Options say what is played.
type Options struct {
	// NoOpen: the browser is not opened.
	NoOpen bool
	// Exit: it ends after the story.
	Exit bool
	// Minutes is how long the story lasts, without anybody who presses Enter; 0: steps wait
	// for a person, or follow each other where nobody can press.
	Minutes float64
	// Load is a folder of git repositories that takes the story's place; empty: none.
	Load string
	// Log is the file for the server's log, - for standard error; empty: none.
	Log string
}

// Play sets the scene, tells the story and waits until somebody has seen enough.
func Play(ctx context.Context, t *terminal.Terminal, options Options) (err error) {
	folder, err := os.MkdirTemp("", "plimsoll-demo-")
	if err != nil {
		return fmt.Errorf("create a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	log, closeLog, err := demoLog(t, options.Log)
	if err != nil {
		return err
	}
	defer closeLog()
	clock := demo.NewClock(time.Now)
	runs, err := demo.Environment(clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runs.Close()) }()
	pace := newPace(t, options)
	s, err := testbed.Open(ctx, testbed.Options{
		DSN: "sqlite:" + filepath.Join(folder, "plimsoll.db"), Log: log, Queue: queue.Config{Poll: demoPoll, Backoff: demoPoll},
		Clock: clock.Now, Simulator: simulator.Options{Clock: clock.Now, LivePages: !options.Exit, Presentation: presentation(pace, options)},
		Datasources: runs.Datasources(), Probes: runs.Probes(), Operators: []config.Operator{demo.Visitor},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()

	teller := &teller{Terminal: t, testbed: s, clock: clock, production: runs, noOpen: options.NoOpen || options.Exit, pace: pace}
	address := s.GitHub.URL()
	if options.Load == "" {
		address, err = teller.story(ctx)
	} else {
		clock.Go()
		err = teller.load(ctx, options.Load)
	}
	clock.Go()
	switch {
	case ctx.Err() != nil:
		return nil // stopped by the person who watches
	case err != nil:
		return err
	}
	teller.outlook()
	if options.Exit {
		return nil
	}
	teller.open(address)
	teller.say("\nThe simulated GitHub and Plimsoll keep running. Press Ctrl-C to stop.")
	<-ctx.Done()
	return nil
}

// presentation is what the simulated GitHub's pages show of the story: nothing of
// repositories that somebody brought.
func presentation(p *pace, options Options) simulator.Presentation {
	if options.Load != "" {
		return nil
	}
	return p
}

// demoLog opens where the server's log goes: nowhere, unless somebody asks.
func demoLog(t *terminal.Terminal, to string) (zerolog.Logger, func(), error) {
	var out io.Writer
	done := func() {}
	switch to {
	case "":
		return zerolog.Nop(), done, nil
	case "-":
		out = t.Stderr
	default:
		file, err := os.Create(to)
		if err != nil {
			return zerolog.Nop(), done, fmt.Errorf("open the log: %w", err)
		}
		out, done = file, func() { _ = file.Close() } // a log: what was written is there
	}
	return zerolog.New(out).With().Timestamp().Logger(), done, nil
}

// demoPoll is how often the server looks for what has become due: in the demo minutes
// pass faster than that.
const demoPoll = 10 * time.Millisecond

// settleWithin bounds how long the demo waits for the server.
const settleWithin = time.Minute
