package deploytext

import (
	"fmt"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/deploy/signal"
)

// Promised is what the watching of the next deployment to a place can show, said
// beforehand.
type Promised struct {
	Component, Environment string
	Production             bool
	// Watched is for how long at the longest, As is of when the measurements are.
	Watched  time.Duration
	As       time.Time
	Promises []signal.Promise
}

// mostPromises are shown of one target.
const mostPromises = 8

// PromisesSection says what a deployment of this will be able to show.
func PromisesSection(all []Promised) string {
	var sections []string
	for _, p := range all {
		var lines []string
		for _, promise := range p.Promises[:min(len(p.Promises), mostPromises)] {
			lines = append(lines, promiseWords(promise, p.Watched))
		}
		head := fmt.Sprintf("**What verification in %s can detect for %s**, in %s at the traffic of %s%s:", checks.Code(p.Environment), checks.Code(p.Component),
			lasting(p.Watched), p.As.UTC().Format("2006-01-02"), trafficOf(p.Promises))
		sections = append(sections, head, checks.List(lines))
	}
	return checks.Paragraphs(sections...)
}

// trafficOf says how many requests a minute there are.
func trafficOf(promises []signal.Promise) string {
	for _, p := range promises {
		if p.Kind == signal.Proportion && p.PerMinute > 0 {
			return " (" + figure(p.PerMinute) + " requests a minute)"
		}
	}
	return ""
}

// promiseWords says what one signal can show.
func promiseWords(p signal.Promise, watched time.Duration) string {
	m := signal.Result{Kind: p.Kind}
	name := checks.Code(p.Metric)
	base := figure(p.Base)
	switch p.Kind {
	case signal.Proportion:
		base = percent(p.Base)
	case signal.Volume:
		base = figure(p.PerMinute) + "/min"
	}
	if !p.Calibrated {
		return fmt.Sprintf("%s, usually %s: too little history. Limits and probes decide.", name, base)
	}
	change := "a rise"
	switch {
	case p.Kind == signal.Volume:
		change = "a loss"
	case p.Kind == signal.Series:
		change = "a change for the worse"
	}
	text := fmt.Sprintf("%s, usually %s", name, base)
	if p.Sees > 0 {
		text += fmt.Sprintf(": %s of %s is detected", change, harm(m, p.Sees))
	}
	excluded := fmt.Sprintf("%s of more than %s can be ruled out", change, harm(m, p.Excludes))
	if p.Excludes > p.Margin {
		excluded = fmt.Sprintf("%s of %s can't be ruled out (only more than %s). This signal can't verify a deployment", change, harm(m, p.Margin), harm(m, p.Excludes))
		if needed := time.Duration(p.Seconds) * time.Second; needed > watched {
			excluded += fmt.Sprintf("; at this traffic that takes %s", lasting(needed.Round(time.Minute)))
		}
	}
	if strings.Contains(text, ":") {
		return text + ", and " + excluded + "."
	}
	return text + ": " + excluded + "."
}
