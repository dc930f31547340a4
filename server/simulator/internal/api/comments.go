package api

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"plimsoll/server/simulator/internal/model"
)

// GitHub's limits on texts, in bytes.
const (
	bodyLimit        = 65_536 // of a comment or an issue
	descriptionLimit = 140    // of a status
)

// tooLong refuses a text over a limit and records it.
func (c *call) tooLong(resource, field string, limit int) reply {
	c.Violate("%s: %s is longer than %d bytes", c.asked.ID, field, limit)
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
	return answer(http.StatusCreated, c.payload.Comment(i.AddComment(c.maker(), asked.Body)))
}

func (c *call) checkBody(body string) *reply {
	switch {
	case body == "":
		c.Violate("%s: empty body", c.asked.ID)
		return refusal(invalid("IssueComment", "body", "missing_field", "body can't be blank"))
	case len(body) > bodyLimit:
		return refusal(c.tooLong("IssueComment", "body", bodyLimit))
	}
	return nil
}

func (c *call) updateComment() reply {
	found, refused := c.writableComment()
	if refused != nil {
		return *refused
	}
	asked := decode[struct{ Body string }](c)
	if refused := c.checkBody(asked.Body); refused != nil {
		return *refused
	}
	found.Edit(c.maker(), asked.Body)
	return answer(http.StatusOK, c.payload.Comment(found))
}

func (c *call) removeComment() reply {
	found, refused := c.writableComment()
	if refused != nil {
		return *refused
	}
	found.Delete(c.github.App.Bot)
	found.Issue.AppDeleted++
	return answer(http.StatusNoContent, nil)
}

// writableComment finds the comment of a call that changes it.
func (c *call) writableComment() (*model.Comment, *reply) {
	found := c.repo.Comments[c.idIn("comment_id")]
	if found == nil {
		return nil, refusal(notFound())
	}
	if refused := c.mayWriteTo(found.Issue); refused != nil {
		return nil, refused
	}
	if found.Author != c.maker() {
		c.Violate("%s: comment %d is %s's, not the App's", c.asked.ID, found.ID, found.Author.Login)
		return nil, refusal(refuse(http.StatusForbidden, notAccessible))
	}
	return found, nil
}

func (c *call) getComment() reply {
	found := c.repo.Comments[c.idIn("comment_id")]
	if found == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.Comment(found))
}

func (c *call) listComments() reply {
	i := c.issueIn("issue_number")
	if i == nil {
		return notFound()
	}
	comments := i.Comments
	if since, err := time.Parse(time.RFC3339, c.query("since")); err == nil {
		comments = slices.DeleteFunc(slices.Clone(comments), func(o *model.Comment) bool { return o.Updated.Before(since) })
	}
	return paged(c, comments, c.payload.Comment)
}

func (c *call) createReaction() reply {
	found := c.repo.Comments[c.idIn("comment_id")]
	if found == nil {
		return notFound()
	}
	if refused := c.mayWriteTo(found.Issue); refused != nil {
		return *refused
	}
	asked := decode[struct{ Content string }](c)
	for _, r := range found.Reactions {
		if r.User == c.github.App.Bot && r.Content == asked.Content {
			return answer(http.StatusOK, c.payload.Reaction(r)) // there already
		}
	}
	return answer(http.StatusCreated, c.payload.Reaction(found.React(c.github.App.Bot, asked.Content)))
}

func (c *call) deleteReaction() reply {
	found := c.repo.Comments[c.idIn("comment_id")]
	if found == nil {
		return notFound()
	}
	before := len(found.Reactions)
	found.Reactions = slices.DeleteFunc(found.Reactions, func(r *model.Reaction) bool {
		return r.ID == c.idIn("reaction_id") && r.User == c.github.App.Bot
	})
	if len(found.Reactions) == before {
		return notFound()
	}
	return answer(http.StatusNoContent, nil)
}

func (c *call) listReactions() reply {
	found := c.repo.Comments[c.idIn("comment_id")]
	if found == nil {
		return notFound()
	}
	return paged(c, found.Reactions, c.payload.Reaction)
}
