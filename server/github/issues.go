package github

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// maxIssuePages bounds the search for an own issue.
const maxIssuePages = 5

// CreateIssue opens an issue and gives its number.
func (c *Clients) CreateIssue(ctx context.Context, repo contracts.RepositoryRef, title, body string) (int, error) {
	fail := func(err error) (int, error) { return 0, fmt.Errorf("open an issue in %s: %w", repo.FullName(), err) }
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var made struct {
		Number int `json:"number"`
	}
	if _, err := c.ask(ctx, client, http.MethodPost, place(repo)+"/issues", map[string]any{"title": title, "body": body}, &made); err != nil {
		return fail(err)
	}
	if made.Number == 0 {
		return fail(incomplete("issue"))
	}
	return made.Number, nil
}

// EditIssue replaces the text of an issue, and closes it if closed is set. If it does not
// exist, the error wraps [fs.ErrNotExist].
func (c *Clients) EditIssue(ctx context.Context, repo contracts.RepositoryRef, number int, body string, closed bool) error {
	client, err := c.forRepository(repo)
	if err == nil {
		change := map[string]any{"body": body}
		if closed {
			change["state"], change["state_reason"] = "closed", "completed"
		}
		_, err = c.ask(ctx, client, http.MethodPatch, fmt.Sprintf("%s/issues/%d", place(repo), number), change, nil)
	}
	if err != nil {
		return NotExist(fmt.Errorf("edit issue %d of %s: %w", number, repo.FullName(), err))
	}
	return nil
}

// FindIssue gives the number of this App's own issue that holds marker and has changed
// since a time; 0 without one.
func (c *Clients) FindIssue(ctx context.Context, repo contracts.RepositoryRef, marker string, since time.Time) (int, error) {
	fail := func(err error) (int, error) {
		return 0, fmt.Errorf("look for an issue of %s: %w", repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	slug, err := c.slug(ctx)
	if err != nil {
		return fail(err)
	}
	query := url.Values{"state": {"all"}, "creator": {slug + "[bot]"}, "since": {since.UTC().Format(time.RFC3339)}, "per_page": {"100"}}
	for page, read := 1, 0; page != 0 && read < maxIssuePages; read++ {
		query.Set("page", fmt.Sprint(page))
		var issues []struct {
			Number int    `json:"number"`
			Body   string `json:"body"`
		}
		res, err := c.ask(ctx, client, http.MethodGet, place(repo)+"/issues?"+query.Encode(), nil, &issues)
		if err != nil {
			return fail(err)
		}
		for _, issue := range issues {
			if strings.Contains(issue.Body, marker) {
				return issue.Number, nil
			}
		}
		page = nextPage(page, res)
	}
	return 0, nil
}

var _ checks.Comments = (*Clients)(nil)

// maxCommentPages bounds the search for the own comment: GitHub takes 2,500
// comments on an issue.
const maxCommentPages = 30

// CreateComment writes a comment on a pull request.
func (c *Clients) CreateComment(ctx context.Context, repo contracts.RepositoryRef, number int, body string) (int64, error) {
	fail := func(err error) (int64, error) {
		return 0, fmt.Errorf("comment on %s#%d: %w", repo.FullName(), number, err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	made, _, err := client.Issues.CreateComment(ctx, repo.Owner, repo.Name, number, &gh.IssueComment{Body: &body})
	if err := c.failure(ctx, err); err != nil {
		return fail(err)
	}
	if made.GetID() == 0 {
		return fail(incomplete("comment"))
	}
	return made.GetID(), nil
}

// EditComment replaces the text of a comment. The error wraps [fs.ErrNotExist]
// where the comment is gone.
func (c *Clients) EditComment(ctx context.Context, repo contracts.RepositoryRef, id int64, body string) error {
	fail := func(err error) error { return fmt.Errorf("edit comment %d of %s: %w", id, repo.FullName(), err) }
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	_, _, err = client.Issues.EditComment(ctx, repo.Owner, repo.Name, id, &gh.IssueComment{Body: &body})
	err = c.failure(ctx, err)
	if e, ok := errors.AsType[*Error](err); ok && !e.Token && (e.Status == http.StatusNotFound || e.Status == http.StatusGone) {
		err = errors.Join(err, fs.ErrNotExist)
	}
	if err != nil {
		return fail(err)
	}
	return nil
}

// FindComment looks through all comments of a pull request for the first that
// holds marker and is this App's own: somebody else may have written the marker
// as well.
func (c *Clients) FindComment(ctx context.Context, repo contracts.RepositoryRef, number int, marker string) (int64, error) {
	fail := func(err error) (int64, error) {
		return 0, fmt.Errorf("look for the comment on %s#%d: %w", repo.FullName(), number, err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	for page, read := 1, 0; page != 0 && read < maxCommentPages; read++ {
		comments, next, err := c.commentsPage(ctx, client, repo, number, page, time.Time{})
		if err != nil {
			return fail(err)
		}
		for _, comment := range comments {
			if !strings.Contains(comment.Body, marker) {
				continue
			}
			own, err := c.isOwn(ctx, comment.Via, comment.User)
			if err != nil {
				return fail(err)
			}
			if own {
				return comment.ID, nil
			}
		}
		page = next
	}
	return 0, nil
}

// maker is a person or the user of an App.
type maker struct {
	Login string `json:"login"`
	Type  string `json:"type"`
}

// viaApp is the App that GitHub names as the maker of something.
type viaApp struct {
	ID int64 `json:"id"`
}

// isOwn reports whether this App made something. GitHub names no App on deployments, their
// statuses and old comments (performed_via_github_app is null); then the name of the App's
// user decides.
func (c *Clients) isOwn(ctx context.Context, via *viaApp, by maker) (bool, error) {
	if via != nil {
		return via.ID == c.config.AppID, nil
	}
	if by.Type != "Bot" {
		return false, nil
	}
	slug, err := c.slug(ctx)
	if err != nil {
		return false, err
	}
	return strings.EqualFold(by.Login, slug+"[bot]"), nil
}

// React answers a comment with a reaction: +1, -1, laugh, confused, heart,
// hooray, rocket or eyes. Once more of the same is no error.
func (c *Clients) React(ctx context.Context, repo contracts.RepositoryRef, comment int64, reaction string) error {
	client, err := c.forRepository(repo)
	if err == nil {
		_, _, err = client.Reactions.CreateIssueCommentReaction(ctx, repo.Owner, repo.Name, comment, reaction)
		err = c.failure(ctx, err)
	}
	if err != nil {
		return fmt.Errorf("react to comment %d of %s: %w", comment, repo.FullName(), err)
	}
	return nil
}

// CommentsSince lists the comments on a pull request that were made or edited since a time.
func (c *Clients) CommentsSince(ctx context.Context, repo contracts.RepositoryRef, number int, since time.Time) ([]source.Comment, error) {
	fail := func(err error) ([]source.Comment, error) {
		return nil, fmt.Errorf("list the comments on %s#%d: %w", repo.FullName(), number, err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var all []source.Comment
	for page, read := 1, 0; page != 0 && read < maxCommentPages; read++ {
		comments, next, err := c.commentsPage(ctx, client, repo, number, page, since)
		if err != nil {
			return fail(err)
		}
		for _, comment := range comments {
			own, err := c.isOwn(ctx, comment.Via, comment.User)
			if err != nil {
				return fail(err)
			}
			all = append(all, source.Comment{
				ID: comment.ID, Body: comment.Body, Login: comment.User.Login, Own: own, Bot: own || comment.User.Type == "Bot",
				Created: comment.CreatedAt, Updated: comment.UpdatedAt,
			})
		}
		page = next
	}
	return all, nil
}

// Reacted reports whether this App has reacted to a comment.
func (c *Clients) Reacted(ctx context.Context, repo contracts.RepositoryRef, comment int64) (bool, error) {
	fail := func(err error) (bool, error) {
		return false, fmt.Errorf("list the reactions to comment %d of %s: %w", comment, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	for page, read := 1, 0; page != 0 && read < maxCommentPages; read++ {
		var reactions []struct {
			User maker `json:"user"`
		}
		path := fmt.Sprintf("repos/%s/issues/comments/%d/reactions?per_page=%d&page=%d", repo.FullName(), comment, perPage, page)
		res, err := c.ask(ctx, client, http.MethodGet, path, nil, &reactions)
		if err != nil {
			return fail(err)
		}
		for _, reaction := range reactions {
			if own, err := c.isOwn(ctx, nil, reaction.User); err != nil || own {
				return own, err
			}
		}
		page = nextPage(page, res)
	}
	return false, nil
}
