package deploytext

import (
	"fmt"
	"time"

	"plimsoll/checks"
	"plimsoll/deploy/ledger"
)

// MetricsLines says the four keys of one place in plain text, a line each: what it is
// called, and what it is. What is not known is said.
func MetricsLines(k ledger.TargetMetrics) [][2]string {
	deployments := fmt.Sprintf("%s, %s", checks.Count(k.Deployments, "deployment"), frequencyWords(k.Frequency))
	if k.WentBack > 0 {
		deployments += fmt.Sprintf("; %d more were rollbacks", k.WentBack)
	}
	if k.WouldGoBack > 0 {
		deployments += fmt.Sprintf("; %d of %d would have been rolled back (dry run)", k.WouldGoBack, k.Deployments)
	}
	return [][2]string{
		{"deployment frequency", deployments},
		{"lead time for changes", leadWords(k.Lead)},
		{"change failure rate", failureWords(k.Failures)},
		{"time to restore", restoreWords(k.Restore)},
	}
}

func frequencyWords(perDay float64) string {
	switch {
	case perDay >= 1:
		return fmt.Sprintf("%.1f a day", perDay)
	case perDay*7 >= 1:
		return fmt.Sprintf("%.1f a week", perDay*7)
	}
	return fmt.Sprintf("%.1f in 30 days", perDay*30)
}

func leadWords(l ledger.LeadTime) string {
	if l.Median == nil {
		return fmt.Sprintf("unknown for all %s", checks.Count(l.Of, "deployment"))
	}
	return fmt.Sprintf("%s (median of %s; known for %d of %d deployments)", longWords(*l.Median), checks.Count(l.Commits, "commit"), l.Known, l.Of)
}

func failureWords(f ledger.FailureRate) string {
	text := "unknown: no deployment has concluded"
	if f.Rate != nil {
		text = fmt.Sprintf("%.0f %% (%d of %d concluded deployments)", *f.Rate*100, f.Failed, f.Concluded)
	}
	var apart []string
	for _, one := range []struct {
		n    int
		word string
	}{{f.Investigate, "to investigate"}, {f.Inconclusive, "inconclusive"}, {f.Superseded, "superseded"}, {f.Open, "without a verdict"}} {
		if one.n > 0 {
			apart = append(apart, fmt.Sprintf("%d %s", one.n, one.word))
		}
	}
	if len(apart) > 0 {
		text += "; not counted: " + checks.Join(apart, len(apart))
	}
	return text
}

func restoreWords(d ledger.Duration) string {
	switch {
	case d.Of == 0:
		return "no failures"
	case d.Median == nil:
		return fmt.Sprintf("unknown: no verified deployment after %s", checks.Count(d.Of, "failure"))
	}
	return fmt.Sprintf("%s (median; restored after %d of %s)", longWords(*d.Median), d.Known, checks.Count(d.Of, "failure"))
}

// longWords says a span of seconds in its two largest units.
func longWords(seconds int64) string {
	units := []struct {
		of   int64
		word string
	}{{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}}
	for i, unit := range units {
		n := seconds / unit.of
		if n == 0 && i < len(units)-1 {
			continue
		}
		text := checks.Count(int(n), unit.word)
		if i < len(units)-1 {
			if rest := seconds % unit.of / units[i+1].of; rest > 0 {
				text += " " + checks.Count(int(rest), units[i+1].word)
			}
		}
		return text
	}
	return ""
}

// RunningWords says since when something runs, who deployed it, and its verdict, in
// plain text.
func RunningWords(since time.Time, by, verdict string, rolling bool) string {
	text := "since " + since.UTC().Format("2006-01-02 15:04:05") + " UTC"
	if since.IsZero() {
		text = "since an unknown time"
	}
	if rolling {
		text = "rolling out " + text
	}
	if by != "" {
		text += " by " + checks.Plain(by)
	}
	switch verdict {
	case "":
		return text + ", no verification"
	case "watched":
		return text + ", verification in progress"
	}
	return text + ", " + checks.Plain(verdict)
}
