package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
)

// Class says what to do about an error.
type Class string

// The classes.
const (
	ClassNone        Class = ""             // no error
	ClassCancelled   Class = "cancelled"    // the caller gave up; nothing is known
	ClassRateLimited Class = "rate-limited" // sleep until RateLimited.Until, no attempt counted
	ClassRetry       Class = "retry"        // 5xx, network, time-out, half an answer: later it may work
	ClassNotFound    Class = "not-found"    // 404 or 410: not there, or not visible to the App
	ClassPermission  Class = "permission"   // 403 that is no limit: somebody has to grant something
	ClassSuspended   Class = "suspended"    // the installation is suspended
	ClassArchived    Class = "archived"     // the repository takes no writes
	ClassPermanent   Class = "permanent"    // the same request will never work
)

// Error is an answer of GitHub's that is not what was asked for, or that no
// answer came. Status is 0 where there was none.
type Error struct {
	Class   Class
	Status  int
	Message string
	// Token is true where the request for an installation token failed.
	Token bool
	Err   error
}

// Error gives the status and GitHub's own words.
func (e *Error) Error() string {
	text := e.Message
	if e.Status != 0 {
		text = strings.TrimSpace(fmt.Sprintf("github answered %d %s", e.Status, e.Message))
	}
	if e.Token {
		text = "get installation token: " + text
	}
	return text
}

// Brief is what GitHub answered, for people; "" if no answer came.
func (e *Error) Brief() string {
	if e.Status == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("GitHub answered %d %s", e.Status, e.Message))
}

// Unwrap returns the cause. A 404 does not unwrap to [fs.ErrNotExist]: that a commit or a
// blob can't be read does not prove that a file is not in a tree. Where it proves that
// something does not exist, the method says so, see [NotExist].
func (e *Error) Unwrap() error { return e.Err }

// NotExist adds [fs.ErrNotExist] to an error of [ClassNotFound] and returns every other
// error as it is.
func NotExist(err error) error {
	if Classify(err) == ClassNotFound {
		return notExist{err}
	}
	return err
}

// notExist is an error that wraps [fs.ErrNotExist] without its text, which is about files.
type notExist struct{ error }

func (e notExist) Unwrap() []error { return []error{e.error, fs.ErrNotExist} }

// Classify sorts an error of this package. A cancelled context is
// [ClassCancelled], a deadline that passed is [ClassRetry].
func Classify(err error) Class {
	if err == nil {
		return ClassNone
	}
	if errors.Is(err, context.Canceled) {
		return ClassCancelled
	}
	if _, ok := errors.AsType[*RateLimited](err); ok {
		return ClassRateLimited
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	if _, ok := errors.AsType[*contracts.Problem](err); ok {
		return ClassPermanent
	}
	if errors.Is(err, fs.ErrNotExist) {
		return ClassNotFound
	}
	return ClassRetry
}

// failure turns what the libraries give into this package's errors: a done
// context into its own error, a limit into *RateLimited, all else into *Error.
func (c *Clients) failure(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		closeTokenBody(err)
		return ctx.Err()
	}
	if limited, ok := errors.AsType[*RateLimited](err); ok {
		return limited
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*ghinstallation.HTTPError](err); ok {
		return c.tokenFailure(e)
	}
	if e, ok := errors.AsType[*gh.ErrorResponse](err); ok && e.Response != nil {
		return &Error{Class: classOf(e.Response.StatusCode, words(e)), Status: e.Response.StatusCode,
			Message: words(e) + c.skew(e.Response), Err: err}
	}
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return problem
	}
	// What is left came from the network or from an answer that is no JSON: a
	// proxy's page, or half of what GitHub sent.
	return &Error{Class: ClassRetry, Message: "no usable answer: " + err.Error(), Err: err}
}

// tokenFailure reads why no token was given. The library leaves the body to us.
func (c *Clients) tokenFailure(e *ghinstallation.HTTPError) error {
	if e.Response == nil {
		return &Error{Class: ClassRetry, Token: true, Message: e.Error(), Err: e}
	}
	defer e.Response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(e.Response.Body, maxErrorBody))
	failure := &Error{Status: e.Response.StatusCode, Token: true, Message: messageOf(body) + c.skew(e.Response), Err: e}
	switch e.Response.StatusCode {
	case http.StatusForbidden:
		failure.Class = ClassSuspended
	default:
		failure.Class = classOf(e.Response.StatusCode, failure.Message)
	}
	return failure
}

func closeTokenBody(err error) {
	if e, ok := errors.AsType[*ghinstallation.HTTPError](err); ok && e.Response != nil {
		_ = e.Response.Body.Close()
	}
}

func classOf(status int, message string) Class {
	text := strings.ToLower(message)
	switch {
	case status >= 500, status == http.StatusRequestTimeout:
		return ClassRetry
	case status == http.StatusUnauthorized:
		// A token that was revoked early, or a key or clock that the operator fixes.
		return ClassRetry
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusUnavailableForLegalReasons:
		return ClassNotFound
	case status == http.StatusForbidden && strings.Contains(text, "archived"):
		return ClassArchived
	case status == http.StatusForbidden && strings.Contains(text, "suspended"):
		return ClassSuspended
	case status == http.StatusForbidden:
		return ClassPermission
	case status == http.StatusUnprocessableEntity && strings.Contains(text, "no commit found"):
		return ClassNotFound
	case status == http.StatusConflict:
		// An empty repository, or a reference that somebody else is moving.
		if strings.Contains(text, "empty") {
			return ClassNotFound
		}
		return ClassRetry
	default:
		return ClassPermanent
	}
}

// words gives GitHub's message and the single errors with it.
func words(e *gh.ErrorResponse) string {
	var b strings.Builder
	b.WriteString(e.Message)
	for i, one := range e.Errors {
		if i == 5 {
			fmt.Fprintf(&b, "; %d more", len(e.Errors)-i)
			break
		}
		fmt.Fprintf(&b, "; %s", strings.TrimSpace(strings.Join([]string{one.Resource, one.Field, one.Code, one.Message}, " ")))
	}
	return b.String()
}

// skewTold is from how much on a difference of clocks explains a 401: GitHub
// refuses App tokens issued in its future.
const skewLogged = 30 * time.Second

func (c *Clients) skew(res *http.Response) string {
	if res.StatusCode != http.StatusUnauthorized {
		return ""
	}
	date, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return ""
	}
	if d := c.now().Sub(date).Round(time.Second); d.Abs() > skewLogged {
		return fmt.Sprintf(" (this machine's clock differs from GitHub's by %s)", d)
	}
	return ""
}
