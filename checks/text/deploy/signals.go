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
		out.WriteString("| Signal | Before | Now | Result |\n|---|---|---|---|\n")
		for i, m := range d.Signals.Metrics {
			if i == mostSignalRows {
				fmt.Fprintf(&out, "| %d more | | | |\n", len(d.Signals.Metrics)-i)
				break
			}
			before, after := levels(m)
			fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", checks.Escape(d.signalName(m.Name), checks.InCell), sampleWords(m, before), sampleWords(m, after), d.resultWords(m))
		}
		out.WriteString("\n")
	case d.Run.Verdict == nil && d.History == nil:
		out.WriteString(d.waiting() + "\n\n")
	case d.Run.Verdict == nil:
		out.WriteString("Signals count once a response reports the deployed commit.\n\n")
	}
	var notes []string
	if since, away := d.away(); away {
		notes = append(notes, checks.MarkWarn+" The metric server has not answered since "+since.UTC().Format("15:04:05")+" UTC. This does not affect the verdict.")
	}
	if h := d.History; h != nil {
		notes = append(notes, d.references()...)
		if note := d.versionsNote(); note != "" {
			notes = append(notes, note)
		}
		if len(h.Changed) > 0 {
			notes = append(notes, "This deployment changed "+changedWords(h.Changed)+". Each has its own signals, compared with unchanged operations.")
		}
		for _, gap := range h.Gaps[:min(len(h.Gaps), 5)] {
			notes = append(notes, checks.MarkWarn+" Not evaluated: "+gapWords(gap, checks.InProse)+".")
		}
		for _, missing := range h.Missing[:min(len(h.Missing), 5)] {
			notes = append(notes, "Not evaluated: "+checks.Escape(missing, checks.InProse)+".")
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
			return "No signals yet: " + gapWords(*gap, checks.InProse) + ". Plimsoll asks again with each sample."
		}
	}
	return "The metric server was not queried yet."
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
	if before := m.Before.To - m.Before.From; m.Before.Points > 0 && before > 0 {
		if len(m.Reference) > 0 {
			before = 0
		}
		for _, r := range m.Reference {
			before += r.To - r.From
		}
		step = float64(before) / 60 / float64(max(m.Before.Points, 1))
	}
	if step <= 0 {
		step = 1
	}
	return figure(s.Value/step) + "/min"
}

// resultWords says what the judge thinks of one signal.
func (d Deployed) resultWords(m signal.Result) string {
	for _, r := range d.Signals.Reasons {
		if r.Metric != m.Name {
			continue
		}
		switch r.Code {
		case signal.Vanished:
			return "no data for " + seconds(r.Seconds)
		case signal.NoData:
			if m.After.Points > 0 {
				return "no requests"
			}
			return "no data"
		case signal.NoAnswer:
			return "the metric server does not answer"
		case signal.TooEarly:
			if !m.ByVersion {
				return "not evaluated yet"
			}
		case signal.BothWorse:
			return "worse, and so is the old version"
		case signal.RollBackLimit, signal.InvestigateLimit:
			return "beyond the declared limit"
		}
	}
	switch {
	case m.After.Points == 0 && !m.ByVersion:
		return "not evaluated yet"
	case m.Calibrated && m.Corrected <= d.Signals.Thresholds.Suspicion:
		text := "worse: " + d.rarity(m)
		if !m.Effect.Holds {
			text += ", but the change is small"
		}
		return text
	case m.Bound.Known && m.Bound.Excluded && m.Bound.Upper <= 0:
		return "OK: not worse"
	case m.Bound.Known && m.Bound.Excluded:
		return fmt.Sprintf("OK: at most %s (limit %s)", change(m, m.Bound.Upper), change(m, m.Bound.Margin))
	case m.Bound.Known:
		return fmt.Sprintf("unclear: up to %s (limit %s)", change(m, m.Bound.Upper), change(m, m.Bound.Margin))
	case !m.Calibrated:
		return "too little history"
	}
	return "as usual"
}

// rarity says how many of the reference windows were at least as bad.
func (d Deployed) rarity(m signal.Result) string {
	days := 0
	if d.Signals != nil {
		days = int(d.Signals.Thresholds.History / 86400)
	}
	return rarity(m, days)
}

func rarity(m signal.Result, days int) string {
	count := grouped(float64(m.AtLeast))
	if m.AtLeast == 0 {
		count = "none"
	}
	verb := "were"
	if m.AtLeast <= 1 {
		verb = "was"
	}
	text := fmt.Sprintf("%s of %s comparable windows", count, grouped(float64(m.Placebos)))
	if days > 0 {
		text += " in the last " + checks.Count(days, "day")
	}
	return text + " " + verb + " this bad"
}

// levelWords is the level of a window, without how much it rests on.
func levelWords(m signal.Result, s signal.Sample) string {
	if m.Kind == signal.Proportion && s.Points > 0 && s.Total > 0 {
		return percent(s.Value)
	}
	return sampleWords(m, s)
}

// harm is a difference without its direction: percentage points of a proportion, a share
// of the level of others.
func harm(m signal.Result, x float64) string {
	if m.Kind == signal.Proportion {
		return figure(x*100) + " pp"
	}
	return percent(x)
}

// change is a difference for the worse, with its direction.
func change(m signal.Result, x float64) string {
	switch {
	case m.Kind == signal.Volume || m.Role == signal.Traffic:
		return "−" + harm(m, x)
	case m.Kind == signal.Series:
		return harm(m, x) + " worse"
	}
	return "+" + harm(m, x)
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
