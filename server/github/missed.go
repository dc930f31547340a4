package github

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

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
