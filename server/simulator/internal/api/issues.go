package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"plimsoll/server/simulator/internal/model"
)

func (c *call) issueIn(name string) *model.Issue { return c.repo.Issue(int(c.idIn(name))) }

func (c *call) getIssue() reply {
	i := c.issueIn("issue_number")
	if i == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.Issue(i))
}

func (c *call) listIssues() reply {
	state := cmp.Or(c.query("state"), "open")
	creator := strings.TrimPrefix(c.query("creator"), "app/")
	var matching []*model.Issue
	for _, i := range slices.Backward(c.repo.Issues) {
		if state != "all" && i.State != state || creator != "" && strings.TrimSuffix(i.Author.Login, "[bot]") != strings.TrimSuffix(creator, "[bot]") {
			continue
		}
		if labels := c.query("labels"); labels != "" && slices.ContainsFunc(strings.Split(labels, ","), func(l string) bool { return !slices.Contains(i.Labels, l) }) {
			continue
		}
		matching = append(matching, i)
	}
	return paged(c, matching, c.payload.Issue)
}

func (c *call) createIssue() reply {
	asked := decode[struct {
		Title  any    `json:"title"`
		Body   string `json:"body"`
		Labels []any  `json:"labels"`
	}](c)
	title, _ := asked.Title.(string)
	if title == "" {
		return invalid("Issue", "title", "missing_field", "")
	}
	if len(asked.Body) > bodyLimit {
		return c.tooLong("Issue", "body", bodyLimit)
	}
	i := c.repo.NewIssue(c.github.App.Bot, title, asked.Body)
	i.ByApp = true
	for _, label := range asked.Labels {
		if name, ok := label.(string); ok {
			i.Labels = append(i.Labels, name)
		}
	}
	i.EmitIssue("opened", c.github.App.Bot)
	return answer(http.StatusCreated, c.payload.Issue(i))
}

func (c *call) updateIssue() reply {
	i := c.issueIn("issue_number")
	if i == nil {
		return notFound()
	}
	if refused := c.mayWriteTo(i); refused != nil {
		return *refused
	}
	asked := decode[struct {
		Title *string `json:"title"`
		Body  *string `json:"body"`
		State *string `json:"state"`
	}](c)
	if asked.Body != nil && len(*asked.Body) > bodyLimit {
		return c.tooLong("Issue", "body", bodyLimit)
	}
	if asked.Title != nil {
		i.Title = *asked.Title
	}
	if asked.Body != nil {
		i.Body = *asked.Body
	}
	if asked.State != nil && *asked.State != i.State {
		now := c.github.Now()
		i.State, i.Closed = *asked.State, nil
		action := "reopened"
		if i.State == "closed" {
			i.Closed, action = &now, "closed"
		}
		i.EmitIssue(action, c.github.App.Bot)
	}
	i.Updated = c.github.Now()
	i.AppEdits++
	return answer(http.StatusOK, c.payload.Issue(i))
}

// mayWriteTo refuses to write to an issue with only the permission for pull requests.
func (c *call) mayWriteTo(i *model.Issue) *reply {
	needs := []string{"issues:write"}
	if i.Pull == nil && (c.who.token == nil || !c.who.token.May(needs)) && !c.who.bearer.May(i.Repo, needs) {
		return c.forbid("issues:write")
	}
	return nil
}
