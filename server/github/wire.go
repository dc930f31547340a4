package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Bounds on what is read.
const (
	// MaxAnswer bounds any answer; the largest that is asked for is a tree (GitHub
	// truncates at 7 MB) or a blob (MaxBlob).
	MaxAnswer    = 64 << 20
	maxErrorBody = 64 << 10
)

// wire is the innermost part of an installation's transport: one round trip here
// is one request on the network, tokens included.
type wire struct {
	owner *installation
	next  http.RoundTripper
}

// RoundTrip counts, recognises limits and bounds bodies. Bodies of errors are read
// here, whole, so that nobody further out can leave a connection open.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	c := w.owner.clients
	count := counted(req.Context())
	token := isTokenRequest(req)
	if token {
		count.tokens.Add(1)
	} else {
		count.network.Add(1)
	}
	res, err := w.next.RoundTrip(req)
	if err != nil {
		if token {
			c.metrics.request(tokenRoute, 0, false)
		}
		return nil, err
	}
	now := c.now()
	if token {
		c.metrics.request(tokenRoute, res.StatusCode, false)
	}
	if res.StatusCode == http.StatusNotModified {
		count.notModified.Add(1)
	}
	// With max-age set to 0 by the library only this could make an answer fresh.
	res.Header.Del("Expires")
	res.Body = &boundedBody{body: res.Body, left: MaxAnswer}
	if res.StatusCode >= 400 {
		if err := w.refused(req, res); err != nil {
			return nil, err
		}
		return res, nil
	}
	if !token {
		if remaining := w.owner.gate.observe(res.Header, now); remaining >= 0 {
			c.metrics.remaining(w.owner.id, remaining)
		}
	}
	return res, nil
}

// refused reads the body of an error; an error is returned for a limit only.
func (w *wire) refused(req *http.Request, res *http.Response) error {
	// What came of a body that breaks off is as good as it gets.
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	res.ContentLength = int64(len(body))
	res.Header.Del("Content-Length")
	c := w.owner.clients
	now := c.now()
	l, ok := recognise(res.StatusCode, res.Header, body, now)
	if !ok {
		return nil
	}
	limited := w.owner.gate.close(l, now)
	c.metrics.limited(limited, false)
	c.logger(req.Context()).Warn().Int64("github_installation", w.owner.id).Str("route", c.routes.of(req)).Int("status", res.StatusCode).
		Bool("secondary", limited.Secondary).Time("until", limited.Until).
		Str("github_request_id", res.Header.Get("X-Github-Request-Id")).Msg("GitHub's rate limit")
	return limited
}

func isTokenRequest(req *http.Request) bool {
	return req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/access_tokens")
}

// messageOf gives the message of an error body, or its first bytes.
func messageOf(body []byte) string {
	var answer struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Message != "" {
		return answer.Message
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(body[:min(len(body), 200)]), "�"))
}

// boundedBody fails where an answer is longer than it may be.
type boundedBody struct {
	body io.ReadCloser
	left int64
}

// ErrTooLong means that an answer of GitHub is longer than MaxAnswer.
var ErrTooLong = errors.New("the answer is too long")

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		// Only a body that ends exactly here is not too long.
		var one [1]byte
		n, err := b.body.Read(one[:])
		if n > 0 {
			return 0, &Error{Class: ClassPermanent, Message: fmt.Sprintf("GitHub's answer is longer than %d bytes", MaxAnswer), Err: ErrTooLong}
		}
		return 0, err
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	return n, err
}

func (b *boundedBody) Close() error { return b.body.Close() }
