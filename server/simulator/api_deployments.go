package simulator

import (
	"cmp"
	"net/http"
	"slices"
)

// GitHub's limits on answers to a deployment protection rule.
// https://docs.github.com/en/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
const (
	gateReports      = 10
	gateCommentLimit = 1024 // characters
)

func (c *call) listDeployments() reply {
	found := slices.DeleteFunc(slices.Clone(c.repo.deployments), func(d *Deployment) bool {
		return c.query("sha") != "" && c.query("sha") != "none" && d.sha.String() != c.query("sha") ||
			c.query("ref") != "" && c.query("ref") != "none" && d.ref != c.query("ref") ||
			c.query("task") != "" && c.query("task") != "none" && d.task != c.query("task") ||
			c.query("environment") != "" && c.query("environment") != "none" && d.environment != c.query("environment")
	})
	slices.Reverse(found) // newest first
	return paged(c, found, c.deploymentJSON)
}

func (c *call) deploymentIn() *Deployment {
	id := c.idIn("deployment_id")
	for _, d := range c.repo.deployments {
		if d.id == id {
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
	return answer(http.StatusOK, c.deploymentJSON(d))
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
	sha, ok := c.repo.resolve(asked.Ref)
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No ref found for: "+asked.Ref)
	}
	head := c.repo.branches[c.repo.defaultBranch]
	if (asked.AutoMerge == nil || *asked.AutoMerge) && c.repo.git.mergeBase(head, sha) != head {
		tree, conflicts := c.repo.git.threeWay(c.repo.git.mergeBase(sha, head), sha, head)
		if _, isBranch := c.repo.branches[asked.Ref]; !isBranch || len(conflicts) > 0 {
			return refuse(http.StatusConflict, "Conflict merging "+c.repo.defaultBranch+" into "+asked.Ref+".")
		}
		merged := c.repo.git.writeCommit(tree, append(c.repo.git.mustCommit(sha).ParentHashes[:0:0], sha, head), c.app.bot, c.now(), "Auto-merge")
		c.repo.push(c.app.bot, asked.Ref, merged)
		return answer(http.StatusAccepted, object{"message": "Auto-merged " + c.repo.defaultBranch + " into " + asked.Ref + " on deployment."})
	}
	if asked.RequiredContexts == nil {
		for _, run := range c.repo.runsAt(sha, true) {
			if !slices.Contains([]string{"success", "neutral", "skipped"}, run.conclusion) {
				return refuse(http.StatusConflict, "Conflict: Commit status checks failed for "+asked.Ref+".")
			}
		}
	}
	d := c.repo.newDeployment(c.app.bot, cmp.Or(asked.Environment, "production"), asked.Ref, sha)
	d.byApp, d.task, d.transient = true, cmp.Or(asked.Task, "deploy"), asked.Transient
	d.production = d.environment == "production"
	if asked.Production != nil {
		d.production = *asked.Production
	}
	if asked.Description != nil {
		d.description = *asked.Description
	}
	if asked.Payload != nil {
		d.payload = asked.Payload
	}
	c.emit(c.repo, "deployment", "created", c.app.bot, object{"deployment": c.deploymentJSON(d), "workflow": nil, "workflow_run": nil})
	return answer(http.StatusCreated, c.deploymentJSON(d))
}

func (c *call) listDeploymentStatuses() reply {
	d := c.deploymentIn()
	if d == nil {
		return notFound()
	}
	statuses := slices.Clone(d.statuses)
	slices.Reverse(statuses) // newest first
	return paged(c, statuses, func(status *deploymentStatus) object { return c.deploymentStatusJSON(d, status) })
}

func (c *call) getDeploymentStatus() reply {
	if d := c.deploymentIn(); d != nil {
		for _, status := range d.statuses {
			if status.id == c.idIn("status_id") {
				return answer(http.StatusOK, c.deploymentStatusJSON(d, status))
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
	status := &deploymentStatus{
		state: asked.State, description: asked.Description, environment: asked.Environment,
		environmentURL: asked.EnvironmentURL, logURL: cmp.Or(asked.LogURL, asked.TargetURL), creator: c.app.bot, byApp: true,
	}
	c.addDeploymentStatus(d, status, asked.AutoInactive == nil || *asked.AutoInactive)
	return answer(http.StatusCreated, c.deploymentStatusJSON(d, status))
}

func (c *call) getEnvironment() reply {
	for _, e := range c.repo.environments {
		if e.name == c.vars["environment_name"] {
			return answer(http.StatusOK, c.environmentJSON(c.repo, e))
		}
	}
	return notFound()
}

func (c *call) listEnvironments() reply {
	return counted(c, "environments", c.repo.environments, func(e *environment) object { return c.environmentJSON(c.repo, e) })
}

func (c *call) workflowRunIn() *workflowRun {
	run := c.workflowRuns[c.idIn("run_id")]
	if run == nil || run.repo != c.repo {
		return nil
	}
	return run
}

func (c *call) getWorkflowRun() reply {
	run := c.workflowRunIn()
	if run == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.workflowRunJSON(run))
}

// listWorkflowRuns gives a repository's runs, the newest first; status asks for those
// with it as their status or their conclusion.
func (c *call) listWorkflowRuns() reply {
	var found []*workflowRun
	for _, run := range c.workflowRuns {
		wanted := c.query("status")
		if run.repo == c.repo && (wanted == "" || wanted == run.status || wanted == run.conclusion) &&
			(c.query("head_sha") == "" || c.query("head_sha") == run.deployment.sha.String()) {
			found = append(found, run)
		}
	}
	slices.SortFunc(found, func(a, b *workflowRun) int { return cmp.Compare(b.id, a.id) })
	return counted(c, "workflow_runs", found, c.workflowRunJSON)
}

// listProtectionRules gives the Apps whose rule an environment asks.
func (c *call) listProtectionRules() reply {
	for _, e := range c.repo.environments {
		if e.name != c.vars["environment_name"] {
			continue
		}
		rules := []any{}
		if e.gated {
			rules = append(rules, object{"id": e.id, "node_id": nodeID(e.id), "enabled": true, "app": object{
				"id": c.app.id, "node_id": nodeID(c.app.id), "slug": c.app.slug, "integration_url": c.api("/apps/%s", c.app.slug),
			}})
		}
		return answer(http.StatusOK, object{"total_count": len(rules), "custom_deployment_protection_rules": rules})
	}
	return notFound()
}

func (c *call) listPendingDeployments() reply {
	run := c.workflowRunIn()
	if run == nil {
		return notFound()
	}
	pending := []any{}
	if run.status == "waiting" {
		e := c.repo.environment(run.deployment.environment)
		pending = append(pending, object{
			"environment": object{"id": e.id, "node_id": nodeID(e.id), "name": e.name, "url": c.api("/repos/%s/environments/%s", c.repo.fullName(), e.name), "html_url": c.web("/%s/deployments", c.repo.fullName())},
			"wait_timer":  0, "wait_timer_started_at": nil, "current_user_can_approve": false, "reviewers": []any{},
		})
	}
	return answer(http.StatusOK, pending)
}

// reviewGate takes the App's answer to the protection rule, or its report.
func (c *call) reviewGate() reply {
	run := c.workflowRunIn()
	if run == nil {
		return notFound()
	}
	asked := decode[struct {
		Environment string `json:"environment_name"`
		State       string `json:"state"`
		Comment     string `json:"comment"`
	}](c)
	if run.deployment.environment != asked.Environment || run.status != "waiting" {
		return refuse(http.StatusUnprocessableEntity, "No pending deployment requests for "+asked.Environment)
	}
	if len([]rune(asked.Comment)) > gateCommentLimit {
		return c.tooLong("DeploymentProtectionRule", "comment", gateCommentLimit)
	}
	reports := 0
	for _, review := range c.repo.reviews {
		switch {
		case review.run != run:
		case review.state == "":
			reports++
		default:
			return refuse(http.StatusUnprocessableEntity, "No pending deployment requests for "+asked.Environment)
		}
	}
	if asked.State == "" && reports == gateReports {
		c.violate("actions/review-custom-gates-for-run: more than %d reports for one deployment", gateReports)
		return refuse(http.StatusUnprocessableEntity, "Too many status reports for this deployment.")
	}
	c.repo.reviews = append(c.repo.reviews, gateReview{run, asked.Environment, asked.State, asked.Comment})
	switch asked.State {
	case "approved":
		if !c.repo.environment(asked.Environment).reviewed {
			run.status = "in_progress"
		}
	case "rejected":
		run.status, run.conclusion = "completed", "failure"
	}
	return answer(http.StatusNoContent, nil)
}
