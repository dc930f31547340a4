package cloudwatch

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plimsoll/server/aws"
	"plimsoll/server/datasource"
)

// maxPoints is how many points of a series are asked for at once.
const maxPoints = 1500

// maxPages is how many parts an answer may have.
const maxPages = 10

// settles is how old the newest point is that counts: services send their metrics every minute,
// and some take longer.
const settles = 3 * time.Minute

// Settles implements [datasource.Client].
func (*Servers) Settles() time.Duration { return settles }

// response is a GetMetricDataResponse. A timestamp is the beginning of a period.
type response struct {
	XMLName xml.Name
	Result  *struct {
		Results   []result `xml:"MetricDataResults>member"`
		NextToken string   `xml:"NextToken"`
		Messages  []said   `xml:"Messages>member"`
	} `xml:"GetMetricDataResult"`
}

type result struct {
	ID         string      `xml:"Id"`
	Label      string      `xml:"Label"`
	StatusCode string      `xml:"StatusCode"`
	Timestamps []time.Time `xml:"Timestamps>member"`
	Values     []float64   `xml:"Values>member"`
	Messages   []said      `xml:"Messages>member"`
}

// said is a MessageData.
type said struct {
	Code  string `xml:"Code"`
	Value string `xml:"Value"`
}

// QueryRange implements [datasource.Client]. The query is an expression, as GetMetricData takes
// it. The points of the answer are named by the end of their period.
func (s *Servers) QueryRange(ctx context.Context, name, text string, r datasource.Range) (datasource.Answer, error) {
	server, err := datasource.Find(ctx, *s.byName.Load(), name, s.mayAsk())
	if err != nil {
		return datasource.Answer{}, err
	}
	if r.Step < time.Minute || r.Step%time.Minute != 0 || r.End.Before(r.Start) {
		return datasource.Answer{}, fault(server, true, "invalid range", "end it behind its start, in steps of whole minutes")
	}
	if points := r.End.Sub(r.Start)/r.Step + 1; points > maxPoints {
		return datasource.Answer{}, fault(server, true, fmt.Sprintf("%d points are asked for, at most %d are given", points, maxPoints), "take longer steps or a shorter range")
	}
	limited, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	all := newSeries(server, r)
	for page, token := 0, ""; ; page++ {
		status, body, err := s.send(limited, server, form(text, r, token))
		if ctx.Err() != nil {
			return datasource.Answer{}, fmt.Errorf("ask the metric server %q: %w", server.Name, ctx.Err())
		}
		if err != nil {
			return datasource.Answer{}, s.explain(server, err)
		}
		if status != http.StatusOK {
			return datasource.Answer{}, refused(server, status, body)
		}
		if token, err = all.add(body); err != nil {
			return datasource.Answer{}, err
		}
		if token == "" {
			return all.answer()
		}
		if page+1 == maxPages {
			return datasource.Answer{}, fault(server, true, "its answer is longer than what is read", "ask for fewer series")
		}
	}
}

func (s *Servers) mayAsk() func(context.Context, server) (bool, error) {
	if s.config.MayAsk == nil {
		return nil
	}
	return func(ctx context.Context, found server) (bool, error) { return s.config.MayAsk(ctx, found.Server) }
}

// form is a request for a query's values; the end of the time is not part of it.
func form(text string, r datasource.Range, token string) url.Values {
	f := url.Values{
		"Action": {"GetMetricData"}, "Version": {"2010-08-01"}, "ScanBy": {"TimestampAscending"},
		"StartTime": {r.Start.Add(-r.Step).UTC().Format(time.RFC3339)}, "EndTime": {r.End.UTC().Format(time.RFC3339)},
	}
	const query = "MetricDataQueries.member.1."
	f.Set(query+"Id", "a")
	f.Set(query+"Expression", text)
	f.Set(query+"Period", strconv.Itoa(int(r.Step/time.Second)))
	f.Set(query+"ReturnData", "true")
	if token != "" {
		f.Set("NextToken", token)
	}
	return f
}

func (s *Servers) send(ctx context.Context, server server, form url.Values) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(server.URL, "/")+"/", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("Accept", "application/xml")
	if err := server.signer.Sign(r); err != nil {
		return 0, nil, err
	}
	return datasource.Send(s.client, r, s.config.MaxBody)
}

// series are those of an answer that comes in parts.
type series struct {
	server  server
	r       datasource.Range
	ordered []string
	points  map[string][]datasource.Point
	begins  map[string][]int64
}

func newSeries(server server, r datasource.Range) *series {
	return &series{server: server, r: r, points: map[string][]datasource.Point{}, begins: map[string][]int64{}}
}

// add adds a part of the answer; token is that of the next part, empty after the last one.
func (s *series) add(body []byte) (token string, err error) {
	var got response
	if err := xml.Unmarshal(body, &got); err != nil || got.XMLName.Local != "GetMetricDataResponse" || got.Result == nil {
		return "", fault(s.server, false, "its answer is not one of CloudWatch's API", "check region or api_url of its entry in datasources")
	}
	if err := told(s.server, got.Result.Messages); err != nil {
		return "", err
	}
	seen := map[string]int{}
	for _, one := range got.Result.Results {
		if err := told(s.server, one.Messages); err != nil {
			return "", err
		}
		switch {
		case one.StatusCode == "Forbidden":
			return "", fault(s.server, false, "its role may not read the metrics of the query", "allow cloudwatch:GetMetricData to the role of its entry in datasources")
		case one.StatusCode == "InternalError", one.StatusCode == "PartialData" && got.Result.NextToken == "", len(one.Timestamps) != len(one.Values):
			return "", fault(s.server, false, "its answer is incomplete", "it is asked again by itself")
		}
		key := fmt.Sprintf("%s\x00%d", one.Label, seen[one.Label]) // the same label twice: two series
		seen[one.Label]++
		if !slices.Contains(s.ordered, key) {
			s.ordered = append(s.ordered, key)
		}
		for i, begins := range one.Timestamps {
			end := begins.UTC().Add(s.r.Step)
			if end.Sub(s.r.Start)%s.r.Step != 0 {
				return "", fault(s.server, true, "its points are not at whole steps of "+s.r.Step.String(), "ask for a period of 60 seconds in the query")
			}
			s.begins[key] = append(s.begins[key], begins.UnixMilli())
			if !end.Before(s.r.Start) && !end.After(s.r.End) {
				s.points[key] = append(s.points[key], datasource.Point{At: end, Value: one.Values[i]})
			}
		}
	}
	return got.Result.NextToken, nil
}

// answer is what all parts together say.
func (s *series) answer() (datasource.Answer, error) {
	var answer datasource.Answer
	for _, key := range s.ordered {
		if len(s.points[key]) == 0 {
			continue
		}
		if apart := datasource.Apart(s.begins[key]); apart > s.r.Step {
			return datasource.Answer{}, fault(s.server, true, fmt.Sprintf("its points are %s apart, expected %s", apart, s.r.Step), "ask for a period of 60 seconds in the query, or for a metric with detailed monitoring")
		}
		label, _, _ := strings.Cut(key, "\x00")
		answer.Series = append(answer.Series, datasource.Series{Labels: map[string]string{"label": label}, Points: s.points[key]})
	}
	return answer, nil
}

// told is the error of an answer that is not the whole one, as its messages say.
func told(server server, messages []said) error {
	if len(messages) == 0 {
		return nil
	}
	return fault(server, true, "it did not do the whole query: "+datasource.Shown(messages[0].Code+" "+messages[0].Value, nil), "ask for fewer metrics")
}

func fault(server server, query bool, message, hint string) error {
	return &datasource.Error{Datasource: server.Name, Query: query, Message: message, Hint: hint}
}

// refused explains an answer that is an error. What AWS says of credentials names accounts and
// roles, and is not shown.
func refused(server server, status int, body []byte) error {
	var answer struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	_ = xml.Unmarshal(body, &answer) // what stands before the API may answer anything
	switch {
	case strings.Contains(answer.Code, "Throttl") || answer.Code == "RequestLimitExceeded" || status == http.StatusTooManyRequests:
		return fault(server, false, fmt.Sprintf("it is asked too often (%d)", status), "it is asked again by itself; AWS can raise the limit for GetMetricData")
	case status == http.StatusForbidden || status == http.StatusUnauthorized || aboutCredentials(answer.Code):
		return fault(server, false, fmt.Sprintf("it refuses the signature, or the AWS role may not query it (%d)", status), "check cloudwatch of its entry in datasources, and that the role has the permission cloudwatch:GetMetricData")
	case status == http.StatusBadRequest && answer.Code != "":
		return fault(server, true, "it refuses the query: "+datasource.Shown(answer.Message, []string{server.AWS.SecretAccessKey.Reveal()}), "correct the query")
	case status >= 300 && status < 400:
		return fault(server, false, fmt.Sprintf("it answers with a redirect (%d), which is not followed", status), "check region or api_url of its entry in datasources")
	case status == http.StatusNotFound:
		return fault(server, false, "there is no CloudWatch API at its address (404)", "check region or api_url of its entry in datasources")
	}
	return fault(server, false, fmt.Sprintf("it answers with an error (%d)", status), "it is asked again by itself")
}

// aboutCredentials tells whether an error code is about who asks, or about their clock.
func aboutCredentials(code string) bool {
	for _, part := range []string{"Expired", "AccessDenied", "NotAuthorized", "Unauthorized", "Signature", "AuthenticationToken", "ClientTokenId", "OptIn"} {
		if strings.Contains(code, part) {
			return true
		}
	}
	return false
}

// explain turns what asking came to into an error that may be shown.
func (s *Servers) explain(server server, err error) error {
	var timedOut net.Error
	_, unknown := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, aws.ErrCredentials):
		return fault(server, false, "there are no AWS credentials to sign with", "give the server a role, or set access_key_id and secret_access_key under cloudwatch")
	case errors.Is(err, datasource.ErrTooLong):
		return fault(server, true, "its answer is longer than what is read", "ask for fewer series")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timedOut) && timedOut.Timeout():
		return fault(server, false, fmt.Sprintf("no answer within %s", s.config.Timeout), "it is asked again by itself")
	case unknown:
		return fault(server, false, "its host's name is not known", "check region or api_url of its entry in datasources")
	}
	return fault(server, false, "could not be asked", "see that this server reaches it")
}
