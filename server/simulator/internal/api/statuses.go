package api

import (
	"cmp"
	"net/http"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

func (c *call) createStatus() reply {
	asked := decode[struct {
		State       string  `json:"state"`
		Context     string  `json:"context"`
		Description *string `json:"description"`
		TargetURL   *string `json:"target_url"`
	}](c)
	sha := plumbing.NewHash(c.vars["sha"])
	if _, err := c.repo.Git.Commit(sha); err != nil {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["sha"])
	}
	status := &model.CommitStatus{
		ID: c.github.NextID("commit status"), SHA: sha, State: asked.State, Context: cmp.Or(asked.Context, "default"),
		Creator: c.github.App.Bot, Created: c.github.Now(),
	}
	if asked.Description != nil {
		status.Description = *asked.Description
	}
	if asked.TargetURL != nil {
		status.TargetURL = *asked.TargetURL
	}
	if len(status.Description) > descriptionLimit {
		return c.tooLong("Status", "description", descriptionLimit)
	}
	c.repo.AddStatus(status)
	return answer(http.StatusCreated, c.payload.Status("status", status))
}

func (c *call) getCombinedStatus() reply {
	at, ok := c.repo.Resolve(c.vars["ref"])
	if !ok {
		return notFound()
	}
	newest := c.repo.StatusesOf(at)
	state := "success"
	for _, status := range newest {
		switch {
		case status.State == "failure" || status.State == "error":
			state = "failure"
		case status.State == "pending" && state == "success":
			state = "pending"
		}
	}
	if len(newest) == 0 {
		state = "pending"
	}
	r := counted(c, "statuses", newest, func(status *model.CommitStatus) payload.Object {
		return c.payload.Status("simple-commit-status", status)
	})
	o := r.body.(payload.Object)
	o["state"], o["sha"], o["repository"] = state, at.String(), c.payload.Repository("minimal-repository", c.repo)
	o["url"], o["commit_url"] = c.payload.API("/repos/%s/commits/%s/status", c.repo.FullName(), at), c.payload.API("/repos/%s/commits/%s", c.repo.FullName(), at)
	return r
}
