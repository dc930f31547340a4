package signal

import (
	"slices"
	"time"
)

// Offset is how far a local clock is ahead of UTC, in seconds, from an instant on.
type Offset struct {
	From    int64 `json:"from"`
	Seconds int64 `json:"seconds"`
}

// ClockOf returns the offsets of a local clock that an evaluation of a deployment needs, the
// oldest first. It is nil if the clock is not changed in that time: then UTC gives the same
// evaluation. What is stored are offsets, not the name of the zone: governments change the rules.
func ClockOf(zone *time.Location, deployed time.Time) []Offset {
	from, to := deployed.Add(-9*day*time.Second), deployed.Add(maxWindow*time.Second)
	var clock []Offset
	for at := from; ; {
		_, seconds := at.In(zone).Zone()
		clock = append(clock, Offset{at.Unix(), int64(seconds)})
		_, end := at.In(zone).ZoneBounds()
		if end.IsZero() || end.After(to) {
			break
		}
		at = end
	}
	if clock = slices.CompactFunc(clock, func(a, b Offset) bool { return a.Seconds == b.Seconds }); len(clock) < 2 {
		return nil
	}
	return clock
}

// clock has the offsets of a local clock, in steps, by the cell from which they count.
type clock []struct{ from, steps int }

func layClock(offsets []Offset, deployed, step int64) clock {
	var c clock
	for _, o := range offsets {
		c = append(c, struct{ from, steps int }{stepsUp(since(deployed, o.From), step), int(o.Seconds / step)})
	}
	return c
}

func (c clock) at(cell int) (steps int) {
	for i, o := range c {
		if i == 0 || cell > o.from {
			steps = o.steps
		}
	}
	return steps
}

// on returns the cell of the same local clock time some days later (earlier where negative), with
// as many steps to a day.
func (c clock) on(cell, days, day int) int {
	here, there := c.at(cell), cell+days*day
	if days == 0 {
		return cell
	}
	there += here - c.at(there)
	return cell + days*day + here - c.at(there)
}
