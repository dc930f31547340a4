package prometheus

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

var (
	errTooLong = errors.New("the answer is too long")
	errToken   = errors.New("the token can't be read")
	errHost    = errors.New("a request to another host")
	// errNotTheAPI is an answer that no Prometheus gives.
	errNotTheAPI = errors.New("not an answer of the API")
)

// roundTripper adds the credentials and bounds the answer.
type roundTripper struct {
	next         http.RoundTripper
	credentials  *credentials
	scheme, host string
	most         int64
}

// RoundTrip implements [http.RoundTripper].
func (t *roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host != t.host || request.URL.Scheme != t.scheme {
		return nil, errHost // the credentials are for the operator's address alone
	}
	request = request.Clone(request.Context())
	request.Header.Set("User-Agent", "plimsoll")
	if err := t.credentials.add(request); err != nil {
		return nil, err
	}
	response, err := t.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.ContentLength > t.most {
		return nil, errTooLong
	}
	var body bytes.Buffer
	if n, err := io.Copy(&body, io.LimitReader(response.Body, t.most+1)); err != nil {
		return nil, err
	} else if n > t.most {
		return nil, errTooLong
	}
	if !answersAPI(response.StatusCode, body.Bytes()) {
		return nil, errNotTheAPI
	}
	response.Body = io.NopCloser(&body)
	return response, nil
}

// answersAPI reports whether a body is an answer of the API. The client takes any JSON with
// a good status for a success without data, which is no answer.
func answersAPI(status int, body []byte) bool {
	if status/100 != 2 {
		return true // an error of what stands before the API is one as well
	}
	var answer struct {
		Status string `json:"status"`
	}
	return json.Unmarshal(body, &answer) == nil && (answer.Status == "success" || answer.Status == "error")
}
