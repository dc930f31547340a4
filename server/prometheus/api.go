package prometheus

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// envelope is what the API puts around every answer
// (prometheus.io/docs/prometheus/latest/querying/api, "Format overview").
type envelope struct {
	Status    string          `json:"status"`
	Data      json.RawMessage `json:"data"`
	ErrorType string          `json:"errorType"`
	Error     string          `json:"error"`
	Warnings  []string        `json:"warnings"`
	Infos     []string        `json:"infos"`
}

// refusal is an answer that is an error: of the API where kind is set, or else what
// the HTTP status says.
type refusal struct {
	status     int
	kind, text string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("status %d, %s", r.status, r.kind)
}

// notTheAPI is the kind of an answer that no Prometheus gives.
const notTheAPI = "not the API"

// get asks for a path below /api/v1 and decodes the answer's data.
func (s *server) get(ctx context.Context, path string, form url.Values, into any) (warnings []string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.endpoint(path)+"?"+form.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return s.do(request, into)
}

// post is get for what may be too long for an address. A server, or what stands before
// it, that allows reading only is asked with GET.
func (s *server) post(ctx context.Context, path string, form url.Values, into any) (warnings []string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint(path), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	warnings, err = s.do(request, into)
	if refused, ok := err.(*refusal); ok && (refused.status == http.StatusForbidden || refused.status == http.StatusMethodNotAllowed || refused.status == http.StatusNotImplemented) {
		return s.get(ctx, path, form, into)
	}
	return warnings, err
}

func (s *server) endpoint(path string) string {
	return strings.TrimRight(s.URL, "/") + "/api/v1/" + path
}

func (s *server) do(request *http.Request, into any) (warnings []string, err error) {
	request.Header.Set("Accept", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	var body bytes.Buffer
	if _, err := io.Copy(&body, response.Body); err != nil {
		return nil, err
	}
	var answer envelope
	isAPI := json.Unmarshal(body.Bytes(), &answer) == nil && (answer.Status == "success" || answer.Status == "error")
	switch {
	case isAPI && answer.Status == "error":
		return nil, &refusal{response.StatusCode, answer.ErrorType, answer.Error}
	case response.StatusCode/100 != 2:
		return nil, &refusal{status: response.StatusCode}
	case !isAPI:
		return nil, &refusal{status: response.StatusCode, kind: notTheAPI}
	}
	if err := json.Unmarshal(answer.Data, into); err != nil {
		return nil, &refusal{status: response.StatusCode, kind: notTheAPI}
	}
	return append(answer.Warnings, answer.Infos...), nil
}
