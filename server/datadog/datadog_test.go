package datadog_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/datadog"
	"plimsoll/server/datadog/datadogtest"
	"plimsoll/server/datasource"
)

var at = time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)

const query = "sum:orders.requests{env:production}.as_count()"

func open(t *testing.T, servers ...datadog.Server) *datadog.Servers {
	t.Helper()
	s, err := datadog.New(datadog.Config{Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func server(url string) datadog.Server {
	return datadog.Server{Name: "dd", URL: url, APIKey: config.NewSecret(datadogtest.APIKey), ApplicationKey: config.NewSecret(datadogtest.ApplicationKey)}
}

func minutes(n int) datasource.Range {
	return datasource.Range{Start: at, End: at.Add(time.Duration(n-1) * time.Minute), Step: time.Minute}
}

// Points are named by the end of the minute that they are about, and what is null is no point.
func TestQueryRange(t *testing.T) {
	api := datadogtest.Start(t, func(text string, begins time.Time, interval time.Duration) float64 {
		if !strings.HasPrefix(text, "sum:orders.requests{") || interval != time.Minute {
			t.Errorf("asked for %q in steps of %s", text, interval)
		}
		if begins.Minute()%10 == 3 {
			return math.NaN()
		}
		return float64(begins.Unix())
	})
	s := open(t, server(api.URL+"/"))
	for _, n := range []int{1, 30, 1440} {
		answer, err := s.QueryRange(t.Context(), "dd", query, minutes(n))
		if err != nil || len(answer.Series) != 1 {
			t.Fatalf("%d minutes: %+v, %v", n, answer, err)
		}
		known := 0
		for i := range n {
			if at.Add(time.Duration(i-1)*time.Minute).Minute()%10 != 3 {
				known++
			}
		}
		points := answer.Series[0].Points
		if len(points) != known || points[0].At != at || points[len(points)-1].At.After(at.Add(time.Duration(n-1)*time.Minute)) {
			t.Errorf("%d minutes: %d points, expected %d, from %s", n, len(points), known, points[0].At)
		}
		for _, p := range points {
			if p.Value != float64(p.At.Add(-time.Minute).Unix()) {
				t.Fatalf("%+v is of another minute", p)
			}
		}
	}
	answer, err := s.QueryRange(t.Context(), "dd", "sum:orders.requests{*} by {env}.as_count()", minutes(3))
	if err != nil || len(answer.Series) != 2 || answer.Series[1].Labels["env"] != "staging" {
		t.Errorf("grouped: %+v, %v", answer, err)
	}
	api.Value = func(string, time.Time, time.Duration) float64 { return math.NaN() }
	if answer, err := s.QueryRange(t.Context(), "dd", query, minutes(30)); err != nil || len(answer.Series) != 0 {
		t.Errorf("nothing: %+v, %v", answer, err)
	}
}

// What can't be asked, or is refused, has a message that shows neither key nor address.
func TestFaults(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("a request to another host, with %v", r.Header) }))
	defer elsewhere.Close()
	api := datadogtest.Start(t, func(string, time.Time, time.Duration) float64 { return 1 })
	five := api.Text(query, at, at.Add(time.Hour), 5*time.Minute)
	odd := api.Text(query, at.Add(30*time.Second), at.Add(2*time.Minute), 30*time.Second)
	echo := datadogtest.APIKey + " " + datadogtest.ApplicationKey
	for name, c := range map[string]struct {
		answer datadogtest.Answer
		want   string
		query  bool
	}{
		"refused query":    {datadogtest.Answer{Status: 400, Body: `{"errors":["Error parsing query: ` + echo + `"]}`}, "it refuses the query: Error parsing query: [secret] [secret] (correct the query)", true},
		"error in success": {datadogtest.Answer{Status: 200, Body: `{"errors":"unable to parse ` + echo + `"}`}, "it refuses the query: unable to parse [secret] [secret]", true},
		"refused keys":     {datadogtest.Answer{Status: 403, Body: `{"errors":["Forbidden"]}`}, "it refuses the keys (403) (check api_key, application_key and site", false},
		"too often":        {datadogtest.Limited, "it is asked too often (429)", false},
		"no API":           {datadogtest.Answer{Status: 404}, "there is no Datadog API at its address (404)", false},
		"away":             {datadogtest.Answer{Status: 503, Body: echo}, "it answers with an error (503)", false},
		"redirect":         {datadogtest.Answer{Status: 307, Header: map[string]string{"Location": elsewhere.URL}}, "it answers with a redirect (307), which is not followed", false},
		"no JSON":          {datadogtest.Answer{Status: 200, Body: "<html>" + echo}, "its answer is not one of Datadog's API", false},
		"other JSON":       {datadogtest.Answer{Status: 200, Body: `{"status":"ok"}`}, "its answer is not one of Datadog's API", false},
		"half a result":    {datadogtest.Answer{Status: 200, Body: `{"data":{"attributes":{"series":[{}],"times":[1,2],"values":[[1]]}}}`}, "its answer is incomplete", false},
		"no values":        {datadogtest.Answer{Status: 200, Body: `{"data":{"attributes":{"series":[{}],"times":[1,2],"values":[]}}}`}, "its answer is incomplete", false},
		"longer steps":     {datadogtest.Answer{Status: 200, Body: five}, "its points are 5m0s apart, expected 1m0s", true},
		"other times":      {datadogtest.Answer{Status: 200, Body: odd}, "its points are not at whole steps of 1m0s", true},
		"too long":         {datadogtest.Answer{Status: 200, Body: strings.Repeat(" ", 9<<20)}, "its answer is longer than what is read", true},
	} {
		t.Run(name, func(t *testing.T) {
			api.Answer.Store(&c.answer)
			_, err := open(t, server(api.URL)).QueryRange(t.Context(), "dd", query, minutes(30))
			refused, ok := errors.AsType[*datasource.Error](err)
			if !ok || !strings.HasPrefix(err.Error(), `metric server "dd": `+c.want) || refused.Query != c.query {
				t.Errorf("got %v\nwant %s, query %t", err, c.want, c.query)
			}
			text := fmt.Sprintf("%v %+v %#v %+v", err, err, err, server(api.URL))
			for _, secret := range []string{datadogtest.APIKey, datadogtest.ApplicationKey} {
				if strings.Contains(text, secret) {
					t.Errorf("a key is in %s", text)
				}
			}
		})
	}
	api.Answer.Store(nil)
	if _, err := open(t, server("http://127.0.0.1:1")).QueryRange(t.Context(), "dd", query, minutes(3)); err == nil || strings.Contains(err.Error(), "127.0.0.1") || !strings.Contains(err.Error(), "could not be asked") {
		t.Errorf("away: %v", err)
	}
	if _, err := open(t, server(api.URL)).QueryRange(t.Context(), "dd", query, minutes(1501)); err == nil || !strings.Contains(err.Error(), "1501 points are asked for, at most 1500 are given") {
		t.Errorf("too many points: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, server(api.URL)).QueryRange(ctx, "dd", query, minutes(3)); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// Rare events have few points, which say nothing of the steps.
func TestRareEvents(t *testing.T) {
	api := datadogtest.Start(t, nil)
	var times, values []string
	for i := range 9 {
		times, values = append(times, fmt.Sprint(at.Add(time.Duration(i)*5*time.Minute).UnixMilli())), append(values, "1")
	}
	api.Answer.Store(&datadogtest.Answer{Status: 200, Body: `{"data":{"attributes":{"series":[{}],"times":[` + strings.Join(times, ",") + `],"values":[[` + strings.Join(values, ",") + `]]}}}`})
	if answer, err := open(t, server(api.URL)).QueryRange(t.Context(), "dd", query, minutes(60)); err != nil || len(answer.Series[0].Points) != 9 {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestServers(t *testing.T) {
	s, err := datadog.New(datadog.Config{
		Servers: datadog.FromOperator([]config.Datasource{{Name: "metrics", Prometheus: "https://a"},
			{Name: "dd", Datadog: config.Datadog{APIURL: "http://127.0.0.1:1", APIKey: config.HeaderValue{Secret: config.NewSecret("x")}, ApplicationKey: config.HeaderValue{Secret: config.NewSecret("y")}}, Accounts: []config.Account{"acme"}}}),
		MayAsk: func(_ context.Context, s datadog.Server) (bool, error) { return s.Accounts[0] != "acme", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "metrics", "dd"} {
		if _, err := s.QueryRange(t.Context(), name, query, minutes(1)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q may be asked, or fails otherwise: %v", name, err)
		}
	}
	for site, want := range map[config.HostName]string{"": "https://api.datadoghq.com", "datadoghq.eu": "https://api.datadoghq.eu"} {
		if got := datadog.FromOperator([]config.Datasource{{Name: "dd", Datadog: config.Datadog{Site: site, APIKey: config.HeaderValue{Secret: config.NewSecret("x")}}}}); len(got) != 1 || got[0].URL != want {
			t.Errorf("%q: %+v", site, got)
		}
	}
	for _, wrong := range []datadog.Server{{Name: "a", URL: "ftp://a"}, {Name: "a", URL: "https://a"}} {
		if _, err := s.Prepare([]datadog.Server{wrong}); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
	if _, err := s.Prepare([]datadog.Server{server("https://a"), server("https://b")}); err == nil {
		t.Error("two of one name")
	}
}
