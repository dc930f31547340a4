package action

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plimsoll/checks"
)

// jobAuthor is who comments with the token of a workflow's job.
const jobAuthor = "github-actions[bot]"

// errReadOnly says that the token may not write comments.
var errReadOnly = errors.New("the token may not write comments")

// Bounds of talking to GitHub.
const (
	commentWithin   = 20 * time.Second
	commentBytes    = 16 << 20
	commentsOfPage  = 100
	mostCommentPage = 50
)

// github writes the one comment of a pull request.
type github struct {
	api   *url.URL
	token string
	http  http.Client
}

func newGitHub(r run) (*github, error) {
	api, err := url.Parse(cmp.Or(r.apiURL, "https://api.github.com"))
	if err != nil || api.Host == "" || api.Scheme != "https" && api.Scheme != "http" {
		return nil, errors.New("GITHUB_API_URL: expected a URL")
	}
	return &github{api: api, token: r.token, http: http.Client{
		Timeout:       commentWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token goes nowhere else
	}}, nil
}

// written is a comment as GitHub has it.
type written struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
}

// publish creates the comment, edits it, or leaves everything as it is. It gives the comment's
// id, 0 without one.
func (g *github) publish(ctx context.Context, r run, comment checks.Comment, author string) (int64, error) {
	found, err := g.find(ctx, r, author)
	if err != nil || found == nil && !comment.Needed || comment.Text == "" {
		return 0, err
	}
	body := comment.Marked(checks.StepMarker, "The job summary has more.", comment.Owners)
	if found == nil {
		var made written
		err := g.send(ctx, http.MethodPost, issues(r, fmt.Sprint(r.number), "comments"), nil, body, &made)
		return made.ID, err
	}
	if found.Body == strings.TrimSpace(body) || found.Body == body {
		return found.ID, nil
	}
	return found.ID, g.send(ctx, http.MethodPatch, issues(r, "comments", fmt.Sprint(found.ID)), nil, body, nil)
}

// issues gives the path of GitHub's API for comments, which are those of issues.
func issues(r run, parts ...string) []string {
	return append([]string{"repos", r.repository.Owner, r.repository.Name, "issues"}, parts...)
}

// find gives the comment that an earlier run has written; nil without one. The marker has to be
// the end of the comment, and the author the token's own: others can write the marker as well.
func (g *github) find(ctx context.Context, r run, author string) (*written, error) {
	author, err := g.author(ctx, author)
	if err != nil {
		return nil, err
	}
	for page := 1; page <= mostCommentPage; page++ {
		var found []written
		query := url.Values{"per_page": {fmt.Sprint(commentsOfPage)}, "page": {fmt.Sprint(page)}}
		if err := g.send(ctx, http.MethodGet, issues(r, fmt.Sprint(r.number), "comments"), query, "", &found); err != nil {
			return nil, err
		}
		for _, one := range found {
			if strings.EqualFold(one.User.Login, author) && strings.HasSuffix(strings.TrimSpace(one.Body), checks.StepMarker) {
				return &one, nil
			}
		}
		if len(found) < commentsOfPage {
			return nil, nil
		}
	}
	return nil, nil
}

// author is the login that comments with the token. A job's token can't ask who it is.
func (g *github) author(ctx context.Context, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	var user struct {
		Login string `json:"login"`
	}
	err := g.send(ctx, http.MethodGet, []string{"user"}, nil, "", &user)
	if errors.Is(err, errReadOnly) || err == nil && user.Login == "" {
		return jobAuthor, nil
	}
	return user.Login, err
}

// send makes one request. What GitHub answers is shown as far as it is a message of its own.
func (g *github) send(ctx context.Context, method string, path []string, query url.Values, body string, into any) error {
	at := g.api.JoinPath(escaped(path)...)
	at.RawQuery = query.Encode()
	var content io.Reader
	if body != "" {
		raw, err := json.Marshal(map[string]string{"body": body})
		if err != nil {
			return err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, at.String(), content)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+g.token)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := g.http.Do(req)
	if err != nil {
		if fault, ok := errors.AsType[*url.Error](err); ok {
			err = fault.Err // without the address, which is long
		}
		return fmt.Errorf("no answer from %s: %w", g.api.Host, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, commentBytes))
	if err != nil {
		return fmt.Errorf("the answer from %s ended early: %w", g.api.Host, err)
	}
	if res.StatusCode/100 != 2 {
		return refused(res, raw)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("unexpected answer from %s: %w", g.api.Host, err)
	}
	return nil
}

func escaped(path []string) []string {
	out := make([]string, len(path))
	for i, part := range path {
		out[i] = url.PathEscape(part)
	}
	return out
}

// refused words a refusal. A token that may not write gets 403; one that may not even read, 404.
func refused(res *http.Response, raw []byte) error {
	var answer struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(raw, &answer) // without a message, the status says enough
	limited := res.Header.Get("X-RateLimit-Remaining") == "0" || res.Header.Get("Retry-After") != ""
	if !limited && (res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusUnauthorized) {
		return fmt.Errorf("%w: GitHub answered %d %s", errReadOnly, res.StatusCode, checks.Clean(answer.Message))
	}
	return fmt.Errorf("GitHub answered %d %s", res.StatusCode, checks.Clean(answer.Message))
}
