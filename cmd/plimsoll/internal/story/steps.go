package story

import (
	"context"
	"sync"
	"time"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// open shows a page in the browser, once, unless that is switched off.
func (t *teller) open(address string) {
	if t.noOpen {
		return
	}
	t.noOpen = true
	terminal.OpenBrowser(address)
}

// pace decides when the story goes on: when a person presses Enter or the button on the
// pages, or by the clock.
type pace struct {
	*terminal.Terminal
	waits bool          // for a person or the clock; otherwise steps follow each other at once
	each  time.Duration // how long the clock lets a step last; 0: there is only the person

	mu             sync.Mutex
	happened, next string
	pressed        chan struct{}
}

func newPace(t *terminal.Terminal, options Options) *pace {
	p := &pace{Terminal: t, waits: t.Interactive && !options.Exit, pressed: make(chan struct{}, 1)}
	if options.Minutes > 0 {
		p.waits, p.each = true, time.Duration(options.Minutes*float64(time.Minute))/waitingSteps
	}
	return p
}

// Shown implements [simulator.Presentation].
func (p *pace) Shown() (happened, next string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.happened, p.next
}

// Next implements [simulator.Presentation].
func (p *pace) Next() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == "" {
		return // the step is under way: somebody pressed twice
	}
	p.next = ""
	p.pressed <- struct{}{} // has room: next was not empty, so nothing is in it
}

func (p *pace) says(happened string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.happened = happened
}

// wait waits until the step that is named may begin.
func (p *pace) wait(ctx context.Context, next string) error {
	if !p.waits {
		return nil
	}
	p.mu.Lock()
	p.next = next
	p.mu.Unlock()
	var typed <-chan error
	if p.Interactive {
		typed = p.Line()
	}
	var passed <-chan time.Time
	if p.each > 0 {
		timer := time.NewTimer(p.each)
		defer timer.Stop()
		passed = timer.C
	}
	var err error
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.pressed:
		return nil
	case err = <-typed:
	case <-passed:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = ""
	select {
	case <-p.pressed: // pressed at the same moment: one step, not two
	default:
	}
	return err
}

// then waits for the next step, and says how to go on.
func (t *teller) then(ctx context.Context, next string) error {
	if t.pace.waits && t.pace.each == 0 {
		t.say("\n%s", t.Paint("2", "   Press Enter, or the button on the page, for the next step: "+next+"."))
	}
	return t.pace.wait(ctx, next)
}
