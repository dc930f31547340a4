package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

func (c *call) listDeployments() reply {
	found := slices.DeleteFunc(slices.Clone(c.repo.Deployments), func(d *model.Deployment) bool {
		return c.query("sha") != "" && c.query("sha") != "none" && d.SHA.String() != c.query("sha") ||
			c.query("ref") != "" && c.query("ref") != "none" && d.Ref != c.query("ref") ||
			c.query("task") != "" && c.query("task") != "none" && d.Task != c.query("task") ||
			c.query("environment") != "" && c.query("environment") != "none" && d.Environment != c.query("environment")
	})
	slices.Reverse(found) // newest first
	return paged(c, found, c.payload.Deployment)
}

func (c *call) deploymentIn() *model.Deployment {
	id := c.idIn("deployment_id")
	for _, d := range c.repo.Deployments {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func (c *call) getDeployment() reply {
	d := c.deploymentIn()
	if d == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.Deployment(d))
}

// createDeployment makes a deployment as the App. With auto_merge (the default) a
// ref behind the default branch is merged first and the answer is 202; with
// required_contexts left out every check of the commit must have succeeded.
func (c *call) createDeployment() reply {
	asked := decode[struct {
		Ref              string    `json:"ref"`
		Task             string    `json:"task"`
		AutoMerge        *bool     `json:"auto_merge"`
		RequiredContexts *[]string `json:"required_contexts"`
		Payload          any       `json:"payload"`
		Environment      string    `json:"environment"`
		Description      *string   `json:"description"`
		Transient        bool      `json:"transient_environment"`
		Production       *bool     `json:"production_environment"`
	}](c)
	sha, ok := c.repo.Resolve(asked.Ref)
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No ref found for: "+asked.Ref)
	}
	head := c.repo.Branches[c.repo.DefaultBranch]
	if (asked.AutoMerge == nil || *asked.AutoMerge) && c.repo.Git.MergeBase(head, sha) != head {
		tree, conflicts := c.repo.Git.ThreeWay(c.repo.Git.MergeBase(sha, head), sha, head)
		if _, isBranch := c.repo.Branches[asked.Ref]; !isBranch || len(conflicts) > 0 {
			return refuse(http.StatusConflict, "Conflict merging "+c.repo.DefaultBranch+" into "+asked.Ref+".")
		}
		merged := c.repo.Git.WriteCommit(tree, []plumbing.Hash{sha, head}, c.github.App.Bot.Login, c.github.Now(), "Auto-merge")
		c.repo.Push(c.github.App.Bot, asked.Ref, merged)
		return answer(http.StatusAccepted, payload.Object{"message": "Auto-merged " + c.repo.DefaultBranch + " into " + asked.Ref + " on deployment."})
	}
	if asked.RequiredContexts == nil {
		for _, run := range c.repo.RunsAt(sha, true) {
			if !slices.Contains([]string{"success", "neutral", "skipped"}, run.Conclusion) {
				return refuse(http.StatusConflict, "Conflict: Commit status checks failed for "+asked.Ref+".")
			}
		}
	}
	d := c.repo.AddDeployment(c.github.App.Bot, cmp.Or(asked.Environment, "production"), asked.Ref, sha)
	d.ByApp, d.Task, d.Transient = true, cmp.Or(asked.Task, "deploy"), asked.Transient
	d.Production = d.Environment == "production"
	if asked.Production != nil {
		d.Production = *asked.Production
	}
	if asked.Description != nil {
		d.Description = *asked.Description
	}
	if asked.Payload != nil {
		d.Payload = asked.Payload
	}
	d.EmitCreated()
	return answer(http.StatusCreated, c.payload.Deployment(d))
}

func (c *call) listDeploymentStatuses() reply {
	d := c.deploymentIn()
	if d == nil {
		return notFound()
	}
	statuses := slices.Clone(d.Statuses)
	slices.Reverse(statuses) // newest first
	return paged(c, statuses, c.payload.DeploymentStatus)
}

func (c *call) getDeploymentStatus() reply {
	if d := c.deploymentIn(); d != nil {
		for _, status := range d.Statuses {
			if status.ID == c.idIn("status_id") {
				return answer(http.StatusOK, c.payload.DeploymentStatus(status))
			}
		}
	}
	return notFound()
}

func (c *call) createDeploymentStatus() reply {
	d := c.deploymentIn()
	if d == nil {
		return notFound()
	}
	asked := decode[struct {
		State          string `json:"state"`
		Description    string `json:"description"`
		Environment    string `json:"environment"`
		EnvironmentURL string `json:"environment_url"`
		LogURL         string `json:"log_url"`
		TargetURL      string `json:"target_url"`
		AutoInactive   *bool  `json:"auto_inactive"`
	}](c)
	if len(asked.Description) > descriptionLimit {
		return c.tooLong("DeploymentStatus", "description", descriptionLimit)
	}
	status := &model.DeploymentStatus{
		State: asked.State, Description: asked.Description, Environment: asked.Environment,
		EnvironmentURL: asked.EnvironmentURL, LogURL: cmp.Or(asked.LogURL, asked.TargetURL), Creator: c.github.App.Bot, ByApp: true,
	}
	d.AddStatus(status, asked.AutoInactive == nil || *asked.AutoInactive)
	return answer(http.StatusCreated, c.payload.DeploymentStatus(status))
}
