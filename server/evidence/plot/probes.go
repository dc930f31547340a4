package plot

import (
	"math"
	"time"
)

// Probes is the strip of one probe's results, sample by sample.
type Probes struct {
	ID, Title, Description string
	From, To, Deployed     int64
	Samples                []Sample
}

// Sample is one result. A probe that was neither passed nor asked was refused: it says
// nothing.
type Sample struct {
	At            int64
	Passed, Asked bool
	Took          time.Duration
}

const probesHeight = 84

// SVG draws a bar as high as the answer took for each that passed, a cross for each that
// failed, and a ring for each that was not asked.
func (p Probes) SVG() string {
	s := &svg{}
	s.begin(p.ID, "probes", width, probesHeight, p.Title, p.Description)
	longest := time.Millisecond
	for _, l := range p.Samples {
		longest = max(longest, l.Took)
	}
	x := scale{float64(p.From), float64(p.To), left + 8, width - right - 8}
	y := scale{0, float64(longest), probesHeight - stripBelow, 14}
	s.line("axis", left, y.from, width-right, y.from)
	s.label("tick", "end", left-6, y.to+4, round3(longest).String())
	s.label("tick", "end", left-6, y.from+4, "0")
	times, layout := instants(p.From, p.To, 6)
	for _, at := range times {
		s.label("tick", "middle", math.Min(x.at(float64(at)), width-20), probesHeight-5, clock(at, layout))
	}
	for _, l := range thinSamples(p.Samples) {
		at := x.at(float64(l.At))
		switch {
		case l.Passed:
			s.line("passed", at, y.from, at, math.Min(y.at(float64(l.Took)), y.from-4))
		case l.Asked:
			middle := (y.from + y.to) / 2
			s.WriteString(`<path class="failed" d="M` + place(at-5) + " " + place(middle-5) + "l10 10m-10 0l10 -10" + `"/>`)
		default:
			s.WriteString(`<circle class="refused" cx="` + place(at) + `" cy="` + place(y.from-8) + `" r="4"/>`)
		}
	}
	return s.end()
}

// thinSamples keeps every failure (as far as there is room for) and as many of the others
// as can be drawn.
func thinSamples(all []Sample) []Sample {
	if len(all) <= MostPoints {
		return all
	}
	each := (len(all) + MostPoints - 1) / MostPoints
	var out []Sample
	for from := 0; from < len(all); from += each {
		kept := all[from]
		for _, l := range all[from:min(from+each, len(all))] {
			if !l.Passed && l.Asked {
				kept = l
				break
			}
		}
		out = append(out, kept)
	}
	return out
}

// round3 leaves about three digits.
func round3(d time.Duration) time.Duration {
	switch {
	case d > 10*time.Second:
		return d.Round(100 * time.Millisecond)
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
