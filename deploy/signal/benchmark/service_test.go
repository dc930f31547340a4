package benchmark

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/fstest"
	"time"
)

// TestGenerate: one seed, one service; the changed routes are the same with control.
func TestGenerate(t *testing.T) {
	a, b := Generate(7, 200, Effects[1], Usual, false), Generate(7, 200, Effects[1], Usual, true)
	if !reflect.DeepEqual(a.Changed, b.Changed) || !reflect.DeepEqual(a.Earlier, b.Earlier) || a.Unchanged.Total != nil || len(b.Unchanged.Total) != minutes {
		t.Error("control changes what it is compared with")
	}
	if c := Generate(8, 200, Effects[1], Usual, false); reflect.DeepEqual(a.Changed, c.Changed) {
		t.Error("two seeds, one service")
	}
	// The first minutes of a seed must never change: RESULTS.md rests on them.
	if got, want := fmt.Sprint(a.Changed.Total[:8], a.Changed.Bad[:8], a.Changed.Slow[:8]), firstMinutes; got != want {
		t.Errorf("seed 7 begins\n%s\nexpected\n%s", got, want)
	}
}

// TestBeyond: which effects "verified" must not leave in.
func TestBeyond(t *testing.T) {
	for _, e := range Effects {
		rare, many := e.beyond(rates{errors: 0.001, slow: 0.05}), e.beyond(rates{errors: 0.008, slow: 0.05})
		wantRare := e.Name != "errors ×2" && e.Name != "slow ×1.5" && e.Name != "traffic −30 %"
		if wantMany := wantRare || e.Name == "errors ×2"; rare != wantRare || many != wantMany {
			t.Errorf("%s: beyond the margin with rare errors %v, with many %v", e.Name, rare, many)
		}
	}
	if Harmless.beyond(rates{errors: 0.01, slow: 0.05}) {
		t.Error("harmless is beyond the margin")
	}
}

// TestNoise: means, deviations and correlations are those that the table names.
func TestNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	x := autoregression(r, 0.3, 0.8145)
	var sum, squares, products float64
	for i := 1; i < len(x); i++ {
		sum, squares, products = sum+x[i], squares+x[i]*x[i], products+x[i]*x[i-1]
	}
	n := float64(len(x) - 1)
	if m := sum / n; math.Abs(m) > 0.03 {
		t.Errorf("a mean of %v", m)
	}
	if sd := math.Sqrt(squares / n); math.Abs(sd-0.3) > 0.02 {
		t.Errorf("a deviation of %v", sd)
	}
	if c := products / squares; math.Abs(c-0.8145) > 0.02 {
		t.Errorf("a correlation of %v", c)
	}
	for _, mean := range []float64{0, 0.1, 3, 39, 41, 2000} {
		var sum, squares float64
		for range 20_000 {
			k := poisson(r, mean)
			sum, squares = sum+k, squares+k*k
		}
		m := sum / 20_000
		if v := squares/20_000 - m*m; math.Abs(m-mean) > 5*math.Sqrt(mean/20_000) || math.Abs(v-mean) > 0.05*mean+1e-9 {
			t.Errorf("a Poisson count of %v has mean %v and variance %v", mean, m, v)
		}
	}
	for _, c := range [][2]float64{{10, 0.3}, {10, 0.9}, {1000, 0.01}, {5000, 0.2}, {5, 0}, {0, 0.5}, {7, 1}} {
		var sum float64
		for range 20_000 {
			k := binomial(r, c[0], c[1])
			if k < 0 || k > c[0] {
				t.Fatalf("%v of %v", k, c[0])
			}
			sum += k
		}
		if m := sum / 20_000; math.Abs(m-c[0]*c[1]) > 5*math.Sqrt(c[0]*c[1]*(1-c[1])/20_000)+1e-9 {
			t.Errorf("a binomial count of %v has mean %v", c, m)
		}
	}
}

// TestRules: each rule sees what it is made for, and is silent where nothing is.
func TestRules(t *testing.T) {
	quiet := Noise{Traffic: 1e-9, Errors: 1e-9, Slow: 1e-9, Least: 0.8, Most: 0.8, Shared: 0.5}
	gross := Effect{Name: "everything", apply: func(r rates, _ float64) rates { return rates{r.traffic, 0.5, 0.8} }}
	for _, rule := range Rules {
		if m := rule.Alarm(Generate(3, 2000, gross, quiet, false)); m < Guard || m > Watch {
			t.Errorf("%s: half of the requests fail, alarm at minute %d", rule.Name, m)
		}
	}
	for _, k := range []int{0, 1, 2, 5} {
		if m := Rules[k].Alarm(Generate(3, 2000, Harmless, quiet, false)); m >= 0 {
			t.Errorf("%s: nothing happens, alarm at minute %d", Rules[k].Name, m)
		}
	}
	if !high([]float64{1, 2, 3, 4, 5, 6}, []float64{11, 12, 13, 14, 15, 16}, 1) || high([]float64{1, 2, 3, 4, 5, 6}, []float64{1, 2, 3, 4, 5, 6}, 1) ||
		high([]float64{11, 12, 13, 14, 15, 16}, []float64{1, 2, 3, 4, 5, 6}, 1) || high([]float64{100, 101, 102, 103, 104, 105}, []float64{111, 112, 113, 114, 115, 116}, 1.5) {
		t.Error("Kayenta-like: a shift is high, none or a fall is not, and a small one is not half as much again")
	}
}

// TestNAB reads a copy in small, with a day that is labelled.
func TestNAB(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	series := "timestamp,value\n"
	start := time.Date(2014, 4, 1, 0, 0, 0, 0, time.UTC)
	for i := range 14 * 288 {
		series += fmt.Sprintf("%s,%.3f\n", start.Add(time.Duration(i)*5*time.Minute).Format("2006-01-02 15:04:05"), 100+r.NormFloat64())
	}
	files := fstest.MapFS{
		"labels/combined_windows.json": {Data: []byte(`{"a/b.csv": [["2014-04-10 00:00:00.000000", "2014-04-12 00:00:00.000000"]], "a/hourly.csv": []}`)},
		"data/a/b.csv":                 {Data: []byte(series)},
		"data/a/hourly.csv":            {Data: []byte("timestamp,value\n2014-04-01 00:00:00,1\n2014-04-01 01:00:00,1\n2014-04-01 02:00:00,1\n")},
	}
	n, err := JudgeNAB(files)
	if err != nil {
		t.Fatal(err)
	}
	if n.Series != 1 || n.Deployments < 4 || n.Deployments > 6 || n.Found[0] != n.Deployments || n.False[0] > 1 {
		t.Errorf("%+v", n)
	}
	files["data/a/b.csv"] = &fstest.MapFile{}
	if n, err := JudgeNAB(files); err != nil || n.Series != 0 {
		t.Errorf("an empty series: %+v %v", n, err)
	}
	for _, broken := range []fstest.MapFS{
		{}, {"labels/combined_windows.json": {Data: []byte("[")}},
		{"labels/combined_windows.json": {Data: []byte(`{"a/b.csv": [["x", "y"]]}`)}},
		{"labels/combined_windows.json": {Data: []byte(`{"a/b.csv": []}`)}},
		{"labels/combined_windows.json": {Data: []byte(`{"a/b.csv": []}`)}, "data/a/b.csv": {Data: []byte("timestamp,value\nx,1\n")}},
	} {
		if _, err := JudgeNAB(broken); err == nil {
			t.Error("a broken copy is judged")
		}
	}
}

const firstMinutes = "[275 262 310 314 353 352 269 295] [1 3 0 1 1 1 1 1] [8 18 19 23 29 27 19 20]"
