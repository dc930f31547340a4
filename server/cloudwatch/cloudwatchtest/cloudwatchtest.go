// Package cloudwatchtest answers as CloudWatch's published description of GetMetricData says,
// and refuses what it does not allow. It is not CloudWatch: what the description leaves open may
// differ there.
package cloudwatchtest

import (
	"encoding/xml"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/server/aws/awstest"
)

// Key is the access key that the API accepts.
var Key = awstest.Key{ID: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Region: "eu-central-1", Service: "monitoring"}

// pageOf is how many points of a series one part of an answer has.
const pageOf = 1000

// API is CloudWatch in one region.
type API struct {
	URL string
	// Value is what an expression gives in the period that begins at a time; NaN: nothing.
	Value func(expression string, begins time.Time, period time.Duration) float64
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

// Refusal is an answer that is an error.
func Refusal(status int, code, message string) *Answer {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(message))
	return &Answer{Status: status, Body: `<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type><Code>` + code + `</Code><Message>` + text.String() + `</Message></Error><RequestId>9f7c</RequestId></ErrorResponse>`}
}

// Limited is the answer to those who ask too often.
var Limited = Refusal(http.StatusBadRequest, "Throttling", "Rate exceeded")

// Start starts an API that ends with the test.
func Start(tb testing.TB, value func(expression string, begins time.Time, period time.Duration) float64) *API {
	tb.Helper()
	a := &API{Value: value}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.Asked.Add(1)
		answer := a.Answer.Load()
		if answer == nil {
			answer = a.answer(r)
		}
		for name, value := range answer.Header {
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(answer.Status)
		_, _ = w.Write([]byte(answer.Body))
	}))
	tb.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// parameters that a request may have.
var parameters = []string{"Action", "Version", "StartTime", "EndTime", "ScanBy", "MaxDatapoints", "NextToken",
	"MetricDataQueries.member.1.Id", "MetricDataQueries.member.1.Expression", "MetricDataQueries.member.1.Period", "MetricDataQueries.member.1.ReturnData", "MetricDataQueries.member.1.Label"}

func (a *API) answer(r *http.Request) *Answer {
	invalid := func(format string, values ...any) *Answer {
		return Refusal(http.StatusBadRequest, "ValidationError", fmt.Sprintf(format, values...))
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return Refusal(http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	if err := awstest.Verify(r, Key, at); err != nil { // the clocks of tests are not ours
		return Refusal(http.StatusForbidden, "SignatureDoesNotMatch", err.Error())
	}
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.URL.Path != "/" {
		return Refusal(http.StatusNotFound, "InvalidAction", "no such action")
	}
	for name, values := range r.PostForm {
		if !slices.Contains(parameters, name) || len(values) != 1 {
			return invalid("unknown parameter %s", name)
		}
	}
	in := func(name string) string { return r.PostForm.Get(name) }
	if in("Action") != "GetMetricData" || in("Version") != "2010-08-01" {
		return Refusal(http.StatusBadRequest, "InvalidAction", "The action "+in("Action")+" is not valid")
	}
	from, err := time.Parse(time.RFC3339, in("StartTime"))
	to, wrong := time.Parse(time.RFC3339, in("EndTime"))
	if err != nil || wrong != nil || !from.Before(to) {
		return invalid("The parameter StartTime must be less than the parameter EndTime.")
	}
	const query = "MetricDataQueries.member.1."
	period, err := strconv.Atoi(in(query + "Period"))
	if err != nil || period <= 0 || period%60 != 0 {
		return invalid("Period must be a multiple of 60")
	}
	expression := in(query + "Expression")
	if in(query+"Id") == "" || in(query + "Id")[0] < 'a' || in(query + "Id")[0] > 'z' {
		return invalid("The value for parameter MetricDataQueries.member.1.Id is not matching the expected pattern")
	}
	if !strings.Contains(expression, "SEARCH(") && !strings.HasPrefix(expression, "SELECT ") || strings.Count(expression, "(") != strings.Count(expression, ")") {
		return invalid("Error in expression '%s': Invalid syntax", in(query+"Id"))
	}
	skip, err := strconv.Atoi(in("NextToken"))
	if err != nil && in("NextToken") != "" {
		return invalid("The parameter NextToken is invalid")
	}
	if strings.Contains(expression, ", 300)") { // the expression's own periods count
		period = 300
	}
	return &Answer{Status: http.StatusOK, Body: a.result(expression, from.Truncate(time.Minute), to, time.Duration(period)*time.Second, skip, in("ScanBy") == "TimestampAscending")}
}

// result writes a part of the points.
func (a *API) result(expression string, from, to time.Time, period time.Duration, skip int, ascending bool) string {
	var b strings.Builder
	b.WriteString(`<GetMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricDataResult><MetricDataResults>`)
	labels := []string{"a"}
	if strings.Contains(expression, "GROUP BY") {
		labels = []string{"orders", "payments"}
	}
	more := false
	for _, label := range labels {
		var times []time.Time
		for at := from.Truncate(period); at.Before(to); at = at.Add(period) {
			if !math.IsNaN(a.Value(expression, at, period)) {
				times = append(times, at)
			}
		}
		if !ascending {
			slices.Reverse(times)
		}
		times = times[min(skip, len(times)):]
		status := "Complete"
		if len(times) > pageOf {
			times, status, more = times[:pageOf], "PartialData", true
		}
		fmt.Fprintf(&b, "<member><Id>a</Id><Label>%s</Label><Timestamps>", label)
		for _, at := range times {
			fmt.Fprintf(&b, "<member>%s</member>", at.UTC().Format(time.RFC3339))
		}
		b.WriteString("</Timestamps><Values>")
		for _, at := range times {
			fmt.Fprintf(&b, "<member>%g</member>", a.Value(expression, at, period))
		}
		fmt.Fprintf(&b, "</Values><StatusCode>%s</StatusCode></member>", status)
	}
	b.WriteString("</MetricDataResults>")
	if more {
		fmt.Fprintf(&b, "<NextToken>%d</NextToken>", skip+pageOf)
	}
	b.WriteString("<Messages/></GetMetricDataResult><ResponseMetadata><RequestId>9f7c</RequestId></ResponseMetadata></GetMetricDataResponse>")
	return b.String()
}
