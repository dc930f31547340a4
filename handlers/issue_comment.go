package handlers

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/commands"
	"plimsoll/handlers/work"
)

// issueCommentHandler takes the commands of a new comment on a pull request. Each
// comment is work that is done once, however often GitHub tells of it.
type issueCommentHandler struct {
	queue    work.Queue
	comments Comments
}

// Comments are called for comments that give commands.
type Comments struct {
	Missed *commands.Missed
	// Late knows which deliveries GitHub was asked for again.
	Late LateDeliveries
}

// LateDeliveries knows which deliveries come late.
type LateDeliveries interface {
	// DeliveryAsked reports whether GitHub was asked for a delivery again.
	DeliveryAsked(ctx context.Context, delivery string) (bool, error)
}

// routeComment takes new comments of people on pull requests that hold a command.
func routeComment(e *envelope) Route {
	switch {
	case len(e.Issue.PullRequest) == 0 || string(e.Issue.PullRequest) == "null":
		return e.ignore("not on a pull request")
	case e.Comment.User.isBot() || e.Sender.isBot():
		return e.ignore("by a bot")
	case len(commands.CommandsIn(e.Comment.Body)) == 0:
		return e.ignore("no command")
	}
	// A kind for each comment: none takes another's place.
	return e.work(fmt.Sprintf("%s/%d", e.event, e.Comment.ID), work.PullKey(e.Repository.ID, e.Issue.Number))
}

// handle asks for the commands to be done. What the comment said when it was made
// counts: editing it gives no command. What was asked for again may have been done before
// the database was lost, or may be over.
func (h *issueCommentHandler) handle(ctx context.Context, delivery string, e *gh.IssueCommentEvent) error {
	repo, number, comment := identify(e.GetInstallation(), e.GetRepo()), e.GetIssue().GetNumber(), e.GetComment()
	late, err := h.comments.Late.DeliveryAsked(ctx, delivery)
	if err != nil {
		return err
	}
	if late {
		if open, err := h.comments.Missed.Open(ctx, repo, number, comment.GetID(), comment.GetCreatedAt().Time); err != nil || !open {
			return err
		}
	}
	given := commands.CommandsIn(comment.GetBody())
	return h.queue.Enqueue(ctx, commands.Work(repo, number, comment.GetID(), given,
		comment.GetUser().GetLogin(), e.GetIssue().GetUser().GetLogin()))
}
