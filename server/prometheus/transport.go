package prometheus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"plimsoll/config"
)

var (
	errTooLong = errors.New("the answer is too long")
	errToken   = errors.New("the token can't be read")
	errHost    = errors.New("a request to another host")
	// errNotTheAPI is an answer that no Prometheus gives.
	errNotTheAPI = errors.New("not an answer of the API")
)

// roundTripper adds the token and bounds the answer.
type roundTripper struct {
	next   http.RoundTripper
	tokens *tokens
	host   string
	most   int64
}

// RoundTrip implements [http.RoundTripper].
func (t *roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host != t.host {
		return nil, errHost // the token is for the operator's address alone
	}
	token, err := t.tokens.current()
	if err != nil {
		return nil, err
	}
	request = request.Clone(request.Context())
	if !token.Empty() {
		request.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	request.Header.Set("User-Agent", "plimsoll")
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

// maxToken bounds a token's file, in bytes.
const maxToken = 64 << 10

// tokens gives a server's token, out of a file that may change while we run (as those
// that Kubernetes mounts do every hour).
type tokens struct {
	fixed config.Secret
	file  string

	mu       sync.Mutex
	read     config.Secret
	modified time.Time
	size     int64
}

func (t *tokens) current() (config.Secret, error) {
	if t.file == "" {
		return t.fixed, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	info, err := os.Stat(t.file)
	if err != nil {
		return config.Secret{}, fmt.Errorf("%w: %w", errToken, err)
	}
	if !t.read.Empty() && info.ModTime().Equal(t.modified) && info.Size() == t.size {
		return t.read, nil
	}
	if info.Size() > maxToken || !info.Mode().IsRegular() {
		return config.Secret{}, fmt.Errorf("%w: %s is no file of at most %d bytes", errToken, t.file, maxToken)
	}
	data, err := os.ReadFile(t.file)
	if err != nil {
		return config.Secret{}, fmt.Errorf("%w: %w", errToken, err)
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 || bytes.ContainsAny(data, "\r\n\x00") {
		return config.Secret{}, fmt.Errorf("%w: %s does not hold one line", errToken, t.file)
	}
	t.read, t.modified, t.size = config.NewSecret(string(data)), info.ModTime(), info.Size()
	return t.read, nil
}

// all gives every token that may stand in a text, to be taken out of it.
func (t *tokens) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return []string{t.fixed.Reveal(), t.read.Reveal()}
}
