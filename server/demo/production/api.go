package production

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// api answers as Prometheus' HTTP API does.
// https://prometheus.io/docs/prometheus/latest/querying/api/
func (p *Production) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/label/__name__/values", func(w http.ResponseWriter, _ *http.Request) {
		succeed(w, metrics)
	})
	mux.HandleFunc("/api/v1/query", func(w http.ResponseWriter, r *http.Request) {
		at, err := moment(r.FormValue("time"))
		ask, known := p.understood(r.FormValue("query"))
		if err != nil || !known {
			refuse(w, err)
			return
		}
		result := []series{}
		for _, s := range ask(at) {
			result = append(result, series{Metric: orEmpty(s.labels), Value: point(at, s.value)})
		}
		succeed(w, data{"vector", result})
	})
	mux.HandleFunc("/api/v1/query_range", func(w http.ResponseWriter, r *http.Request) {
		start, err1 := moment(r.FormValue("start"))
		end, err2 := moment(r.FormValue("end"))
		step, err3 := strconv.ParseFloat(r.FormValue("step"), 64)
		ask, known := p.understood(r.FormValue("query"))
		if err1 != nil || err2 != nil || err3 != nil || step < 1 || !known {
			refuse(w, err1, err2, err3)
			return
		}
		succeed(w, data{"matrix", ranged(ask, start, end, time.Duration(step*float64(time.Second)))})
	})
	return mux
}

// understood gives the answer to a query; one that is not known is kept.
func (p *Production) understood(query string) (answer, bool) {
	ask, ok := p.known[query]
	if !ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !slices.Contains(p.unknown, query) {
			p.unknown = append(p.unknown, query)
		}
	}
	return ask, ok
}

// Unknown returns the queries that were asked and are not understood: there should be none.
func (p *Production) Unknown() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.unknown)
}

// ranged asks for each step; the queries of a range give one series at most.
func ranged(ask answer, start, end time.Time, step time.Duration) []series {
	var one series
	for at := start; !at.After(end); at = at.Add(step) {
		for _, s := range ask(at) {
			one.Metric = orEmpty(s.labels)
			one.Values = append(one.Values, point(at, s.value))
		}
	}
	if one.Values == nil {
		return []series{}
	}
	return []series{one}
}

// data, series and the pairs of time and value are as the API writes them.
type data struct {
	Type   string   `json:"resultType"`
	Result []series `json:"result"`
}

type series struct {
	Metric map[string]string `json:"metric"`
	Value  []any             `json:"value,omitempty"`
	Values [][]any           `json:"values,omitempty"`
}

func point(at time.Time, value float64) []any {
	return []any{float64(at.UnixMilli()) / 1000, strconv.FormatFloat(value, 'f', -1, 64)}
}

func orEmpty(labels map[string]string) map[string]string {
	if labels == nil {
		return map[string]string{}
	}
	return labels
}

// moment reads seconds since 1970, or a time as RFC 3339 has it.
func moment(text string) (time.Time, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return time.UnixMilli(int64(seconds * 1000)).UTC(), nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, fmt.Errorf("read the time %q: %w", text, err)
	}
	return at, nil
}

func succeed(w http.ResponseWriter, result any) {
	w.Header().Set("Content-Type", "application/json")
	answerWith(w, map[string]any{"status": "success", "data": result})
}

func refuse(w http.ResponseWriter, errs ...error) {
	message := "this simulated metric server understands the queries of plimsoll's preset alone"
	for _, err := range errs {
		if err != nil {
			message = err.Error()
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	answerWith(w, map[string]string{"status": "error", "errorType": "bad_data", "error": message})
}
