package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/server/github/githubtest"
)

const pullPath = "GET /repos/acme/orders/pulls/{number}"

func TestClassify(t *testing.T) {
	hijack := func(write string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = conn.Write([]byte(write))
			_ = conn.Close()
		}
	}
	status := func(status int, message string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { githubtest.Refusal(w, status, message, header...) }
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		class  Class
		text   string
	}{
		"primary limit as 403":   {status(403, "API rate limit exceeded", "X-RateLimit-Remaining", "0"), ClassRateLimited, "rate limit of installation 1"},
		"primary limit as 429":   {status(429, "API rate limit exceeded", "X-RateLimit-Remaining", "0"), ClassRateLimited, "rate limit"},
		"secondary, Retry-After": {status(403, "slow down", "Retry-After", "30"), ClassRateLimited, "secondary rate limit"},
		"secondary, message":     {status(403, "You have exceeded a secondary rate limit."), ClassRateLimited, "secondary"},
		"secondary, bare 429":    {status(429, "Too many"), ClassRateLimited, "secondary"},
		"permission":             {status(403, "Resource not accessible by integration"), ClassPermission, "403 Resource not accessible by integration"},
		"archived":               {status(403, "Repository was archived so is read-only."), ClassArchived, "archived"},
		"suspended, stale token": {status(403, "This installation has been suspended"), ClassSuspended, "suspended"},
		"not found":              {status(404, "Not Found"), ClassNotFound, "404 Not Found"},
		"gone":                   {status(410, "Issues are disabled"), ClassNotFound, "410"},
		"legal":                  {status(451, "DMCA"), ClassNotFound, "451"},
		"validation":             {status(422, "Validation Failed"), ClassPermanent, "422 Validation Failed"},
		"commit not there yet":   {status(422, "No commit found for SHA: 12"), ClassNotFound, "422"},
		"empty repository":       {status(409, "Git Repository is empty."), ClassNotFound, "409"},
		"conflict":               {status(409, "Conflict"), ClassRetry, "409"},
		"bad gateway":            {status(502, "Server Error"), ClassRetry, "502 Server Error"},
		"unavailable":            {status(503, ""), ClassRetry, "503"},
		"token taken back":       {status(401, "Bad credentials"), ClassRetry, "401 Bad credentials"},
		"connection closed":      {hijack(""), ClassRetry, "no usable answer"},
		"cut in the headers":     {hijack("HTTP/1.1 200 OK\r\nConte"), ClassRetry, "no usable answer"},
		"cut in the body":        {hijack("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"number\":"), ClassRetry, "no usable answer"},
		"cut before the body":    {hijack("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), ClassRetry, "no usable answer"},
		"cut in a chunk":         {hijack("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"number\""), ClassRetry, "no usable answer"},
		"empty 200":              {hijack("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), ClassRetry, "no pull request"},
		"a proxy's page":         {hijack("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n<html>Hello!"), ClassRetry, "no usable answer"},
		"error with a cut body":  {hijack("HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\n{\"mess"), ClassNotFound, "404"},
		"no HTTP":                {hijack("SSH-2.0-OpenSSH\r\n"), ClassRetry, "no usable answer"},
		"redirect to another host": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://evil.test/", http.StatusMovedPermanently)
		}, ClassPermanent, "another host: http://evil.test"},
		"redirect in a circle": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusMovedPermanently)
		}, ClassRetry, "redirects"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := githubtest.New(t).Tokens()
			f.HandleFunc(pullPath, test.answer)
			_, err := newClients(t, f).PullRequest(t.Context(), githubtest.Orders, 7)
			if class := Classify(err); class != test.class {
				t.Errorf("class %q, want %q: %v", class, test.class, err)
			}
			if err == nil || !strings.Contains(err.Error(), test.text) || !strings.HasPrefix(err.Error(), "get pull request acme/orders#7: ") {
				t.Errorf("error %v, want %q in it", err, test.text)
			}
			if errors.Is(err, fs.ErrNotExist) != (test.class == ClassNotFound) {
				t.Errorf("%v: fs.ErrNotExist is for what is not found", err)
			}
			if failure, ok := errors.AsType[*Error](err); ok && errors.Is(failure, fs.ErrNotExist) {
				t.Errorf("%v must not say that a file does not exist", failure)
			}
		})
	}
}

func TestClassifyTokenErrors(t *testing.T) {
	tests := map[string]struct {
		status int
		header []string
		body   string
		class  Class
		text   string
	}{
		"suspended":    {403, nil, "This installation has been suspended", ClassSuspended, "get installation token: github answered 403 This installation has been suspended"},
		"uninstalled":  {404, nil, "Not Found", ClassNotFound, "get installation token: github answered 404"},
		"wrong key":    {401, nil, "A JSON web token could not be decoded", ClassRetry, "could not be decoded"},
		"server error": {500, nil, "oops", ClassRetry, "500"},
		"limited":      {403, []string{"Retry-After", "60"}, "slow", ClassRateLimited, "secondary"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := githubtest.New(t)
			f.HandleFunc("POST /app/installations/1/access_tokens", func(w http.ResponseWriter, _ *http.Request) {
				githubtest.Refusal(w, test.status, test.body, test.header...)
			})
			_, err := newClients(t, f).PullRequest(t.Context(), githubtest.Orders, 7)
			if class := Classify(err); class != test.class {
				t.Errorf("class %q, want %q: %v", class, test.class, err)
			}
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v, want %q in it", err, test.text)
			}
		})
	}
}

func TestClassifyOthers(t *testing.T) {
	tests := map[Class]error{
		ClassNone:      nil,
		ClassCancelled: fmt.Errorf("work: %w", context.Canceled),
		ClassRetry:     fmt.Errorf("work: %w", context.DeadlineExceeded),
		ClassNotFound:  fmt.Errorf("read: %w", fs.ErrNotExist),
		ClassPermanent: fmt.Errorf("read: %w", &contracts.Problem{Message: "too large"}),
	}
	for want, err := range tests {
		if got := Classify(err); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}

func TestCancelledContextIsItself(t *testing.T) {
	f := githubtest.New(t).Tokens()
	ctx, cancel := context.WithCancel(t.Context())
	f.HandleFunc(pullPath, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := newClients(t, f).PullRequest(ctx, githubtest.Orders, 7)
	if !errors.Is(err, context.Canceled) || Classify(err) != ClassCancelled {
		t.Errorf("%v is %q", err, Classify(err))
	}
	if _, ok := errors.AsType[*Error](err); ok {
		t.Errorf("%v is an answer of GitHub's", err)
	}
}

// A body that never ends its trickle must not hold a worker for ever.
func TestSlowAnswersEnd(t *testing.T) {
	trickle := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(" ")); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	silent := func(_ http.ResponseWriter, r *http.Request) {
		// Only behind the body does the server see that the client went away.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	short := func(c *Config) { c.Timeout = 100 * time.Millisecond }

	for name, answer := range map[string]http.HandlerFunc{"trickling body": trickle, "no answer": silent} {
		t.Run(name, func(t *testing.T) {
			f := githubtest.New(t).Tokens()
			f.HandleFunc(pullPath, answer)
			f.HandleFunc("GET /repos/acme/orders/git/trees/{sha}", answer)
			clients := newClients(t, f, short)
			_, err := clients.PullRequest(t.Context(), githubtest.Orders, 7)
			wantTimeout(t, err)
			_, err = clients.FetchTree(t.Context(), githubtest.Orders, githubtest.SHA("commit"), true)
			wantTimeout(t, err)
		})
	}
	t.Run("token", func(t *testing.T) {
		f := githubtest.New(t)
		f.HandleFunc("POST /app/installations/1/access_tokens", silent)
		_, err := newClients(t, f, short).PullRequest(t.Context(), githubtest.Orders, 7)
		wantTimeout(t, err)
	})
}

func wantTimeout(t *testing.T, err error) {
	t.Helper()
	var timeout net.Error
	if Classify(err) != ClassRetry || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%v is %q, want a time-out", err, Classify(err))
	}
}

func TestUnusableReferencesAskNothing(t *testing.T) {
	f := githubtest.New(t)
	clients := newClients(t, f)
	for _, repo := range []contracts.RepositoryRef{
		{Installation: 1, Owner: "acme", Name: ".."},
		{Installation: 1, Owner: "acme", Name: "a/../../app"},
		{Installation: 1, Owner: "", Name: "orders"},
		{Installation: 1, Owner: "acme", Name: "orders?x=1"},
		{Owner: "acme", Name: "orders"},
	} {
		if _, err := clients.PullRequest(t.Context(), repo, 1); Classify(err) != ClassPermanent {
			t.Errorf("%+v: %v", repo, err)
		}
	}
	if _, err := clients.CollaboratorPermission(t.Context(), githubtest.Orders, "../x"); Classify(err) != ClassPermanent {
		t.Errorf("login: %v", err)
	}
	if asked := f.Requests(); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}
