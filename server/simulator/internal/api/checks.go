package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

func (c *call) createRun() reply {
	asked := decode[askedRun](c)
	sha := plumbing.NewHash(asked.HeadSHA)
	if _, err := c.repo.Git.Commit(sha); err != nil || !plumbing.IsHash(asked.HeadSHA) {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+asked.HeadSHA)
	}
	if refused := c.checkRun(asked); refused != nil {
		return *refused
	}
	now := c.github.Now()
	run := &model.CheckRun{ID: c.github.NextID("run"), Status: "queued", Started: &now}
	asked.apply(run, now)
	c.repo.Suite(c.github.App, sha, c.repo.BranchAt(sha)).Add(run, c.github.App.Bot)
	return answer(http.StatusCreated, c.payload.CheckRun(run))
}

func (c *call) updateRun() reply {
	run := c.runIn()
	if run == nil {
		return notFound()
	}
	if refused := c.ownRun(run, "modified"); refused != nil {
		return *refused
	}
	asked := decode[askedRun](c)
	if refused := c.checkRun(asked); refused != nil {
		return *refused
	}
	was := run.Status
	if was == "completed" && asked.Status != nil && *asked.Status != "completed" {
		c.Violate("checks/update: run %d (%s) is completed and cannot be reopened", run.ID, run.Name)
		return refuse(http.StatusUnprocessableEntity, "A completed check run cannot be reopened: create a new one.")
	}
	asked.apply(run, c.github.Now())
	run.Suite.Updated, run.Suite.Rerequested = c.github.Now(), false
	if was != "completed" && run.Status == "completed" {
		run.Complete()
	}
	return answer(http.StatusOK, c.payload.CheckRun(run))
}

func (c *call) runIn() *model.CheckRun {
	run := c.github.CheckRuns[c.idIn("check_run_id")]
	if run == nil || run.Suite.Repo != c.repo {
		return nil
	}
	return run
}

func (c *call) getRun() reply {
	run := c.runIn()
	if run == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.CheckRun(run))
}

func (c *call) listAnnotations() reply {
	run := c.runIn()
	if run == nil {
		return notFound()
	}
	return paged(c, run.Annotations, func(a model.Annotation) payload.Object { return c.payload.Annotation(run, a) })
}

func (c *call) listRuns() reply {
	at, ok := c.repo.Resolve(c.vars["ref"])
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["ref"])
	}
	return c.runsOf(c.repo.RunsAt(at, c.query("filter") != "all"))
}

func (c *call) listSuiteRuns() reply {
	suite := c.github.CheckSuites[c.idIn("check_suite_id")]
	if suite == nil || suite.Repo != c.repo {
		return notFound()
	}
	if c.query("filter") == "all" {
		return c.runsOf(suite.Runs)
	}
	return c.runsOf(suite.Latest())
}

// runsOf answers with those of the runs that the query asks for, newest first.
func (c *call) runsOf(runs []*model.CheckRun) reply {
	runs = slices.DeleteFunc(slices.Clone(runs), func(run *model.CheckRun) bool {
		return c.query("check_name") != "" && run.Name != c.query("check_name") ||
			c.query("status") != "" && run.Status != c.query("status") ||
			c.asksOther(run.Suite.App)
	})
	slices.SortFunc(runs, func(a, b *model.CheckRun) int { return cmp.Compare(b.ID, a.ID) })
	return counted(c, "check_runs", runs, c.payload.CheckRun)
}

func (c *call) getSuite() reply {
	suite := c.github.CheckSuites[c.idIn("check_suite_id")]
	if suite == nil || suite.Repo != c.repo {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.CheckSuite(suite))
}

func (c *call) listSuites() reply {
	at, ok := c.repo.Resolve(c.vars["ref"])
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["ref"])
	}
	suites := slices.DeleteFunc(slices.Clone(c.repo.Suites[at]), func(suite *model.CheckSuite) bool {
		named := func(run *model.CheckRun) bool { return run.Name == c.query("check_name") }
		return c.asksOther(suite.App) || c.query("check_name") != "" && !slices.ContainsFunc(suite.Runs, named)
	})
	return counted(c, "check_suites", suites, c.payload.CheckSuite)
}

// asksOther reports whether the query asks for another App than a.
func (c *call) asksOther(a *model.App) bool {
	return c.query("app_id") != "" && c.query("app_id") != strconv.FormatInt(a.ID, 10)
}

// ownRun refuses to change a check run of another App.
func (c *call) ownRun(run *model.CheckRun, what string) *reply {
	if run.Suite.App == c.github.App {
		return nil
	}
	c.Violate("%s: run %d (%s) belongs to %s", c.asked.ID, run.ID, run.Name, run.Suite.App.Slug)
	return refusal(refuse(http.StatusForbidden, fmt.Sprintf("Invalid app_id `%d` - check run can only be %s by the GitHub App that created it.", c.github.App.ID, what)))
}

func (c *call) rerequestRun() reply {
	run := c.runIn()
	if run == nil {
		return notFound()
	}
	if refused := c.ownRun(run, "rerequested"); refused != nil {
		return *refused
	}
	run.Rerequest(c.github.App.Bot)
	return answer(http.StatusCreated, payload.Object{})
}
