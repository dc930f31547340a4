package plot

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// deployed is 2 November 2026, 12:00 UTC.
const deployed = 1793620800

// wave is minutes of a wave, with what is made of each.
func wave(from, to int64, make func(i int, at int64, v float64) float64) Line {
	var l Line
	for at := from; at <= to; at += 60 {
		l.At = append(l.At, at)
		l.Value = append(l.Value, make(len(l.At)-1, at, 2+math.Sin(float64(len(l.At))/7)))
	}
	return l
}

func drawings() map[string]string {
	nan := math.NaN()
	step := Chart{
		ID: "a", Title: "errors", Description: "They go up.", Unit: "%", From: deployed - 7200, To: deployed + 1800, Deployed: deployed, Guard: deployed + 300,
		Points: wave(deployed-7200, deployed+1800, func(_ int, at int64, v float64) float64 {
			if at > deployed {
				v += 4
			}
			return v
		}),
		Before: &Level{deployed - 3600, deployed, 2}, After: &Level{deployed + 300, deployed + 1800, 6},
		Band: &Band{deployed, deployed + 1800, 2, 3}, Limits: []Limit{{5, "roll back from here"}, {900, "far away"}},
	}
	gaps := step
	gaps.Points = wave(deployed-7200, deployed+1800, func(i int, _ int64, v float64) float64 {
		if i%20 == 3 || i > 60 && i < 90 || i == 100 || i == 102 {
			return nan
		}
		return v
	})
	week := step
	week.From = deployed - 7*86400
	week.Points = wave(week.From, deployed+1800, func(i int, _ int64, v float64) float64 {
		if i == 5000 {
			return 40
		}
		return v
	})
	var samples []Sample
	for i := range 12 {
		samples = append(samples, Sample{At: deployed + int64(i)*60, Passed: i%5 != 3, Asked: i != 8, Took: time.Duration(10+i) * time.Millisecond})
	}
	return map[string]string{
		"step": step.SVG(), "gaps": gaps.SVG(), "week": week.Strip(),
		"nothing": Chart{ID: "n", Title: "nothing", From: deployed, To: deployed + 600, Deployed: deployed}.SVG(),
		"unusual": Unusual{ID: "u", Title: "unusual", Band: [4]float64{-0.5, 0.2, 1.1, 1.6}, Here: 7}.SVG(),
		"usual":   Unusual{ID: "u", Title: "usual", Band: [4]float64{-0.5, 0.2, 1.1, 1.6}, Here: 0.4}.SVG(),
		"probes":  Probes{ID: "p", Title: "GET /healthz", From: deployed, To: deployed + 660, Deployed: deployed, Samples: samples}.SVG(),
	}
}

func TestDrawings(t *testing.T) {
	for name, got := range drawings() {
		file := filepath.Join("testdata", name+".svg")
		got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s has changed (run with -update and look at it):\n%s", file, got)
		}
	}
}

// Whatever is drawn is XML, and its numbers are numbers.
func TestDrawingsOfAnything(t *testing.T) {
	inf := math.Inf(1)
	odd := []float64{math.NaN(), inf, -inf, 0, -1, 1e300, -1e300, 1e-300, math.MaxFloat64, 5}
	for name, got := range drawings() {
		wellFormed(t, name, got)
	}
	for _, a := range odd {
		for _, b := range odd {
			c := Chart{
				ID: "x", Title: "<script>alert(1)</script>", Description: `"'&`, Unit: "</svg>", From: deployed - 60, To: deployed + 120, Deployed: deployed, Guard: deployed + 60,
				Points: Line{[]int64{deployed - 60, deployed, deployed + 60}, []float64{a, b, a}}, Before: &Level{deployed, deployed, a}, After: &Level{0, 1 << 62, b},
				Band: &Band{0, 1 << 62, a, b}, Limits: []Limit{{a, "<b>"}, {b, strings.Repeat("é", 1000)}},
			}
			for _, drawing := range []string{c.SVG(), c.Strip(), Unusual{ID: "u", Band: [4]float64{a, a, b, b}, Here: a}.SVG()} {
				wellFormed(t, "odd", drawing)
				if strings.Contains(drawing, "NaN") || strings.Contains(drawing, "Inf") || strings.Contains(drawing, "<script") || strings.Contains(drawing, "<b>") {
					t.Fatalf("%v, %v: %s", a, b, drawing)
				}
				if len(drawing) > 20_000 {
					t.Fatalf("%v, %v: %d bytes", a, b, len(drawing))
				}
			}
		}
	}
}

func wellFormed(t *testing.T, name, drawing string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(drawing))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s is not XML: %v\n%s", name, err, drawing)
		}
	}
}

// Of a long line the extremes and the gaps stay, in the order of time.
func TestThinKeepsWhatStandsOut(t *testing.T) {
	line := wave(0, 60*20_000, func(i int, _ int64, v float64) float64 {
		switch i {
		case 777:
			return 99
		case 12_345:
			return -99
		case 15_000:
			return math.NaN()
		}
		return v
	})
	thin := line.thin(MostPoints)
	if len(thin.At) > MostPoints || len(thin.At) < MostPoints/2 {
		t.Errorf("%d points are left", len(thin.At))
	}
	found := map[int64]bool{}
	for i, at := range thin.At {
		found[at] = true
		if i > 0 && at <= thin.At[i-1] {
			t.Fatalf("point %d is not in the order of time", i)
		}
	}
	for _, i := range []int64{777, 12_345, 15_000} {
		if !found[i*60] {
			t.Errorf("point %d is lost", i)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{{0, 5.3, "0 2 4"}, {0, 0.0123, "0 0.005 0.010"}, {-3, 3, "-2 0 2"}, {0, 0, "0"}, {100, 1100, "200 400 600 800 1000"}} {
		all, decimals := scale{low: c.low, high: c.high}.ticks(5)
		var words []string
		for _, v := range all {
			words = append(words, number(v, decimals))
		}
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%v to %v: %s, expected %s", c.low, c.high, got, c.want)
		}
	}
}

func BenchmarkChart(b *testing.B) {
	c := Chart{ID: "a", Title: "errors", Unit: "%", From: deployed - 7*86400, To: deployed + 1800, Deployed: deployed}
	c.Points = wave(c.From, c.To, func(_ int, _ int64, v float64) float64 { return v })
	for b.Loop() {
		if len(c.Strip()) == 0 || len(c.SVG()) == 0 {
			b.Fatal("nothing is drawn")
		}
	}
}
