package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"plimsoll/contracts"
)

// askAsUserWithin bounds a request that is made with somebody else's token: a person
// waits for it.
const askAsUserWithin = 10 * time.Second

// maxUserRedirects: a repository that was renamed or transferred is one hop.
const maxUserRedirects = 3

// maxToken bounds a token; GitHub's have no fixed length.
const maxToken = 4096

var tokenPattern = regexp.MustCompile(`^[A-Za-z0-9_.~+/=-]+$`)

// ErrBadToken says that GitHub does not know a token, or that it is none.
var ErrBadToken = errors.New("github does not accept the token")

// ReadableBy asks GitHub, with somebody else's token, for a repository by its name.
// What the token may not read is an error of [ClassNotFound], as is what is not
// there; a token that is none is [ErrBadToken]. The token is used for this request
// and kept nowhere.
func (c *Clients) ReadableBy(ctx context.Context, token, owner, name string) (contracts.RepositoryRef, error) {
	fail := func(err error) (contracts.RepositoryRef, error) {
		return contracts.RepositoryRef{}, fmt.Errorf("read %s/%s with the token of another person: %w", owner, name, err)
	}
	for _, part := range []string{owner, name} {
		if !ownerOrName().MatchString(part) || part == "." || part == ".." {
			return contracts.RepositoryRef{}, &Error{Class: ClassNotFound, Message: "that is the name of no repository"}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, askAsUserWithin)
	defer cancel()
	var found struct {
		ID      int64  `json:"id"`
		Name    string `json:"name"`
		Private bool   `json:"private"`
		// Visibility is public, private or internal; the last is private as well.
		Visibility string `json:"visibility"`
		Owner      struct {
			Login string `json:"login"`
		} `json:"owner"`
	}
	if err := c.askAs(ctx, token, c.api.JoinPath("repos", owner, name), maxErrorBody, &found); err != nil {
		return fail(err)
	}
	if found.ID == 0 || found.Name == "" || found.Owner.Login == "" {
		return fail(incomplete("repository"))
	}
	return contracts.RepositoryRef{ID: found.ID, Owner: found.Owner.Login, Name: found.Name, Private: found.Private, Internal: found.Visibility == contracts.VisibilityInternal}, nil
}

// maxUserPage bounds one page of a list that is read with a person's token: 100 repositories
// have 10 KB each.
const maxUserPage = 4 << 20

// Person is somebody on GitHub.
type Person struct {
	ID    int64
	Login string
}

// UserOf asks whose token it is.
func (c *Clients) UserOf(ctx context.Context, token string) (Person, error) {
	ctx, cancel := context.WithTimeout(ctx, askAsUserWithin)
	defer cancel()
	var found struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
	}
	err := c.askAs(ctx, token, c.api.JoinPath("user"), maxErrorBody, &found)
	if err == nil && (found.ID == 0 || !loginPattern().MatchString(found.Login)) {
		err = incomplete("user")
	}
	if err != nil {
		return Person{}, fmt.Errorf("ask whose token it is: %w", err)
	}
	return Person(found), nil
}

// UserInstallations lists one page, counted from 1, of the installations of the App that a
// person has access to, without those that are suspended. next is 0 at the end. An
// organisation whose single sign-on the person has no session of is missing.
func (c *Clients) UserInstallations(ctx context.Context, token string, page int) (ids []int64, next int, err error) {
	var found struct {
		Installations []struct {
			ID        int64      `json:"id"`
			Suspended *time.Time `json:"suspended_at"`
		} `json:"installations"`
	}
	if err := c.pageAs(ctx, token, c.api.JoinPath("user", "installations"), page, &found); err != nil {
		return nil, 0, fmt.Errorf("list the installations that a person has access to: %w", err)
	}
	for _, i := range found.Installations {
		if i.ID != 0 && i.Suspended == nil {
			ids = append(ids, i.ID)
		}
	}
	return ids, following(page, len(found.Installations)), nil
}

// UserRepositories lists one page, counted from 1, of the repositories of an installation
// that a person has access to. next is 0 at the end.
func (c *Clients) UserRepositories(ctx context.Context, token string, installation int64, page int) (ids []int64, next int, err error) {
	var found struct {
		Repositories []struct {
			ID int64 `json:"id"`
		} `json:"repositories"`
	}
	if err := c.pageAs(ctx, token, c.api.JoinPath("user", "installations", decimal(installation), "repositories"), page, &found); err != nil {
		return nil, 0, fmt.Errorf("list the repositories of installation %d that a person has access to: %w", installation, err)
	}
	for _, r := range found.Repositories {
		ids = append(ids, r.ID)
	}
	return ids, following(page, len(found.Repositories)), nil
}

func (c *Clients) pageAs(ctx context.Context, token string, at *url.URL, page int, out any) error {
	ctx, cancel := context.WithTimeout(ctx, askAsUserWithin)
	defer cancel()
	at.RawQuery = url.Values{"per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(page)}}.Encode()
	return c.askAs(ctx, token, at, maxUserPage, out)
}

// following is the number of the page after one with so many entries, 0 after the last one.
func following(page, entries int) int {
	if entries < perPage {
		return 0
	}
	return page + 1
}

// askAs sends one GET with somebody else's token and decodes the answer, which may have most
// bytes. It goes
// around the installations' clients: neither their limits nor their caches have to do
// with it. A redirect is followed on GitHub's own host alone, where the token may go.
func (c *Clients) askAs(ctx context.Context, token string, at *url.URL, most int64, out any) error {
	if len(token) > maxToken || !tokenPattern.MatchString(token) {
		return ErrBadToken
	}
	for range maxUserRedirects {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
		if err != nil {
			return &Error{Class: ClassPermanent, Message: "make request: " + err.Error()}
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Accept", "application/vnd.github+json")
		req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
		req.Header.Set("User-Agent", c.config.UserAgent)
		res, err := c.config.Transport.RoundTrip(req)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return &Error{Class: ClassRetry, Message: "no answer", Err: err}
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, most+1))
		if closed := res.Body.Close(); err == nil {
			err = closed
		}
		c.metrics.request(c.routes.of(req), res.StatusCode, false)
		switch {
		case err != nil:
			return &Error{Class: ClassRetry, Message: "half an answer", Err: err}
		case int64(len(body)) > most:
			return &Error{Class: ClassPermanent, Message: "the answer is too long", Err: ErrTooLong}
		case res.StatusCode == http.StatusOK:
			if err := json.Unmarshal(body, out); err != nil {
				return &Error{Class: ClassRetry, Message: "no usable answer", Err: err}
			}
			return nil
		case res.StatusCode == http.StatusMovedPermanently || res.StatusCode == http.StatusFound || res.StatusCode == http.StatusTemporaryRedirect:
			next, err := at.Parse(res.Header.Get("Location"))
			if err != nil || next.Host != c.api.Host || next.Scheme != c.api.Scheme {
				return &Error{Class: ClassPermanent, Message: "GitHub leads to another host"}
			}
			at = next
		default:
			return c.refusedAs(res, body)
		}
	}
	return &Error{Class: ClassNotFound, Message: "too many redirects"}
}

// refusedAs reads a refusal of somebody else's request.
func (c *Clients) refusedAs(res *http.Response, body []byte) error {
	if res.StatusCode == http.StatusUnauthorized {
		return ErrBadToken
	}
	if l, ok := recognise(res.StatusCode, res.Header, body, c.now()); ok {
		until := l.until
		if until.IsZero() {
			until = c.now().Add(secondaryPause)
		}
		return &RateLimited{Until: until, Secondary: l.secondary}
	}
	class := classOf(res.StatusCode, messageOf(body))
	if class == ClassPermission || class == ClassSuspended || class == ClassArchived {
		class = ClassNotFound // such as a token that single sign-on has not let in: it may not read
	}
	return &Error{Class: class, Status: res.StatusCode, Message: messageOf(body)}
}
