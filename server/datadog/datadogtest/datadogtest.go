// Package datadogtest answers as Datadog's published description of POST
// /api/v2/query/timeseries says, and refuses what it does not allow. It is not Datadog: what
// the description leaves open may differ there.
package datadogtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The keys that the API accepts.
const (
	APIKey         = "0123456789abcdef0123456789abcdef"
	ApplicationKey = "fedcba9876543210fedcba9876543210fedcba98"
)

// mostPoints is how many points of a series are given before the steps become longer.
const mostPoints = 1500

// API is one organisation's API.
type API struct {
	URL string
	// Value is what a query gives in the step that begins at a time; NaN: nothing.
	Value func(query string, begins time.Time, interval time.Duration) float64
	// Answer is sent in place of a result, if it is set.
	Answer atomic.Pointer[Answer]
	// Asked counts requests.
	Asked atomic.Int64
}

// Answer is an HTTP response.
type Answer struct {
	Status int
	Body   string
	Header map[string]string
}

// Limited is the answer to those who ask too often.
var Limited = Answer{Status: http.StatusTooManyRequests, Body: `{"errors":["Rate limit of 300 requests in 3600 seconds reached"]}`,
	Header: map[string]string{"X-RateLimit-Limit": "300", "X-RateLimit-Period": "3600", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1200"}}

// Start starts an API that ends with the test.
func Start(tb testing.TB, value func(query string, begins time.Time, interval time.Duration) float64) *API {
	tb.Helper()
	a := &API{Value: value}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.Asked.Add(1)
		if answer := a.Answer.Load(); answer != nil {
			for name, value := range answer.Header {
				w.Header().Set(name, value)
			}
			w.WriteHeader(answer.Status)
			_, _ = w.Write([]byte(answer.Body))
			return
		}
		status, body := a.answer(r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(body); err != nil {
			tb.Errorf("answer of Datadog's stand-in: %v", err)
		}
	}))
	tb.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

type failed struct {
	Errors []string `json:"errors"`
}

func fail(status int, format string, values ...any) (int, any) {
	return status, failed{[]string{fmt.Sprintf(format, values...)}}
}

type request struct {
	Data *struct {
		Type       string `json:"type"`
		Attributes *struct {
			From     *int64 `json:"from"`
			To       *int64 `json:"to"`
			Interval int64  `json:"interval"`
			Formulas []struct {
				Formula string `json:"formula"`
			} `json:"formulas"`
			Queries []struct {
				DataSource string `json:"data_source"`
				Query      string `json:"query"`
				Name       string `json:"name"`
			} `json:"queries"`
		} `json:"attributes"`
	} `json:"data"`
}

type series struct {
	GroupTags  []string `json:"group_tags"`
	QueryIndex int      `json:"query_index"`
	Unit       []any    `json:"unit"`
}

func (a *API) answer(r *http.Request) (status int, body any) {
	switch {
	case r.URL.Path != "/api/v2/query/timeseries" || r.Method != http.MethodPost:
		return fail(http.StatusNotFound, "Not found")
	case r.Header.Get("DD-API-KEY") != APIKey || r.Header.Get("DD-APPLICATION-KEY") != ApplicationKey:
		return fail(http.StatusForbidden, "Forbidden")
	case r.Header.Get("Content-Type") != "application/json":
		return fail(http.StatusUnsupportedMediaType, "Unsupported media type")
	}
	var asked request
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return fail(http.StatusBadRequest, "%v", err)
	}
	if asked.Data == nil || asked.Data.Type != "timeseries_request" || asked.Data.Attributes == nil {
		return fail(http.StatusBadRequest, "data is not a timeseries_request")
	}
	in := asked.Data.Attributes
	if in.From == nil || in.To == nil || *in.From >= *in.To || len(in.Queries) == 0 || len(in.Formulas) > 1 {
		return fail(http.StatusBadRequest, "from, to or queries are invalid")
	}
	one := in.Queries[0]
	if one.DataSource != "metrics" || len(in.Formulas) == 1 && in.Formulas[0].Formula != one.Name || !strings.Contains(one.Query, "{") {
		return fail(http.StatusBadRequest, "Error parsing query: %s", one.Query)
	}
	interval := in.Interval
	for interval <= 0 || (*in.To-*in.From)/interval > mostPoints {
		interval = max(interval, 1000) * 5
	}
	if strings.Contains(one.Query, ".rollup(sum, 300)") { // the query's own steps count
		interval = 300_000
	}
	return http.StatusOK, a.result(one.Query, *in.From, *in.To, interval)
}

func (a *API) result(query string, from, to, interval int64) any {
	groups := [][]string{{}}
	if strings.Contains(query, " by {") {
		groups = [][]string{{"env:production"}, {"env:staging"}}
	}
	times, all, values := []int64{}, []series{}, [][]*float64{}
	for at := from - from%interval; at < to; at += interval {
		times = append(times, at)
	}
	for range groups {
		var of []*float64
		found := false
		for _, at := range times {
			value := a.Value(query, time.UnixMilli(at).UTC(), time.Duration(interval)*time.Millisecond)
			if math.IsNaN(value) {
				of = append(of, nil)
				continue
			}
			found = true
			of = append(of, &value)
		}
		if found {
			values = append(values, of)
			all = append(all, series{GroupTags: groups[len(all)], Unit: []any{nil, nil}})
		}
	}
	if len(all) == 0 {
		times = []int64{}
	}
	return map[string]any{"data": map[string]any{"id": "0", "type": "timeseries_response", "attributes": map[string]any{"series": all, "times": times, "values": values}}}
}

// Text is a result as text, for an answer that a test changes.
func (a *API) Text(query string, from, to time.Time, interval time.Duration) string {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(a.result(query, from.UnixMilli(), to.UnixMilli(), interval.Milliseconds())); err != nil {
		panic(err)
	}
	return b.String()
}
