package commands

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// oldestMissed is how old a command may be that is carried out late. What it is about may be
// over, and the person has given it again, or up.
const oldestMissed = 24 * time.Hour

// Comments finds the comments on pull requests.
type Comments interface {
	// CommentsSince lists the comments that were made or edited since a time.
	CommentsSince(ctx context.Context, repo contracts.RepositoryRef, number int, since time.Time) ([]source.Comment, error)
	// Reacted reports whether this App has reacted to a comment.
	Reacted(ctx context.Context, repo contracts.RepositoryRef, comment int64) (bool, error)
}

// Missed finds commands whose events were lost.
type Missed struct {
	comments Comments
	queue    work.Queue
	now      func(ctx context.Context) (time.Time, error)
}

// NewMissed returns a Missed.
func NewMissed(comments Comments, queue work.Queue, now func(ctx context.Context) (time.Time, error)) (*Missed, error) {
	if comments == nil || queue == nil || now == nil {
		return nil, errors.New("make the search for missed commands: it needs comments, a queue and a clock")
	}
	return &Missed{comments, queue, now}, nil
}

// Missed has the commands carried out that were given on a pull request since a time and to
// which this App has not answered, neither with a comment nor with a reaction. It reports
// whether there are any.
func (m *Missed) Missed(ctx context.Context, pull source.PullRequest, since time.Time) (found bool, err error) {
	now, err := m.now(ctx)
	if err != nil {
		return false, err
	}
	if oldest := now.Add(-oldestMissed); since.Before(oldest) {
		since = oldest
	}
	comments, err := m.comments.CommentsSince(ctx, pull.Repository, pull.Number, since)
	if err != nil {
		return false, err
	}
	for _, comment := range comments {
		given := CommandsIn(comment.Body)
		// Editing a comment gives no command.
		if comment.Bot || len(given) == 0 || comment.Created.Before(since) || comment.Updated.After(comment.Created) {
			continue
		}
		if answered, err := m.answered(ctx, pull.Repository, comment.ID, comments); err != nil {
			return false, err
		} else if answered {
			continue
		}
		if err := m.queue.Enqueue(ctx, Work(pull.Repository, pull.Number, comment.ID, given, comment.Login, pull.Author)); err != nil {
			return false, err
		}
		found = true
	}
	return found, nil
}

// answered reports whether this App has answered a comment, with one of the comments that
// came after it or with a reaction.
func (m *Missed) answered(ctx context.Context, repo contracts.RepositoryRef, comment int64, after []source.Comment) (bool, error) {
	marker := checks.AnswerMarker(sourceOf(comment))
	if slices.ContainsFunc(after, func(c source.Comment) bool { return c.Own && strings.Contains(c.Body, marker) }) {
		return true, nil
	}
	return m.comments.Reacted(ctx, repo, comment)
}

// Open reports whether a command whose event comes late is still to be carried out: it is
// not too old, and this App has not answered it before its database was lost or restored.
func (m *Missed) Open(ctx context.Context, repo contracts.RepositoryRef, number int, comment int64, created time.Time) (bool, error) {
	now, err := m.now(ctx)
	if err != nil || now.Sub(created) > oldestMissed {
		return false, err
	}
	after, err := m.comments.CommentsSince(ctx, repo, number, created)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	answered, err := m.answered(ctx, repo, comment, after)
	return err == nil && !answered, err
}

// Work is the work of carrying out the commands of a comment, once. author opened the pull
// request.
func Work(repo contracts.RepositoryRef, number int, comment int64, given []work.Command, login, author string) work.Work {
	given = given[:min(len(given), MostCommands+1)]
	for i := range given {
		given[i].Login, given[i].Author = login, author
	}
	once := fmt.Sprintf("%s/%d", work.KindCommands, comment)
	return work.Work{
		Kind: once, Key: work.PullKey(repo.ID, number), Installation: repo.Installation, Once: once,
		Args: work.CommandsArgs{Repository: repo, Number: number, Comment: comment, Commands: given},
	}
}
