package api

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	commandtext "plimsoll/checks/text/command"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/server/github"
)

// refusal is an error for who asks.
type refusal struct {
	status     int
	what, hint string
	after      time.Duration // Retry-After, where that helps
}

func (r *refusal) Error() string { return r.what }

var (
	// notFound is for what is not there and for what the token may not read alike.
	notFound     = &refusal{status: http.StatusNotFound, what: "not found", hint: "it is not there, Plimsoll does not know it, or the token may not read it"}
	unauthorized = &refusal{status: http.StatusUnauthorized, what: "a GitHub token is needed", hint: "send Authorization: Bearer TOKEN with a token that may read the repository; in GitHub Actions GITHUB_TOKEN will do"}
	badToken     = &refusal{status: http.StatusUnauthorized, what: "GitHub does not accept the token", hint: "it may have ended or been revoked"}
)

// appSuspended is for what the token may read and the App may not.
var appSuspended = func() *refusal {
	e := failuretext.InstallationSuspended()
	return &refusal{status: http.StatusConflict, what: e.What, hint: e.Next}
}()

func bad(what, hint string) error {
	return &refusal{status: http.StatusBadRequest, what: what, hint: hint}
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// refusalOf words an error for the caller. An internal error is reported only in the log.
func refusalOf(err error, now time.Time) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if q, ok := errors.AsType[*commandtext.BadQuestion](err); ok {
		return &refusal{status: http.StatusUnprocessableEntity, what: q.What, hint: q.Hint}
	}
	if limited, ok := errors.AsType[*github.RateLimited](err); ok {
		return &refusal{status: http.StatusServiceUnavailable, what: "GitHub's rate limit is reached", hint: "ask again later", after: limited.Until.Sub(now)}
	}
	if errors.Is(err, github.ErrBadToken) {
		return badToken
	}
	switch github.Classify(err) {
	case github.ClassNotFound:
		return notFound
	case github.ClassRetry:
		return &refusal{status: http.StatusServiceUnavailable, what: "it can't be answered just now", hint: "ask again in a moment", after: 5 * time.Second}
	}
	return &refusal{status: http.StatusInternalServerError, what: "something went wrong on Plimsoll's side", hint: "try again; if it fails again, tell the operator of the server"}
}

type refusalAnswer struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // who asked has gone
	}
	refusal := refusalOf(err, time.Now())
	if refusal.status >= http.StatusInternalServerError {
		zerolog.Ctx(r.Context()).Warn().Err(err).Str("path", r.URL.Path).Int("status", refusal.status).Msg("a question was not answered")
	}
	if refusal.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="GitHub token"`)
	}
	if refusal.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(refusal.after.Seconds()))))
	}
	reply(w, refusal.status, refusalAnswer{refusal.what, refusal.hint})
}

// reply writes JSON. HTML is not escaped in it: it is nowhere shown as HTML, and
// nosniff says so.
func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // the client has gone
}

// splitRepository reads "owner/repo".
func splitRepository(text string) (owner, name string, err error) {
	parts := strings.Split(text, "/")
	if len(parts) != 2 || parts[0] == "" || parts[1] == "" {
		return "", "", bad("repository: expected owner/repo", "")
	}
	return parts[0], parts[1], nil
}

// splitAPI reads "owner/repo/api".
func splitAPI(text string) (owner, name, api string, err error) {
	parts := strings.SplitN(text, "/", 3)
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" || len(parts[2]) > maxName {
		return "", "", "", bad("api: expected owner/repo/api", "")
	}
	return parts[0], parts[1], parts[2], nil
}

// maxName bounds names in questions, in bytes.
const maxName = 255
