package story

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

func silent() *terminal.Terminal {
	return terminal.New(func(string) string { return "" }, &bytes.Buffer{}, &bytes.Buffer{})
}

// A step begins once for each press of the button, however often it is pressed while the
// step is under way.
func TestTheButtonBeginsOneStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(silent(), Options{})
		p.waits = true // a person looks at the pages
		p.says("a pull request is opened")
		begun, done := 0, make(chan struct{})
		go func() {
			for p.wait(t.Context(), "merge") == nil {
				begun++
				<-done // the step is under way
			}
		}()
		synctest.Wait()
		if happened, next := p.Shown(); happened != "a pull request is opened" || next != "merge" {
			t.Errorf("the pages show %q and %q", happened, next)
		}
		for want := 1; want <= 3; want++ {
			p.Next()
			p.Next() // a double click
			synctest.Wait()
			if _, next := p.Shown(); begun != want || next != "" {
				t.Fatalf("%d steps after %d presses; the pages offer %q", begun, want, next)
			}
			done <- struct{}{}
			synctest.Wait()
		}
		close(done)
	})
}

func TestTheClockBeginsSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(silent(), Options{Minutes: 5, Exit: true})
		started := time.Now()
		for range waitingSteps {
			if err := p.wait(t.Context(), "go on"); err != nil {
				t.Fatal(err)
			}
			if _, next := p.Shown(); next != "" {
				t.Errorf("the pages still offer %q", next)
			}
		}
		if took := time.Since(started); took != 5*time.Minute {
			t.Errorf("the story waited for %s", took)
		}
	})
}

func TestNobodyWaitsForTheStory(t *testing.T) {
	p := newPace(silent(), Options{Exit: true})
	if err := p.wait(t.Context(), "merge"); err != nil {
		t.Error(err)
	}
	p.Next() // does not block, and begins nothing
	ended, end := context.WithCancel(t.Context())
	end()
	p.waits = true
	if err := p.wait(ended, "merge"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
