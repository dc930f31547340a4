package doctor

import (
	"context"
	"fmt"
	"time"
)

// step is one check with its own time limit.
type step struct {
	// name is what the progress calls it, and its finding if it does not end.
	name   string
	within time.Duration
	do     func(context.Context) []Finding
}

// group is checks that are made one after the other, because they need each other's results.
// Groups are made side by side.
type group struct{ steps []step }

// mostGroups bounds how many are made at once.
const mostGroups = 16

// event is what a group tells while it runs.
type event struct {
	group int
	// step that began; empty if none did.
	step     string
	findings []Finding
	ended    bool
}

// run makes the checks, and gives the findings in the order of the groups as soon as those
// before them are there. Both functions are called by this goroutine alone.
func run(ctx context.Context, groups []group, began func([]string), found func(Finding)) {
	events := make(chan event)
	turns := make(chan struct{}, mostGroups)
	for i, g := range groups {
		go func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			g.run(ctx, i, events)
		}()
	}
	underWay := make([]string, len(groups))
	waiting := make([][]Finding, len(groups))
	ended := make([]bool, len(groups))
	for next := 0; next < len(groups); {
		e := <-events
		underWay[e.group], ended[e.group] = e.step, e.ended
		waiting[e.group] = append(waiting[e.group], e.findings...)
		for ; next < len(groups); next++ {
			for _, f := range waiting[next] {
				found(f)
			}
			waiting[next] = nil
			if !ended[next] {
				break
			}
		}
		if began != nil {
			began(named(underWay))
		}
	}
}

func named(steps []string) (names []string) {
	for _, name := range steps {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

func (g group) run(ctx context.Context, i int, events chan<- event) {
	lost := false
	for _, s := range g.steps {
		events <- event{group: i, step: s.name}
		var findings []Finding
		if lost {
			findings = []Finding{{Check: s.name, State: NotChecked, Found: "An earlier check did not end."}}
		} else {
			findings, lost = s.run(ctx)
		}
		events <- event{group: i, findings: findings}
	}
	events <- event{group: i, ended: true}
}

// grace is how long a check may take to say that its time is over.
const grace = 2 * time.Second

// run makes one check within its time. lost: it did not obey the limit, and may still be
// under way.
func (s step) run(ctx context.Context) (findings []Finding, lost bool) {
	limited, cancel := context.WithTimeout(ctx, s.within)
	defer cancel()
	done := make(chan []Finding, 1)
	go func() { done <- s.do(limited) }()
	select {
	case findings = <-done:
	case <-limited.Done():
		select {
		case findings = <-done:
		case <-time.After(grace):
			lost = true
			findings = []Finding{{Check: s.name, State: NotChecked, Found: fmt.Sprintf("It did not end within %s.", s.within), Fix: "Run the command again; if it stays, see what keeps this machine waiting."}}
		}
	}
	if ctx.Err() != nil {
		return []Finding{{Check: s.name, State: NotChecked, Found: "It was interrupted."}}, lost
	}
	return findings, lost
}
