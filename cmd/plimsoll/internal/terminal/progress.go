package terminal

import (
	"fmt"
	"strings"
	"time"

	"plimsoll/checks"
)

// quiet is how long something may take before its progress is shown, and redraw how long a
// shown line stands at least.
const (
	quiet  = time.Second
	redraw = 200 * time.Millisecond
)

// ProgressLine gives a function that shows what is being done, on a terminal. An empty
// text takes the line away.
func (t *Terminal) ProgressLine() func(string) {
	shown := false
	return func(text string) {
		if !t.Progress {
			return
		}
		if shown {
			fmt.Fprint(t.Stderr, "\r\x1b[K")
		}
		shown = text != ""
		fmt.Fprint(t.Stderr, strings.TrimSpace(text))
	}
}

// Counter gives a function that shows how many things of several are done, how many a second,
// and how long the others take. It shows nothing within the first second. Total 0 takes the
// line away.
func (t *Terminal) Counter(label, things string) func(done, total int64) {
	line := t.ProgressLine()
	began := t.Now()
	shown := began.Add(quiet - redraw)
	return func(done, total int64) {
		now := t.Now()
		switch {
		case total <= 0:
			line("")
			return
		case now.Sub(shown) < redraw:
			return
		}
		shown = now
		text := fmt.Sprintf("%s: %s of %s %s", label, checks.Grouped(done), checks.Grouped(total), things)
		if rate := float64(done) / now.Sub(began).Seconds(); done > 0 {
			left := time.Duration(float64(total-done) / rate * float64(time.Second))
			text += fmt.Sprintf(", %s per second, %s left", checks.Grouped(max(int64(rate), 1)), TimeLeft(left))
		}
		line(text)
	}
}

// TimeLeft gives a duration as precisely as an estimate deserves.
func TimeLeft(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int64((d+time.Second-1)/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int64((d+time.Minute-1)/time.Minute))
	}
	return fmt.Sprintf("%d h %d min", int64(d/time.Hour), int64(d%time.Hour/time.Minute))
}
