package api

import (
	"cmp"
	"net/http"
	"slices"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

// GitHub's limits on answers to a deployment protection rule.
// https://docs.github.com/en/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
const (
	gateReports      = 10
	gateCommentLimit = 1024 // characters
)

func (c *call) getEnvironment() reply {
	for _, e := range c.repo.Environments {
		if e.Name == c.vars["environment_name"] {
			return answer(http.StatusOK, c.payload.Environment(c.repo, e))
		}
	}
	return notFound()
}

func (c *call) listEnvironments() reply {
	return counted(c, "environments", c.repo.Environments, func(e *model.Environment) payload.Object { return c.payload.Environment(c.repo, e) })
}

func (c *call) workflowRunIn() *model.WorkflowRun {
	run := c.github.WorkflowRuns[c.idIn("run_id")]
	if run == nil || run.Repo != c.repo {
		return nil
	}
	return run
}

func (c *call) getWorkflowRun() reply {
	run := c.workflowRunIn()
	if run == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.WorkflowRun(run))
}

// listWorkflowRuns lists a repository's runs, the newest first; status asks for those
// with it as their status or their conclusion.
func (c *call) listWorkflowRuns() reply {
	var found []*model.WorkflowRun
	for _, run := range c.github.WorkflowRuns {
		wanted := c.query("status")
		if run.Repo == c.repo && (wanted == "" || wanted == run.Status || wanted == run.Conclusion) &&
			(c.query("head_sha") == "" || c.query("head_sha") == run.Deployment.SHA.String()) {
			found = append(found, run)
		}
	}
	slices.SortFunc(found, func(a, b *model.WorkflowRun) int { return cmp.Compare(b.ID, a.ID) })
	return counted(c, "workflow_runs", found, c.payload.WorkflowRun)
}

// listProtectionRules lists the Apps whose rule an environment asks.
func (c *call) listProtectionRules() reply {
	for _, e := range c.repo.Environments {
		if e.Name != c.vars["environment_name"] {
			continue
		}
		rules := []any{}
		if e.Gated {
			rules = append(rules, payload.Object{"id": e.ID, "node_id": payload.NodeID(e.ID), "enabled": true, "app": payload.Object{
				"id": c.github.App.ID, "node_id": payload.NodeID(c.github.App.ID), "slug": c.github.App.Slug, "integration_url": c.payload.API("/apps/%s", c.github.App.Slug),
			}})
		}
		return answer(http.StatusOK, payload.Object{"total_count": len(rules), "custom_deployment_protection_rules": rules})
	}
	return notFound()
}

func (c *call) listPendingDeployments() reply {
	run := c.workflowRunIn()
	if run == nil {
		return notFound()
	}
	pending := []any{}
	if run.Status == "waiting" {
		e := c.repo.Environment(run.Deployment.Environment)
		pending = append(pending, payload.Object{
			"environment": payload.Object{"id": e.ID, "node_id": payload.NodeID(e.ID), "name": e.Name, "url": c.payload.API("/repos/%s/environments/%s", c.repo.FullName(), e.Name), "html_url": c.payload.Web("/%s/deployments", c.repo.FullName())},
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
	if run.Deployment.Environment != asked.Environment || run.Status != "waiting" {
		return refuse(http.StatusUnprocessableEntity, "No pending deployment requests for "+asked.Environment)
	}
	if len([]rune(asked.Comment)) > gateCommentLimit {
		return c.tooLong("DeploymentProtectionRule", "comment", gateCommentLimit)
	}
	reports := 0
	for _, review := range c.repo.Reviews {
		switch {
		case review.Run != run:
		case review.State == "":
			reports++
		default:
			return refuse(http.StatusUnprocessableEntity, "No pending deployment requests for "+asked.Environment)
		}
	}
	if asked.State == "" && reports == gateReports {
		c.Violate("actions/review-custom-gates-for-run: more than %d reports for one deployment", gateReports)
		return refuse(http.StatusUnprocessableEntity, "Too many status reports for this deployment.")
	}
	run.Review(asked.State, asked.Comment)
	return answer(http.StatusNoContent, nil)
}
