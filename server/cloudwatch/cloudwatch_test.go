package cloudwatch_test

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
	"plimsoll/server/cloudwatch"
	"plimsoll/server/cloudwatch/cloudwatchtest"
	"plimsoll/server/datasource"
)

var at = time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)

const query = `SUM(SEARCH('{AWS/ApplicationELB,LoadBalancer} MetricName="RequestCount" & LoadBalancer="app/orders/1"', 'Sum', 60))`

var signed = config.AWS{Region: config.AWSRegion(cloudwatchtest.Key.Region), AccessKeyID: cloudwatchtest.Key.ID, SecretAccessKey: config.NewSecret(cloudwatchtest.Key.Secret)}

func open(t *testing.T, servers ...cloudwatch.Server) *cloudwatch.Servers {
	t.Helper()
	s, err := cloudwatch.New(cloudwatch.Config{Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func server(url string) cloudwatch.Server {
	return cloudwatch.Server{Name: "cw", URL: url, AWS: signed}
}

func minutes(n int) datasource.Range {
	return datasource.Range{Start: at, End: at.Add(time.Duration(n-1) * time.Minute), Step: time.Minute}
}

// Points are named by the end of the minute that they are about. An answer may come in parts.
func TestQueryRange(t *testing.T) {
	api := cloudwatchtest.Start(t, func(text string, begins time.Time, period time.Duration) float64 {
		if !strings.Contains(text, "RequestCount") && !strings.HasPrefix(text, "SELECT") || period != time.Minute {
			t.Errorf("asked for %q in periods of %s", text, period)
		}
		if begins.Minute()%10 == 3 {
			return math.NaN()
		}
		return float64(begins.Unix())
	})
	s := open(t, server(api.URL+"/"))
	for _, n := range []int{1, 30, 1440} {
		answer, err := s.QueryRange(t.Context(), "cw", query, minutes(n))
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
	if asked := api.Asked.Load(); asked != 4 {
		t.Errorf("%d requests, expected 4: a day comes in two parts", asked)
	}
	answer, err := s.QueryRange(t.Context(), "cw", `SELECT SUM(RequestCount) FROM "AWS/ApplicationELB" GROUP BY LoadBalancer`, minutes(3))
	if err != nil || len(answer.Series) != 2 || answer.Series[1].Labels["label"] != "payments" {
		t.Errorf("grouped: %+v, %v", answer, err)
	}
	api.Value = func(string, time.Time, time.Duration) float64 { return math.NaN() }
	if answer, err := s.QueryRange(t.Context(), "cw", query, minutes(30)); err != nil || len(answer.Series) != 0 {
		t.Errorf("nothing: %+v, %v", answer, err)
	}
}

// result is an answer with a member of its own.
func result(member, rest string) *cloudwatchtest.Answer {
	return &cloudwatchtest.Answer{Status: 200, Body: `<GetMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricDataResult><MetricDataResults><member><Id>a</Id><Label>a</Label>` + member + `</member></MetricDataResults>` + rest + `</GetMetricDataResult></GetMetricDataResponse>`}
}

func points(apart time.Duration, n int) string {
	var times, values strings.Builder
	for i := range n {
		fmt.Fprintf(&times, "<member>%s</member>", at.Add(time.Duration(i)*apart).Format(time.RFC3339))
		values.WriteString("<member>1.0</member>")
	}
	return "<Timestamps>" + times.String() + "</Timestamps><Values>" + values.String() + "</Values><StatusCode>Complete</StatusCode>"
}

// What can't be asked, or is refused, has a message that shows no secret, no account and no
// address.
func TestFaults(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("a request to another host, with %v", r.Header) }))
	defer elsewhere.Close()
	api := cloudwatchtest.Start(t, func(string, time.Time, time.Duration) float64 { return 1 })
	const arn = "arn:aws:sts::123456789012:assumed-role/metrics"
	for name, c := range map[string]struct {
		answer *cloudwatchtest.Answer
		want   string
		query  bool
	}{
		"refused query":    {cloudwatchtest.Refusal(400, "ValidationError", "Error in expression 'a': Invalid syntax "+cloudwatchtest.Key.Secret), "it refuses the query: Error in expression 'a': Invalid syntax [secret] (correct the query)", true},
		"refused role":     {cloudwatchtest.Refusal(403, "AccessDenied", "User: "+arn+" is not authorized"), "it refuses the signature, or the AWS role may not query it (403) (check cloudwatch", false},
		"expired":          {cloudwatchtest.Refusal(400, "ExpiredToken", arn), "it refuses the signature", false},
		"refused as 400":   {cloudwatchtest.Refusal(400, "AccessDeniedException", arn), "it refuses the signature", false},
		"clock":            {cloudwatchtest.Refusal(400, "RequestExpired", arn), "it refuses the signature", false},
		"too often":        {cloudwatchtest.Limited, "it is asked too often (400)", false},
		"forbidden":        {result("<StatusCode>Forbidden</StatusCode>", ""), "its role may not read the metrics of the query", false},
		"fails inside":     {result("<StatusCode>InternalError</StatusCode>", ""), "its answer is incomplete", false},
		"a part":           {result(strings.Replace(points(time.Minute, 3), "Complete", "PartialData", 1), ""), "its answer is incomplete", false},
		"half a result":    {result("<Timestamps><member>2026-03-04T05:00:00Z</member></Timestamps><StatusCode>Complete</StatusCode>", ""), "its answer is incomplete", false},
		"no end":           {result(points(time.Minute, 1), "<NextToken>x</NextToken>"), "its answer is longer than what is read", true},
		"too many metrics": {result(points(time.Minute, 1), "<Messages><member><Code>MaxMetricsExceeded</Code><Value>Maximum number of allowed metrics exceeded</Value></member></Messages>"), "it did not do the whole query: MaxMetricsExceeded Maximum number of allowed metrics exceeded", true},
		"longer periods":   {result(points(5*time.Minute, 10), ""), "its points are 5m0s apart, expected 1m0s", true},
		"other times":      {result(points(30*time.Second, 3), ""), "its points are not at whole steps of 1m0s", true},
		"no API":           {&cloudwatchtest.Answer{Status: 404}, "there is no CloudWatch API at its address (404)", false},
		"away":             {&cloudwatchtest.Answer{Status: 503, Body: arn}, "it answers with an error (503)", false},
		"a proxy":          {&cloudwatchtest.Answer{Status: 400, Body: "bad request"}, "it answers with an error (400)", false},
		"redirect":         {&cloudwatchtest.Answer{Status: 307, Header: map[string]string{"Location": elsewhere.URL}}, "it answers with a redirect (307), which is not followed", false},
		"no XML":           {&cloudwatchtest.Answer{Status: 200, Body: "{}" + arn}, "its answer is not one of CloudWatch's API", false},
		"other XML":        {&cloudwatchtest.Answer{Status: 200, Body: "<html></html>"}, "its answer is not one of CloudWatch's API", false},
		"too long":         {&cloudwatchtest.Answer{Status: 200, Body: strings.Repeat(" ", 9<<20)}, "its answer is longer than what is read", true},
	} {
		t.Run(name, func(t *testing.T) {
			api.Answer.Store(c.answer)
			_, err := open(t, server(api.URL)).QueryRange(t.Context(), "cw", query, minutes(60))
			refused, ok := errors.AsType[*datasource.Error](err)
			if !ok || !strings.HasPrefix(err.Error(), `metric server "cw": `+c.want) || refused.Query != c.query {
				t.Errorf("got %v\nwant %s, query %t", err, c.want, c.query)
			}
			text := fmt.Sprintf("%v %+v %#v %+v", err, err, err, server("https://a"))
			for _, secret := range []string{cloudwatchtest.Key.Secret, arn, "127.0.0.1"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s is in %s", secret, text)
				}
			}
		})
	}
	api.Answer.Store(nil)
	wrong := server(api.URL)
	wrong.AWS.SecretAccessKey = config.NewSecret("another secret")
	if _, err := open(t, wrong).QueryRange(t.Context(), "cw", query, minutes(3)); err == nil || !strings.Contains(err.Error(), "it refuses the signature") {
		t.Errorf("another secret: %v", err)
	}
	if _, err := open(t, server("http://127.0.0.1:1")).QueryRange(t.Context(), "cw", query, minutes(3)); err == nil || strings.Contains(err.Error(), "127.0.0.1") || !strings.Contains(err.Error(), "could not be asked") {
		t.Errorf("away: %v", err)
	}
	if _, err := open(t, server(api.URL)).QueryRange(t.Context(), "cw", query, minutes(1501)); err == nil || !strings.Contains(err.Error(), "1501 points are asked for, at most 1500 are given") {
		t.Errorf("too many points: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, server(api.URL)).QueryRange(ctx, "cw", query, minutes(3)); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

func TestServers(t *testing.T) {
	s, err := cloudwatch.New(cloudwatch.Config{
		Servers: cloudwatch.FromOperator([]config.Datasource{{Name: "metrics", Prometheus: "https://a"},
			{Name: "cw", CloudWatch: config.CloudWatch{Region: "eu-west-1", APIURL: "http://127.0.0.1:1"}, Accounts: []config.Account{"acme"}}}),
		MayAsk: func(_ context.Context, s cloudwatch.Server) (bool, error) { return s.Accounts[0] != "acme", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "metrics", "cw"} {
		if _, err := s.QueryRange(t.Context(), name, query, minutes(1)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q may be asked, or fails otherwise: %v", name, err)
		}
	}
	for region, want := range map[config.AWSRegion]string{"eu-west-1": "https://monitoring.eu-west-1.amazonaws.com", "cn-north-1": "https://monitoring.cn-north-1.amazonaws.com.cn"} {
		if got := cloudwatch.FromOperator([]config.Datasource{{Name: "cw", CloudWatch: config.CloudWatch{Region: region}}}); len(got) != 1 || got[0].URL != want {
			t.Errorf("%q: %+v", region, got)
		}
	}
	if _, err := s.Prepare([]cloudwatch.Server{server("ftp://a")}); err == nil {
		t.Error("an address of ftp is taken")
	}
	if _, err := s.Prepare([]cloudwatch.Server{server("https://a"), server("https://b")}); err == nil {
		t.Error("two of one name")
	}
}
