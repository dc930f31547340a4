package datadog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"plimsoll/server/datasource"
)

// maxPoints is how many points Datadog gives of a series before it takes longer steps.
const maxPoints = 1500

// settles is how old the newest point is that counts: agents send every few seconds, and the
// counts of a minute are complete some time after it.
const settles = 2 * time.Minute

// Settles implements [datasource.Client].
func (*Servers) Settles() time.Duration { return settles }

// request is a TimeseriesFormulaQueryRequest. Times are in milliseconds since 1970; to is the
// first one that is not asked for.
type request struct {
	Data requestData `json:"data"`
}

type requestData struct {
	Type       string     `json:"type"`
	Attributes attributes `json:"attributes"`
}

type attributes struct {
	From     int64     `json:"from"`
	To       int64     `json:"to"`
	Interval int64     `json:"interval"`
	Queries  []query   `json:"queries"`
	Formulas []formula `json:"formulas"`
}

type query struct {
	DataSource string `json:"data_source"`
	Query      string `json:"query"`
	Name       string `json:"name"`
}

type formula struct {
	Formula string `json:"formula"`
}

// response is a TimeseriesFormulaQueryResponse: values[i][k] is that of series[i] at times[k].
type response struct {
	Data *struct {
		Attributes *struct {
			Series []struct {
				GroupTags []string `json:"group_tags"`
			} `json:"series"`
			Times  []int64      `json:"times"`
			Values [][]*float64 `json:"values"`
		} `json:"attributes"`
	} `json:"data"`
	Errors string `json:"errors"`
}

// QueryRange implements [datasource.Client]. Datadog names a step by its beginning; the
// points of the answer are named by its end.
func (s *Servers) QueryRange(ctx context.Context, name, text string, r datasource.Range) (datasource.Answer, error) {
	server, err := datasource.Find(ctx, *s.byName.Load(), name, s.config.MayAsk)
	if err != nil {
		return datasource.Answer{}, err
	}
	if r.Step < time.Second || r.End.Before(r.Start) {
		return datasource.Answer{}, &datasource.Error{Datasource: server.Name, Query: true, Message: "invalid range", Hint: "end it behind its start, in steps of a second or more"}
	}
	if points := r.End.Sub(r.Start)/r.Step + 1; points > maxPoints {
		return datasource.Answer{}, &datasource.Error{Datasource: server.Name, Query: true, Message: fmt.Sprintf("%d points are asked for, at most %d are given", points, maxPoints), Hint: "take longer steps or a shorter range"}
	}
	body, err := json.Marshal(request{Data: requestData{Type: "timeseries_request", Attributes: attributes{
		From: r.Start.Add(-r.Step).UnixMilli(), To: r.End.UnixMilli(), Interval: r.Step.Milliseconds(),
		Queries: []query{{DataSource: "metrics", Query: text, Name: "a"}}, Formulas: []formula{{Formula: "a"}},
	}}})
	if err != nil {
		return datasource.Answer{}, fmt.Errorf("write a request to the metric server %q: %w", server.Name, err)
	}
	limited, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	status, answer, err := s.send(limited, server, body)
	if ctx.Err() != nil {
		return datasource.Answer{}, fmt.Errorf("ask the metric server %q: %w", server.Name, ctx.Err())
	}
	if err != nil {
		return datasource.Answer{}, s.explain(server, err)
	}
	if status != http.StatusOK {
		return datasource.Answer{}, refused(server, status, answer)
	}
	return read(server, answer, r)
}

func (s *Servers) send(ctx context.Context, server Server, body []byte) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(server.URL, "/")+"/api/v2/query/timeseries", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("DD-API-KEY", server.APIKey.Reveal())
	r.Header.Set("DD-APPLICATION-KEY", server.ApplicationKey.Reveal())
	return datasource.Send(s.client, r, s.config.MaxBody)
}

// read turns a good answer into series of the range's points.
func read(server Server, data []byte, r datasource.Range) (datasource.Answer, error) {
	fail := func(query bool, message, hint string) (datasource.Answer, error) {
		return datasource.Answer{}, &datasource.Error{Datasource: server.Name, Query: query, Message: message, Hint: hint}
	}
	var got response
	if err := json.Unmarshal(data, &got); err != nil {
		return fail(false, "its answer is not one of Datadog's API", "check its entry in datasources of the operator's file")
	}
	if got.Errors != "" {
		return fail(true, "it refuses the query: "+server.shown(got.Errors), "correct the query")
	}
	if got.Data == nil || got.Data.Attributes == nil {
		return fail(false, "its answer is not one of Datadog's API", "check its entry in datasources of the operator's file")
	}
	a := got.Data.Attributes
	if len(a.Series) != len(a.Values) {
		return fail(false, "its answer is incomplete", "it is asked again by itself")
	}
	if apart := datasource.Apart(a.Times); apart > r.Step {
		return fail(true, fmt.Sprintf("its points are %s apart, expected %s", apart, r.Step), "remove .rollup(…) from the query, or ask for a metric that is reported more often")
	}
	answer := datasource.Answer{}
	for i := range a.Series {
		if len(a.Values[i]) != len(a.Times) {
			return fail(false, "its answer is incomplete", "it is asked again by itself")
		}
		one := datasource.Series{Labels: map[string]string{}}
		for _, tag := range a.Series[i].GroupTags {
			key, value, _ := strings.Cut(tag, ":")
			one.Labels[key] = value
		}
		for k, value := range a.Values[i] {
			end := time.UnixMilli(a.Times[k]).UTC().Add(r.Step)
			switch {
			case end.Sub(r.Start)%r.Step != 0:
				return fail(true, "its points are not at whole steps of "+r.Step.String(), "remove .rollup(…) from the query")
			case value != nil && !end.Before(r.Start) && !end.After(r.End):
				one.Points = append(one.Points, datasource.Point{At: end, Value: *value})
			}
		}
		answer.Series = append(answer.Series, one)
	}
	return answer, nil
}

// refused explains an answer that is an error.
func refused(server Server, status int, data []byte) error {
	e := &datasource.Error{Datasource: server.Name}
	var said struct {
		Errors []string `json:"errors"`
	}
	_ = json.Unmarshal(data, &said) // what stands before the API may answer anything
	switch {
	case status == http.StatusBadRequest:
		e.Message, e.Hint, e.Query = "it refuses the query: "+server.shown(strings.Join(said.Errors, "; ")), "correct the query", true
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Message, e.Hint = fmt.Sprintf("it refuses the keys (%d)", status), "check api_key, application_key and site of its entry in datasources; the application key needs the scope timeseries_query"
	case status == http.StatusTooManyRequests:
		e.Message, e.Hint = "it is asked too often (429)", "it is asked again by itself; Datadog can raise the limit"
	case status >= 300 && status < 400:
		e.Message, e.Hint = fmt.Sprintf("it answers with a redirect (%d), which is not followed", status), "check site or api_url of its entry in datasources"
	case status == http.StatusNotFound:
		e.Message, e.Hint = "there is no Datadog API at its address (404)", "check site or api_url of its entry in datasources"
	default:
		e.Message, e.Hint = fmt.Sprintf("it answers with an error (%d)", status), "it is asked again by itself"
	}
	return e
}

// explain turns what asking came to into an error that may be shown.
func (s *Servers) explain(server Server, err error) error {
	e := &datasource.Error{Datasource: server.Name, Message: "could not be asked", Hint: "see that this server reaches it"}
	var timedOut net.Error
	_, unknown := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, datasource.ErrTooLong):
		e.Message, e.Hint, e.Query = "its answer is longer than what is read", "ask for fewer series", true
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timedOut) && timedOut.Timeout():
		e.Message, e.Hint = fmt.Sprintf("no answer within %s", s.config.Timeout), "it is asked again by itself"
	case unknown:
		e.Message, e.Hint = "its host's name is not known", "check site or api_url of its entry in datasources"
	}
	return e
}

// shown is a text of the server's as it may be shown.
func (s Server) shown(text string) string {
	return datasource.Shown(text, []string{s.APIKey.Reveal(), s.ApplicationKey.Reveal()})
}
