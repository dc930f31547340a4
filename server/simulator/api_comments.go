package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// GitHub's limits on texts, in bytes.
const (
	bodyLimit        = 65_536 // of a comment or an issue
	descriptionLimit = 140    // of a status
)

// tooLong refuses a text over a limit and records it.
func (c *call) tooLong(resource, field string, limit int) reply {
	c.violate("%s: %s is longer than %d bytes", c.route.Operation.OperationID, field, limit)
	return invalid(resource, field, "custom", fmt.Sprintf("%s is too long (maximum is %d characters)", field, limit))
}

func (c *call) createComment() reply {
	i := c.issueIn("issue_number")
	if i == nil {
		return notFound()
	}
	if refused := c.mayWriteTo(i); refused != nil {
		return *refused
	}
	asked := decode[struct{ Body string }](c)
	if refused := c.checkBody(asked.Body); refused != nil {
		return *refused
	}
	return answer(http.StatusCreated, c.commentJSON(c.addComment(i, c.app.bot, asked.Body)))
}

func (c *call) checkBody(body string) *reply {
	switch {
	case body == "":
		c.violate("%s: empty body", c.route.Operation.OperationID)
		return refusal(invalid("IssueComment", "body", "missing_field", "body can't be blank"))
	case len(body) > bodyLimit:
		return refusal(c.tooLong("IssueComment", "body", bodyLimit))
	}
	return nil
}

func (c *call) updateComment() reply {
	told, refused := c.writableComment()
	if refused != nil {
		return *refused
	}
	asked := decode[struct{ Body string }](c)
	if refused := c.checkBody(asked.Body); refused != nil {
		return *refused
	}
	c.editComment(told, c.app.bot, asked.Body)
	return answer(http.StatusOK, c.commentJSON(told))
}

func (c *call) removeComment() reply {
	told, refused := c.writableComment()
	if refused != nil {
		return *refused
	}
	c.deleteComment(told, c.app.bot)
	told.issue.appDeleted++
	return answer(http.StatusNoContent, nil)
}

// writableComment finds the comment of a call that changes it.
func (c *call) writableComment() (*comment, *reply) {
	told := c.repo.comments[c.idIn("comment_id")]
	if told == nil {
		return nil, refusal(notFound())
	}
	if refused := c.mayWriteTo(told.issue); refused != nil {
		return nil, refused
	}
	if told.author != c.app.bot {
		c.violate("%s: comment %d is %s's, not the App's", c.route.Operation.OperationID, told.id, told.author.login)
		return nil, refusal(refuse(http.StatusForbidden, notAccessible))
	}
	return told, nil
}

func (c *call) getComment() reply {
	told := c.repo.comments[c.idIn("comment_id")]
	if told == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.commentJSON(told))
}

func (c *call) listComments() reply {
	i := c.issueIn("issue_number")
	if i == nil {
		return notFound()
	}
	comments := i.comments
	if since, err := time.Parse(time.RFC3339, c.query("since")); err == nil {
		comments = slices.DeleteFunc(slices.Clone(comments), func(o *comment) bool { return o.updated.Before(since) })
	}
	return paged(c, comments, c.commentJSON)
}

func (c *call) createReaction() reply {
	told := c.repo.comments[c.idIn("comment_id")]
	if told == nil {
		return notFound()
	}
	if refused := c.mayWriteTo(told.issue); refused != nil {
		return *refused
	}
	asked := decode[struct{ Content string }](c)
	for _, r := range told.reactions {
		if r.user == c.app.bot && r.content == asked.Content {
			return answer(http.StatusOK, c.reactionJSON(r)) // there already
		}
	}
	r := &reaction{id: c.id("reaction"), user: c.app.bot, content: asked.Content, created: c.now()}
	told.reactions = append(told.reactions, r)
	return answer(http.StatusCreated, c.reactionJSON(r))
}

func (c *call) deleteReaction() reply {
	told := c.repo.comments[c.idIn("comment_id")]
	if told == nil {
		return notFound()
	}
	before := len(told.reactions)
	told.reactions = slices.DeleteFunc(told.reactions, func(r *reaction) bool {
		return r.id == c.idIn("reaction_id") && r.user == c.app.bot
	})
	if len(told.reactions) == before {
		return notFound()
	}
	return answer(http.StatusNoContent, nil)
}

func (c *call) listReactions() reply {
	told := c.repo.comments[c.idIn("comment_id")]
	if told == nil {
		return notFound()
	}
	return paged(c, told.reactions, c.reactionJSON)
}
