package checks

import (
	"fmt"
	"time"

	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// signalWords says a reason of the judge of signals.
func (d Deployed) signalWords(subject string, r signal.Reason, p place) string {
	var m signal.Result
	if d.Signals != nil {
		for _, result := range d.Signals.Metrics {
			if result.Name == r.Metric {
				m = result
			}
		}
	}
	span := (time.Duration(r.Seconds) * time.Second).String()
	moved := fmt.Sprintf("%s went from %s to %s", subject, sampleWords(m, m.Before), sampleWords(m, m.After))
	usual := ": " + byItself(m)
	if p == inPlain {
		usual = ""
	}
	switch r.Code {
	case signal.Alarm, signal.Suspicious:
		return moved + usual
	case signal.AlarmWithoutEffect:
		return moved + ", which is unusual and little" + usual
	case signal.SuspiciousUncalibrated:
		return moved + ", with too little history to say how unusual that is"
	case signal.RollBackLimit, signal.InvestigateLimit:
		return d.limitWords(subject, m, r)
	case signal.Burning:
		return fmt.Sprintf("%s use up the error budget %s times as fast as it lasts (%s errors in %s)", subject, figure(r.Value), grouped(float64(r.Count)), span)
	case signal.ProbeFailing:
		return fmt.Sprintf("%s failed %d of the last %d times", subject, r.Count, r.Of)
	case signal.Vanished:
		return fmt.Sprintf("%s was there before, and has had no data for %s", subject, span)
	case signal.Disagree:
		return "probes fail, and the metrics show no harm"
	case signal.Excluded:
		return fmt.Sprintf("%s: harm beyond %s is excluded", subject, harm(m, r.Limit))
	case signal.WithinLimits:
		return subject + " stayed within what is declared"
	case signal.NotExcluded:
		return notExcluded(subject, m, r)
	case signal.NoHistory:
		return fmt.Sprintf("%s has %s of history, and %s are needed to say what is usual", subject, span, (time.Duration(r.Limit) * time.Second).String())
	case signal.FewPlacebos:
		return fmt.Sprintf("%s has %d quiet moments to compare with, and %d are needed", subject, r.Count, r.Of)
	case signal.NoData:
		return subject + " has had no data since the deployment"
	case signal.NoAnswer:
		return fmt.Sprintf("the metric server has not answered for %s", span)
	case signal.NothingWatched:
		return "nothing is watched"
	case signal.TooEarly:
		return fmt.Sprintf("it was watched %s too short for its signals to count (`for`)", span)
	case signal.ProbesPassed:
		return "every probe passed"
	}
	return string(r.Code)
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
		return fmt.Sprintf("%s changed by %s for the worse (declared: %s)", subject, value, limit)
	}
	text := fmt.Sprintf("%s is at %s, beyond the declared %s", subject, value, limit)
	if r.Seconds > 0 {
		text += " for " + (time.Duration(r.Seconds) * time.Second).String()
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
		return subject + ": there is too little to exclude harm by"
	}
	text := fmt.Sprintf("%s: harm of up to %s can't be excluded, expected at most %s", subject, harm(m, r.Value), harm(m, r.Limit))
	wait := (time.Duration(r.Seconds) * time.Second).Round(time.Minute)
	switch {
	case r.Count > 0 && r.Seconds > 0:
		return text + fmt.Sprintf("; that needs about %s more requests, %s at this traffic", grouped(float64(r.Count)), wait)
	case r.Seconds > 0:
		return text + fmt.Sprintf("; that needs about %s more", wait)
	}
	return text
}

// gapWords says why a declared signal can't be looked at.
func gapWords(f deploy.Gap, p place) string {
	name := "the signals"
	if f.Signal != "" {
		name = asName(f.Signal, p)
	}
	detail := ""
	if f.Detail != "" {
		detail = " (" + escape(f.Detail, p) + ")"
	}
	switch f.Kind {
	case deploy.GapDatasource:
		if f.Detail == "" {
			return name + ": the operator has named no metric server"
		}
		return fmt.Sprintf("%s: the operator names no metric server %s", name, asName(f.Detail, p))
	case deploy.GapUnreachable:
		return "the metric server does not answer" + detail
	case deploy.GapNoMetrics:
		return name + ": the metric server has none of the metrics that it is made of" + detail
	case deploy.GapQuery:
		return name + ": its query is refused" + detail
	case deploy.GapMany:
		return name + ": its query gives several series, expected one; put sum(…) or max(…) around it" + detail
	case deploy.GapTooMany:
		return fmt.Sprintf("%s: at most %d signals are judged", name, deploy.MostSignals)
	}
	return name + ": " + string(f.Kind) + detail
}
