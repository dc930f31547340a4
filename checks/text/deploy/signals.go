package deploytext

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/deploy/signal"
)

// mostSignalRows of the table of signals are shown.
const mostSignalRows = 20

// signalTable shows each signal beside its baseline, and what the judge says of it.
func (d Deployed) signalTable() string {
	if len(d.Run.Plan.Signals) == 0 {
		return ""
	}
	var out strings.Builder
	switch {
	case d.Signals != nil && len(d.Signals.Metrics) > 0:
		out.WriteString("| Signal | Before | Now | What that says |\n|---|---|---|---|\n")
		for i, m := range d.Signals.Metrics {
			if i == mostSignalRows {
				fmt.Fprintf(&out, "| %d more | | | |\n", len(d.Signals.Metrics)-i)
				break
			}
			fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", checks.Escape(d.signalName(m.Name), checks.InCell), sampleWords(m, m.Before), sampleWords(m, m.After), d.resultWords(m))
		}
		out.WriteString("\n")
	case d.Run.Verdict == nil && d.History == nil:
		out.WriteString(d.waiting() + "\n\n")
	case d.Run.Verdict == nil:
		out.WriteString("No signal counts before an answer names the deployed commit.\n\n")
	}
	var notes []string
	if since, away := d.away(); away {
		notes = append(notes, checks.MarkWarn+" The metric server has not answered since "+since.UTC().Format("15:04:05")+" UTC: nothing is concluded from that.")
	}
	if h := d.History; h != nil {
		if h.Disturbed != 0 {
			notes = append(notes, "Compared with the time before "+time.Unix(h.Disturbed, 0).UTC().Format("2006-01-02 15:04:05")+" UTC: what was deployed then went bad.")
		}
		if len(h.Changed) > 0 {
			notes = append(notes, "Changed by this deployment, looked at one by one beside what it did not change: "+changedWords(h.Changed)+".")
		}
		for _, gap := range h.Gaps[:min(len(h.Gaps), 5)] {
			notes = append(notes, checks.MarkWarn+" Not looked at: "+gapWords(gap, checks.InProse)+".")
		}
		for _, missing := range h.Missing[:min(len(h.Missing), 5)] {
			notes = append(notes, "Not looked at: "+checks.Escape(missing, checks.InProse)+".")
		}
	}
	if len(notes) > 0 {
		out.WriteString(checks.List(notes) + "\n\n")
	}
	return out.String()
}

// away tells since when the metric server has not answered, where it did before.
func (d Deployed) away() (since time.Time, ok bool) {
	if d.History == nil || len(d.Samples) == 0 || d.Samples[len(d.Samples)-1].Gap == nil {
		return since, false
	}
	for _, sample := range d.Samples {
		if sample.Gap == nil {
			since = sample.At
		}
	}
	return since, !since.IsZero()
}

// waiting says why nothing is known of the signals yet.
func (d Deployed) waiting() string {
	for i := len(d.Samples) - 1; i >= 0; i-- {
		if gap := d.Samples[i].Gap; gap != nil {
			return "The signals are not known yet: " + gapWords(*gap, checks.InProse) + ". It is asked again at every look."
		}
	}
	return "The metric server has not been asked yet."
}

// mostChanged operations are named.
const mostChanged = 10

func changedWords(operations []string) string {
	text := strings.Join(checks.Codes(operations[:min(len(operations), mostChanged)]), ", ")
	if more := len(operations) - mostChanged; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// signalName is a signal with the bound from which a request is slow.
func (d Deployed) signalName(name string) string {
	if d.History != nil {
		for _, w := range d.History.Signals {
			if w.Name == name && w.Above > 0 {
				return fmt.Sprintf("%s (above %s)", name, time.Duration(w.Above*float64(time.Second)).Round(time.Millisecond))
			}
		}
	}
	return name
}

// sampleWords says what a window holds.
func sampleWords(m signal.Result, s signal.Sample) string {
	switch {
	case s.Points == 0:
		return "no data"
	case m.Kind == signal.Proportion && s.Total == 0:
		return "no requests"
	case m.Kind == signal.Proportion:
		return fmt.Sprintf("%s of %s", percent(s.Value), grouped(s.Total))
	case m.Kind == signal.Volume:
		return perMinute(m, s)
	}
	return figure(s.Value)
}

// perMinute says a volume; its sample is over steps of one length.
func perMinute(m signal.Result, s signal.Sample) string {
	step := float64(s.To-s.From) / 60
	if cells := float64(s.Points); cells > 0 && step > 0 {
		step /= math.Max(cells, 1)
	}
	if m.Before.Points > 0 && m.Before.To > m.Before.From {
		step = float64(m.Before.To-m.Before.From) / 60 / float64(max(m.Before.Points, 1))
	}
	if step <= 0 {
		step = 1
	}
	return figure(s.Value/step) + " a minute"
}

// resultWords says what the judge thinks of one signal.
func (d Deployed) resultWords(m signal.Result) string {
	for _, r := range d.Signals.Reasons {
		if r.Metric != m.Name {
			continue
		}
		switch r.Code {
		case signal.Vanished:
			return "gone for " + seconds(r.Seconds)
		case signal.NoData:
			if m.After.Points > 0 {
				return "no requests"
			}
			return "no data"
		case signal.NoAnswer:
			return "the metric server does not answer"
		case signal.TooEarly:
			return "not counted yet"
		case signal.RollBackLimit, signal.InvestigateLimit:
			return "beyond what is declared"
		}
	}
	switch {
	case m.After.Points == 0:
		return "not counted yet"
	case m.Calibrated && m.Corrected <= d.Signals.Thresholds.Suspicion:
		text := "worse: " + byItself(m)
		if !m.Effect.Holds {
			text += ", but little"
		}
		return text
	case m.Bound.Known && m.Bound.Excluded && m.Bound.Upper <= 0:
		return "no worse"
	case m.Bound.Known && m.Bound.Excluded:
		return fmt.Sprintf("worse by no more than %s (harm begins at %s)", harm(m, m.Bound.Upper), harm(m, m.Bound.Margin))
	case m.Bound.Known:
		return fmt.Sprintf("could be worse by %s (harm begins at %s)", harm(m, m.Bound.Upper), harm(m, m.Bound.Margin))
	case !m.Calibrated:
		return "too little history to compare with"
	}
	return "usual"
}

// byItself says how often as much happens where nothing does.
func byItself(m signal.Result) string {
	return fmt.Sprintf("as much happens by itself at %s of %s quiet moments of the last days", grouped(float64(m.AtLeast)), grouped(float64(m.Placebos)))
}

// harm is a difference in the words of a signal: points of a proportion, a share of the
// others.
func harm(m signal.Result, x float64) string {
	if m.Kind == signal.Proportion {
		return figure(x*100) + " points"
	}
	return percent(x)
}

func percent(x float64) string { return figure(x*100) + " %" }

// figure writes three digits.
func figure(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "?"
	case math.Abs(x) >= 1000:
		return grouped(x)
	case x != 0 && math.Abs(x) < 0.001:
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	text := strconv.FormatFloat(x, 'f', max(0, 2-int(math.Floor(math.Log10(math.Max(math.Abs(x), 0.01))))), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// grouped writes a whole number with its thousands apart.
func grouped(x float64) string {
	if math.Abs(x) > 1e15 {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	digits := strconv.FormatInt(int64(math.Round(math.Abs(x))), 10)
	var out strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(digit)
	}
	if x < 0 {
		return "-" + out.String()
	}
	return out.String()
}
