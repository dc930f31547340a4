package deploytext

import (
	"fmt"
	"slices"
	"time"

	"plimsoll/checks"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// reasonWords says reasons, those that say the same of several signals at once.
func (d Deployed) reasonWords(reasons []deploy.Reason, p checks.RenderContext) (words []string) {
	var said []signal.Reason
	alike := func(r deploy.Reason) signal.Reason {
		if r.Signal == nil {
			return signal.Reason{}
		}
		of := *r.Signal
		of.Metric = ""
		return of
	}
	for i, r := range reasons {
		if r.Signal == nil {
			words = append(words, d.reasonClause(r, p))
			continue
		}
		subjects := []string{asName(d.signalName(r.Subject), p)}
		if grouped := alike(r); together[grouped.Code] {
			if slices.Contains(said, grouped) {
				continue
			}
			said = append(said, grouped)
			for _, other := range reasons[i+1:] {
				if alike(other) == grouped {
					subjects = append(subjects, asName(d.signalName(other.Subject), p))
				}
			}
		}
		words = append(words, d.signalWords(subjects, *r.Signal, p))
	}
	return words
}

// together are the codes whose words don't depend on a signal's own numbers.
var together = map[signal.Code]bool{
	signal.Vanished: true, signal.NoData: true, signal.NoAnswer: true, signal.NoHistory: true, signal.NoReference: true, signal.FewPlacebos: true, signal.WithinLimits: true, signal.TooEarly: true,
}

// lasting writes a duration as people say it: 21 minutes, 2 h 40 min.
func lasting(d time.Duration) string {
	d = d.Round(time.Second)
	hours, minutes, seconds := int(d/time.Hour), int(d%time.Hour/time.Minute), int(d%time.Minute/time.Second)
	switch {
	case d < time.Minute:
		return checks.Count(seconds, "second")
	case hours == 0 && seconds == 0:
		return checks.Count(minutes, "minute")
	case hours == 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	case minutes == 0:
		return checks.Count(hours, "hour")
	}
	return fmt.Sprintf("%d h %d min", hours, minutes)
}

func seconds(n int64) string { return lasting(time.Duration(n) * time.Second) }

// result is what the judge says of one signal.
func (d Deployed) result(name string) (m signal.Result) {
	if d.Signals != nil {
		for _, result := range d.Signals.Metrics {
			if result.Name == name {
				m = result
			}
		}
	}
	return m
}

// signalWords says a reason of the judge of signals. subjects are all that it holds of,
// as code.
func (d Deployed) signalWords(subjects []string, r signal.Reason, p checks.RenderContext) string {
	m := d.result(r.Metric)
	subject, has, was := checks.Join(subjects, len(subjects)), "has", "was"
	if len(subjects) > 1 {
		has, was = "have", "were"
	}
	moved := d.moved(subject, m, p)
	usual := " (" + d.rarity(m) + ")"
	if p == checks.InPlain {
		usual = ""
	}
	switch r.Code {
	case signal.Alarm, signal.Suspicious:
		return moved + usual
	case signal.BothWorse:
		m.Versions = nil // both together, against the time before
		return d.moved(subject, m, p) + ", in the old version as well as in the new one"
	case signal.AlarmWithoutEffect:
		return moved + ", a small but unusual change" + usual
	case signal.SuspiciousUncalibrated:
		return moved + ", with too little history to tell how unusual this is"
	case signal.RollBackLimit, signal.InvestigateLimit:
		return d.limitWords(subject, m, r)
	case signal.Gross:
		return fmt.Sprintf("%s: %s of %s requests failed within %s, and a probe failed as well", subject, percent(r.Value), grouped(float64(r.Count)), seconds(r.Seconds))
	case signal.UnusualTraffic:
		return fmt.Sprintf("%s can't be evaluated at %s × the most traffic of the last %s (limit %s ×)", subject, figure(r.Value), days(d), figure(r.Limit))
	case signal.NoReference:
		return fmt.Sprintf("%s %s no quiet and usual time in the last %s to compare with", subject, has, seconds(r.Seconds))
	case signal.Burning:
		return fmt.Sprintf("%s burn the error budget at %s × the sustainable rate (%s errors in %s)", subject, figure(r.Value), grouped(float64(r.Count)), seconds(r.Seconds))
	case signal.ProbeFailing:
		return fmt.Sprintf("%s failed %d of the last %d times", subject, r.Count, r.Of)
	case signal.Vanished:
		return fmt.Sprintf("%s %s reported before, but %s had no data for %s", subject, was, has, seconds(r.Seconds))
	case signal.Disagree:
		return "probes fail, but the metrics show no harm"
	case signal.Excluded:
		return atMost(subject, m, r.Value)
	case signal.WithinLimits:
		return subject + " stayed within the declared limits"
	case signal.NotExcluded:
		return notExcluded(subject, m, r)
	case signal.NoHistory:
		return fmt.Sprintf("%s %s only %s of history (needed: %s)", subject, has, seconds(r.Seconds), seconds(int64(r.Limit)))
	case signal.FewPlacebos:
		return fmt.Sprintf("%s %s only %d comparable windows (needed: %d)", subject, has, r.Count, r.Of)
	case signal.NoData:
		if m.Kind == signal.Proportion && m.After.Points > 0 {
			return subject + " had no requests since the deployment"
		}
		return fmt.Sprintf("%s %s had no data since the deployment", subject, has)
	case signal.NoAnswer:
		return "the metric server did not answer for " + seconds(r.Seconds)
	case signal.NothingWatched:
		return "no signals are declared"
	case signal.TooEarly:
		return fmt.Sprintf("the run is %s too short for signals to count (increase `for`)", seconds(r.Seconds))
	case signal.ProbesPassed:
		return "probes passed"
	}
	return string(r.Code)
}

// days are those of the history.
func days(d Deployed) string {
	if d.Signals == nil || d.Signals.Thresholds.History == 0 {
		return "days"
	}
	return checks.Count(int(d.Signals.Thresholds.History/86400), "day")
}

// atMost is the largest change for the worse that is not ruled out.
func atMost(subject string, m signal.Result, bound float64) string {
	if bound <= 0 {
		return subject + " did not get worse"
	}
	return fmt.Sprintf("%s: at most %s", subject, change(m, bound))
}

// probesPassed says that the probes passed often enough, how often they failed, and how
// often there was no result. Once the samples are deleted it does not say that all passed.
func (d Deployed) probesPassed(samples int) string {
	failed, skipped := 0, 0
	for _, sample := range d.Samples {
		for _, r := range sample.Probes {
			switch {
			case r.Passed():
			case r.Counts():
				failed++
			default:
				skipped++
			}
		}
	}
	in := checks.Count(samples, "sample")
	switch {
	case failed > 0 && skipped > 0:
		return fmt.Sprintf("probes passed with %s in %s, and %s", checks.Count(failed, "failure"), in, checks.Count(skipped, "missing result"))
	case failed > 0:
		return "probes passed with " + checks.Count(failed, "failure") + " in " + in
	case skipped > 0:
		return "probes passed in " + in + ", with " + checks.Count(skipped, "missing result")
	case len(d.Samples) < samples:
		return "probes passed in " + in
	}
	return "all probes passed in " + in
}

// moved says from where to where a signal went: with arrows in titles.
func (d Deployed) moved(subject string, m signal.Result, p checks.RenderContext) string {
	older, newer := levels(m)
	before, after := levelWords(m, older), levelWords(m, newer)
	if beside(m) {
		if p == checks.InPlain {
			return fmt.Sprintf("%s %s → %s beside the old version", subject, before, after)
		}
		return fmt.Sprintf("%s: %s in the new version, %s in the old one at the same time", subject, after, before)
	}
	if p == checks.InPlain {
		return fmt.Sprintf("%s %s → %s", subject, before, after)
	}
	verb := "rose"
	if m.After.Value < m.Before.Value {
		verb = "fell"
	}
	return fmt.Sprintf("%s %s from %s to %s", subject, verb, before, after)
}

// limitWords says that a signal is beyond what was declared.
func (d Deployed) limitWords(subject string, m signal.Result, r signal.Reason) string {
	value, limit := figure(r.Value), figure(r.Limit)
	if m.Kind == signal.Proportion {
		value, limit = percent(r.Value), percent(r.Limit)
	}
	for i := range d.watched() {
		w := d.watched()[i]
		declared := w.RollBack
		if r.Code == signal.InvestigateLimit {
			declared = w.Investigate
		}
		if w.Name != r.Metric || declared == nil || !declared.Relative {
			continue
		}
		if declared.Percent {
			value, limit = percent(r.Value), percent(r.Limit)
		}
		return fmt.Sprintf("%s got worse by %s (declared limit: %s)", subject, value, limit)
	}
	text := fmt.Sprintf("%s is at %s (declared limit: %s)", subject, value, limit)
	if r.Seconds > 0 {
		text += " for " + seconds(r.Seconds)
	}
	return text
}

func (d Deployed) watched() []deploy.Watched {
	if d.History == nil {
		return nil
	}
	return d.History.Signals
}

// notExcluded says what would decide it.
func notExcluded(subject string, m signal.Result, r signal.Reason) string {
	if !m.Bound.Known {
		return subject + ": too little data to rule out harm"
	}
	text := fmt.Sprintf("%s: a change of up to %s can't be ruled out (limit %s)", subject, change(m, r.Value), change(m, r.Limit))
	wait := lasting((time.Duration(r.Seconds) * time.Second).Round(time.Minute))
	switch {
	case r.Count > 0 && r.Seconds > 0:
		return text + fmt.Sprintf("; this needs about %s more requests, %s at this traffic", grouped(float64(r.Count)), wait)
	case r.Seconds > 0:
		return text + fmt.Sprintf("; this needs about %s more", wait)
	}
	return text
}

// gapWords says why a declared signal can't be looked at.
func gapWords(f deploy.Gap, p checks.RenderContext) string {
	name := "the signals"
	if f.Signal != "" {
		name = asName(f.Signal, p)
	}
	detail := ""
	if f.Detail != "" {
		detail = " (" + checks.Escape(f.Detail, p) + ")"
	}
	switch f.Kind {
	case deploy.GapDatasource:
		if f.Detail == "" {
			return name + ": the server's operator has configured no metric server"
		}
		return fmt.Sprintf("%s: the server's operator has configured no metric server %s", name, asName(f.Detail, p))
	case deploy.GapUnreachable:
		return "the metric server does not answer" + detail
	case deploy.GapNoMetrics:
		return name + ": the metric server has none of its metrics" + detail
	case deploy.GapQuery:
		return name + ": the metric server rejected the query" + detail
	case deploy.GapMany:
		return name + ": the query returns several series, expected one (use sum(…) or max(…))" + detail
	case deploy.GapTooMany:
		return fmt.Sprintf("%s: at most %d signals are evaluated", name, deploy.MostSignals)
	}
	return name + ": " + string(f.Kind) + detail
}
