package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// GitHub's limits on check runs that its description does not state, in bytes.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
const (
	outputLimit          = 65_535   // summary and text, each
	annotationLimit      = 64 << 10 // message and raw_details, each
	annotationTitleLimit = 255      // characters
)

// askedRun is the body of creating or updating a check run.
type askedRun struct {
	Name        *string    `json:"name"`
	HeadSHA     string     `json:"head_sha"`
	DetailsURL  *string    `json:"details_url"`
	ExternalID  *string    `json:"external_id"`
	Status      *string    `json:"status"`
	StartedAt   *time.Time `json:"started_at"`
	Conclusion  *string    `json:"conclusion"`
	CompletedAt *time.Time `json:"completed_at"`
	Output      *struct {
		Title       *string      `json:"title"`
		Summary     string       `json:"summary"`
		Text        *string      `json:"text"`
		Annotations []annotation `json:"annotations"`
	} `json:"output"`
	Actions []action `json:"actions"`
}

func (c *call) createRun() reply {
	asked := decode[askedRun](c)
	sha := plumbing.NewHash(asked.HeadSHA)
	if _, err := c.repo.git.commit(sha); err != nil || !plumbing.IsHash(asked.HeadSHA) {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+asked.HeadSHA)
	}
	if refused := c.checkRun(asked); refused != nil {
		return *refused
	}
	suite := c.repo.suite(c.app, sha, c.repo.branchAt(sha))
	now := c.now()
	run := &checkRun{id: c.Simulator.id("run"), suite: suite, status: "queued", started: &now}
	run.apply(asked, now)
	c.addRun(run, c.app.bot)
	return answer(http.StatusCreated, c.runJSON(run))
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
	was := run.status
	if was == "completed" && asked.Status != nil && *asked.Status != "completed" {
		c.violate("checks/update: run %d (%s) is completed and cannot be reopened", run.id, run.name)
		return refuse(http.StatusUnprocessableEntity, "A completed check run cannot be reopened: create a new one.")
	}
	run.apply(asked, c.now())
	run.updates++
	run.suite.updated = c.now()
	if was != "completed" && run.status == "completed" {
		c.emitRun(run, "completed", c.app.bot, nil)
	}
	return answer(http.StatusOK, c.runJSON(run))
}

// apply takes over what is given; annotations are appended.
func (run *checkRun) apply(asked askedRun, now time.Time) {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&run.name, asked.Name)
	set(&run.detailsURL, asked.DetailsURL)
	set(&run.externalID, asked.ExternalID)
	set(&run.status, asked.Status)
	if asked.StartedAt != nil {
		run.started = asked.StartedAt
	}
	if asked.Conclusion != nil { // a conclusion completes the run
		run.status, run.conclusion = "completed", *asked.Conclusion
		run.completed = &now
	}
	if asked.CompletedAt != nil {
		run.completed = asked.CompletedAt
	}
	if asked.Output != nil {
		run.hasOutput = true
		set(&run.title, asked.Output.Title)
		run.summary = asked.Output.Summary
		set(&run.text, asked.Output.Text)
		run.annotations = append(run.annotations, asked.Output.Annotations...)
	}
	if asked.Actions != nil {
		run.actions = asked.Actions
	}
}

// checkRun refuses what GitHub refuses beyond its description.
func (c *call) checkRun(asked askedRun) *reply {
	wrong := func(field, format string, args ...any) *reply {
		message := fmt.Sprintf(format, args...)
		c.violate("%s: %s: %s", c.route.Operation.OperationID, field, message)
		return refusal(invalid("CheckRun", field, "custom", message))
	}
	if asked.Name != nil && *asked.Name == "" {
		return wrong("name", "name is empty")
	}
	if asked.Status != nil && *asked.Status == "completed" && asked.Conclusion == nil {
		return wrong("conclusion", "a completed run needs a conclusion")
	}
	if asked.Conclusion != nil && *asked.Conclusion == "stale" {
		return wrong("conclusion", "only GitHub sets stale")
	}
	if asked.Output == nil {
		return nil
	}
	if asked.Output.Title == nil || *asked.Output.Title == "" {
		return wrong("output.title", "an output needs a title")
	}
	if len(asked.Output.Summary) > outputLimit {
		return wrong("output.summary", "%d bytes, at most %d", len(asked.Output.Summary), outputLimit)
	}
	if asked.Output.Text != nil && len(*asked.Output.Text) > outputLimit {
		return wrong("output.text", "%d bytes, at most %d", len(*asked.Output.Text), outputLimit)
	}
	for i, a := range asked.Output.Annotations {
		field := fmt.Sprintf("output.annotations[%d]", i)
		switch {
		case a.Path == "" || a.Path[0] == '/':
			return wrong(field, "path %q is no path of the repository", a.Path)
		case a.StartLine < 1 || a.EndLine < a.StartLine:
			return wrong(field, "lines %d to %d", a.StartLine, a.EndLine)
		case a.StartLine != a.EndLine && (a.StartColumn != nil || a.EndColumn != nil):
			return wrong(field, "columns stand only where start_line is end_line")
		case a.StartColumn != nil && a.EndColumn != nil && *a.EndColumn < *a.StartColumn:
			return wrong(field, "columns %d to %d", *a.StartColumn, *a.EndColumn)
		case a.Message == "" || len(a.Message) > annotationLimit:
			return wrong(field, "message of %d bytes, 1 to %d are allowed", len(a.Message), annotationLimit)
		case a.Title != nil && len([]rune(*a.Title)) > annotationTitleLimit:
			return wrong(field, "title of %d characters, at most %d", len([]rune(*a.Title)), annotationTitleLimit)
		case a.RawDetails != nil && len(*a.RawDetails) > annotationLimit:
			return wrong(field, "raw_details of %d bytes, at most %d", len(*a.RawDetails), annotationLimit)
		}
	}
	return nil
}

func (c *call) runIn() *checkRun {
	run := c.runs[c.idIn("check_run_id")]
	if run == nil || run.suite.repo != c.repo {
		return nil
	}
	return run
}

func (c *call) getRun() reply {
	run := c.runIn()
	if run == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.runJSON(run))
}

func (c *call) listAnnotations() reply {
	run := c.runIn()
	if run == nil {
		return notFound()
	}
	return paged(c, run.annotations, func(a annotation) object { return c.annotationJSON(run, a) })
}

func (c *call) listRuns() reply {
	at, ok := c.repo.resolve(c.vars["ref"])
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["ref"])
	}
	return c.runsOf(c.repo.runsAt(at, c.query("filter") != "all"))
}

func (c *call) listSuiteRuns() reply {
	suite := c.suites[c.idIn("check_suite_id")]
	if suite == nil || suite.repo != c.repo {
		return notFound()
	}
	if c.query("filter") == "all" {
		return c.runsOf(suite.runs)
	}
	return c.runsOf(suite.latest())
}

// runsOf answers with those of the runs that the query asks for, newest first.
func (c *call) runsOf(runs []*checkRun) reply {
	runs = slices.DeleteFunc(slices.Clone(runs), func(run *checkRun) bool {
		return c.query("check_name") != "" && run.name != c.query("check_name") ||
			c.query("status") != "" && run.status != c.query("status") ||
			c.asksOther(run.suite.app)
	})
	slices.SortFunc(runs, func(a, b *checkRun) int { return cmp.Compare(b.id, a.id) })
	return counted(c, "check_runs", runs, c.runJSON)
}

func (c *call) getSuite() reply {
	suite := c.suites[c.idIn("check_suite_id")]
	if suite == nil || suite.repo != c.repo {
		return notFound()
	}
	return answer(http.StatusOK, c.suiteJSON(suite))
}

func (c *call) listSuites() reply {
	at, ok := c.repo.resolve(c.vars["ref"])
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["ref"])
	}
	suites := slices.DeleteFunc(slices.Clone(c.repo.suites[at]), func(suite *CheckSuite) bool {
		named := func(run *checkRun) bool { return run.name == c.query("check_name") }
		return c.asksOther(suite.app) || c.query("check_name") != "" && !slices.ContainsFunc(suite.runs, named)
	})
	return counted(c, "check_suites", suites, c.suiteJSON)
}

// asksOther reports whether the query asks for another App than a.
func (c *call) asksOther(a *app) bool {
	return c.query("app_id") != "" && c.query("app_id") != strconv.FormatInt(a.id, 10)
}

// ownRun refuses to change a check run of another App.
func (c *call) ownRun(run *checkRun, what string) *reply {
	if run.suite.app == c.app {
		return nil
	}
	c.violate("%s: run %d (%s) belongs to %s", c.route.Operation.OperationID, run.id, run.name, run.suite.app.slug)
	return refusal(refuse(http.StatusForbidden, fmt.Sprintf("Invalid app_id `%d` - check run can only be %s by the GitHub App that created it.", c.app.id, what)))
}

func (c *call) rerequestRun() reply {
	run := c.runIn()
	if run == nil {
		return notFound()
	}
	if refused := c.ownRun(run, "rerequested"); refused != nil {
		return *refused
	}
	c.emitRun(run, "rerequested", c.app.bot, nil)
	return answer(http.StatusCreated, object{})
}
