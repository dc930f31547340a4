package benchmark

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"time"

	"plimsoll/deploy/signal"
)

// NAB is what the judge said on real series with pretended deployments.
type NAB struct {
	Series, Deployments int
	// False alarms, and Found with the level raised by half, by Alphas.
	False, Found []int
}

const (
	nabStep  = 300
	nabWatch = 2 * 3600
	nabEvery = 18 * 3600 // between pretended deployments
)

// JudgeNAB evaluates every series of a copy of the Numenta Anomaly Benchmark, in which
// files stand as data/GROUP/NAME.csv and labels/combined_windows.json names the
// anomalies. Series that are not measured every five minutes are left out.
func JudgeNAB(files fs.FS) (*NAB, error) {
	labels, err := readLabels(files)
	if err != nil {
		return nil, err
	}
	n := &NAB{False: make([]int, len(Alphas)), Found: make([]int, len(Alphas))}
	for _, name := range sortedKeys(labels) {
		at, values, err := readSeries(files, path.Join("data", name))
		if err != nil {
			return nil, err
		}
		if len(at) < 2 || spacing(at) != nabStep {
			continue
		}
		n.Series++
		for deployed := at[0] + 8*86400; deployed+nabWatch <= at[len(at)-1]; deployed += nabEvery {
			if anomalous(labels[name], deployed-3600, deployed+nabWatch) {
				continue
			}
			n.Deployments++
			if err := n.judge(at, values, labels[name], deployed); err != nil {
				return nil, fmt.Errorf("judge %s: %w", name, err)
			}
		}
	}
	return n, nil
}

func (n *NAB) judge(at []int64, values []float64, anomalies []signal.Cut, deployed int64) error {
	raised := slices.Clone(values)
	for i := range raised {
		if at[i] > deployed {
			raised[i] *= 1.5
		}
	}
	for i, series := range [][]float64{values, raised} {
		in := signal.Input{Deployed: deployed, Now: deployed + nabWatch, Thresholds: signal.Thresholds{Window: nabWatch},
			Metrics: []signal.Metric{{Name: "series", Kind: signal.Series, Role: signal.Slow, Step: nabStep, Points: signal.Points{At: at, Value: series}}}}
		for _, cut := range anomalies {
			if cut.To < deployed {
				in.Cuts = append(in.Cuts, cut)
			}
		}
		v, err := signal.Decide(in)
		if err != nil {
			return err
		}
		for a, alpha := range Alphas {
			switch r := v.Metrics[0]; {
			case !r.Calibrated || r.P > alpha:
			case i == 0:
				n.False[a]++
			default:
				n.Found[a]++
			}
		}
	}
	return nil
}

func readLabels(files fs.FS) (map[string][]signal.Cut, error) {
	data, err := fs.ReadFile(files, "labels/combined_windows.json")
	if err != nil {
		return nil, fmt.Errorf("read the labels of NAB: %w", err)
	}
	var windows map[string][][2]string
	if err := json.Unmarshal(data, &windows); err != nil {
		return nil, fmt.Errorf("read the labels of NAB: %w", err)
	}
	labels := map[string][]signal.Cut{}
	for name, spans := range windows {
		labels[name] = nil
		for _, span := range spans {
			from, errFrom := instant(span[0])
			to, errTo := instant(span[1])
			if err := errors.Join(errFrom, errTo); err != nil {
				return nil, fmt.Errorf("read the labels of NAB: %s: %w", name, err)
			}
			labels[name] = append(labels[name], signal.Cut{From: from, To: to, Why: "labelled anomaly"})
		}
	}
	return labels, nil
}

func readSeries(files fs.FS, name string) (at []int64, values []float64, err error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read NAB: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("read NAB: %s: %w", name, err)
	}
	for _, row := range rows[min(1, len(rows)):] {
		when, err := instant(row[0])
		if err != nil {
			return nil, nil, fmt.Errorf("read NAB: %s: %w", name, err)
		}
		value, err := strconv.ParseFloat(row[len(row)-1], 64)
		if err != nil {
			return nil, nil, fmt.Errorf("read NAB: %s: %w", name, err)
		}
		at, values = append(at, when), append(values, value)
	}
	return at, values, nil
}

// instant reads a time as NAB writes it, with or without fractions of a second.
func instant(text string) (int64, error) {
	at, err := time.Parse("2006-01-02 15:04:05", text)
	return at.Unix(), err
}

// spacing is the median time between points.
func spacing(at []int64) int64 {
	var gaps []int
	for i := 1; i < len(at); i++ {
		gaps = append(gaps, int(at[i]-at[i-1]))
	}
	return int64(sorted(gaps)[len(gaps)/2])
}

func anomalous(spans []signal.Cut, from, to int64) bool {
	return slices.ContainsFunc(spans, func(c signal.Cut) bool { return c.From <= to && c.To >= from })
}

func sorted(values []int) []int {
	values = slices.Clone(values)
	slices.Sort(values)
	return values
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
