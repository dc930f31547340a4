package watch

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// Sizes of what is drawn while a deployment is watched, in columns and lines.
const (
	progressWidth = 79
	barWidth      = 40
	plotBefore    = 30
	plotAfter     = 20
	mostPlots     = 8
)

// watchProgress draws how far the watching has come, in place, on a terminal alone.
type watchProgress struct {
	terminal *terminal.Terminal
	lines    int // that stand there
}

func (p *watchProgress) show(d deploytext.Deployed) {
	if !p.terminal.Progress {
		return
	}
	p.clear()
	lines := progressLines(d)
	for i, line := range lines {
		if runes := []rune(line); len(runes) > progressWidth {
			line = string(runes[:progressWidth-1]) + "…"
		}
		if i == 0 && p.terminal.Env("NO_COLOR") == "" {
			line = "\x1b[1m" + line + "\x1b[0m"
		}
		fmt.Fprintln(p.terminal.Stderr, line)
	}
	p.lines = len(lines)
}

// clear takes away what was drawn.
func (p *watchProgress) clear() {
	if p.lines > 0 {
		fmt.Fprintf(p.terminal.Stderr, "\x1b[%dA\x1b[J", p.lines)
	}
	p.lines = 0
}

// progressLines are what is drawn, without colours.
func progressLines(d deploytext.Deployed) []string {
	total := d.Run.Last() + 1
	taken := 0
	if n := len(d.Samples); n > 0 {
		taken = d.Samples[n-1].N + 1
	}
	done := barWidth * taken / total
	bar := strings.Repeat("█", done) + strings.Repeat("░", barWidth-done)
	_, due, more := d.Run.Next(d.Samples, d.Now)
	next := ""
	if more {
		next = "  next sample " + due.Local().Format("15:04:05")
	}
	lines := []string{deploytext.DeploymentTitle(d), bar + fmt.Sprintf(" %d/%d", taken, total) + next}
	if d.History == nil {
		return lines
	}
	for i, w := range d.History.Signals {
		if i == mostPlots {
			lines = append(lines, fmt.Sprintf("and %d more signals", len(d.History.Signals)-i))
			break
		}
		lines = append(lines, plot(w, d.History.Points(i, d.Samples), d.Run.Began.Unix(), d.History.Step)+" "+checks.Plain(w.Name))
	}
	return lines
}

// plot draws a signal before and after the deployment, which is the bar between; what
// was not measured is blank.
func plot(w deploy.Watched, points signal.Points, deployed, step int64) string {
	cells := make([]*float64, plotBefore+plotAfter)
	if step <= 0 {
		step = 60
	}
	for k, at := range points.At {
		cell := plotBefore + int((at-deployed-1)/step)
		if at <= deployed {
			cell = plotBefore - 1 - int((deployed-at)/step)
		}
		if cell < 0 || cell >= len(cells) {
			continue
		}
		var value float64
		switch {
		case w.Kind != signal.Proportion:
			value = points.Value[k]
		case points.Total[k] > 0:
			value = points.Bad[k] / points.Total[k]
		default:
			continue
		}
		cells[cell] = &value
	}
	text := sparkline(cells)
	return string(text[:plotBefore]) + "│" + string(text[plotBefore:])
}

var sparks = []rune("▁▂▃▄▅▆▇█")

// sparkline draws values between the least and the largest of them.
func sparkline(cells []*float64) []rune {
	least, most, any := 0.0, 0.0, false
	for _, v := range cells {
		if v == nil {
			continue
		}
		if !any {
			least, most, any = *v, *v, true
		}
		least, most = min(least, *v), max(most, *v)
	}
	text := make([]rune, len(cells))
	for i, v := range cells {
		switch {
		case v == nil:
			text[i] = ' '
		case most == least:
			text[i] = sparks[0]
		default:
			text[i] = sparks[min(int((*v-least)/(most-least)*float64(len(sparks))), len(sparks)-1)]
		}
	}
	return text
}
