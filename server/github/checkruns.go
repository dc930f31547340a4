package github

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/checks"
	"plimsoll/contracts"
)

var _ checks.Runs = (*Clients)(nil)

// CreateCheckRun sends one POST. A run without a conclusion is in progress.
func (c *Clients) CreateCheckRun(ctx context.Context, repo contracts.RepositoryRef, run checks.CheckRun) (int64, error) {
	fail := func(err error) (int64, error) {
		return 0, fmt.Errorf("create check run %s on %s@%s: %w", run.Name, repo.FullName(), run.HeadSHA, err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	status, conclusion := statusOf(run)
	made, _, err := client.Checks.CreateCheckRun(ctx, repo.Owner, repo.Name, gh.CreateCheckRunOptions{
		Name: run.Name, HeadSHA: run.HeadSHA,
		DetailsURL: optional(run.DetailsURL), ExternalID: optional(run.ExternalID),
		Status: status, Conclusion: conclusion,
		Output: outputOf(run), Actions: actionsOf(run),
	})
	if err := c.failure(ctx, err); err != nil {
		return fail(err)
	}
	if made.GetID() == 0 {
		return fail(incomplete("check run"))
	}
	return made.GetID(), nil
}

// UpdateCheckRun sends one PATCH, always with the name (see v60.go). If the run does not
// exist, the error wraps [fs.ErrNotExist].
func (c *Clients) UpdateCheckRun(ctx context.Context, repo contracts.RepositoryRef, id int64, run checks.CheckRun) error {
	client, err := c.forRepository(repo)
	if err == nil {
		err = c.patchCheckRun(ctx, client, repo, id, run)
	}
	if err != nil {
		return NotExist(fmt.Errorf("update check run %d (%s) of %s: %w", id, run.Name, repo.FullName(), err))
	}
	return nil
}

// RunState is the state of a check run.
type RunState struct {
	ID         int64
	Name       string
	HeadSHA    string
	ExternalID string
	Status     string // queued, in_progress, completed
	Conclusion checks.Conclusion
}

// OwnCheckRuns lists all check runs that this App made on a commit, the newest first, and
// not only the newest of each name: two pull requests may have the same head, and each
// has its run, distinguished by ExternalID.
func (c *Clients) OwnCheckRuns(ctx context.Context, repo contracts.RepositoryRef, ref string) ([]RunState, error) {
	fail := func(err error) ([]RunState, error) {
		return nil, fmt.Errorf("list check runs of %s@%s: %w", repo.FullName(), ref, err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	if !IsSHA(ref) {
		return fail(&Error{Class: ClassPermanent, Message: fmt.Sprintf("%q is no full commit SHA", ref)})
	}
	var own []RunState
	options := &gh.ListCheckRunsOptions{AppID: &c.config.AppID, Filter: gh.String("all"),
		ListOptions: gh.ListOptions{Page: 1, PerPage: perPage}}
	for options.Page != 0 {
		page, res, err := client.Checks.ListCheckRunsForRef(ctx, repo.Owner, repo.Name, ref, options)
		if err := c.failure(ctx, err); err != nil {
			return fail(err)
		}
		for _, run := range page.CheckRuns {
			// The filter asks for this. It is checked, because another App's run must never
			// be taken for ours.
			if run.GetApp().GetID() != c.config.AppID {
				continue
			}
			own = append(own, RunState{
				ID: run.GetID(), Name: run.GetName(), HeadSHA: run.GetHeadSHA(), ExternalID: run.GetExternalID(),
				Status: run.GetStatus(), Conclusion: checks.Conclusion(run.GetConclusion()),
			})
		}
		options.Page = nextPage(options.Page, res)
	}
	slices.SortFunc(own, func(a, b RunState) int { return cmp.Compare(b.ID, a.ID) })
	return own, nil
}

// FindCheckRun returns the id of this App's newest run of a name and external id on a
// commit, 0 without one.
func (c *Clients) FindCheckRun(ctx context.Context, repo contracts.RepositoryRef, head, name, externalID string) (int64, error) {
	runs, err := c.OwnCheckRuns(ctx, repo, head)
	for _, run := range runs {
		if run.Name == name && run.ExternalID == externalID {
			return run.ID, nil
		}
	}
	return 0, err
}

// ExternalIDs returns those of this App's runs of a name on a commit, the newest first.
func (c *Clients) ExternalIDs(ctx context.Context, repo contracts.RepositoryRef, head, name string) ([]string, error) {
	runs, err := c.OwnCheckRuns(ctx, repo, head)
	var ids []string
	for _, run := range runs {
		if run.Name == name {
			ids = append(ids, run.ExternalID)
		}
	}
	return ids, err
}

func statusOf(run checks.CheckRun) (status, conclusion *string) {
	if run.Conclusion == checks.InProgress {
		return gh.String("in_progress"), nil
	}
	return gh.String("completed"), gh.String(string(run.Conclusion))
}

func outputOf(run checks.CheckRun) *gh.CheckRunOutput {
	if run.Title == "" && run.Summary == "" && run.Text == "" && len(run.Annotations) == 0 {
		return nil
	}
	output := &gh.CheckRunOutput{Title: &run.Title, Summary: &run.Summary, Text: optional(run.Text)}
	for _, a := range run.Annotations {
		annotation := &gh.CheckRunAnnotation{
			Path: &a.Path, StartLine: &a.StartLine, EndLine: &a.EndLine,
			AnnotationLevel: gh.String(string(a.Level)), Title: optional(a.Title), Message: &a.Message,
		}
		if a.StartLine == a.EndLine && a.StartColumn > 0 {
			annotation.StartColumn = &a.StartColumn
			if a.EndColumn > 0 {
				annotation.EndColumn = &a.EndColumn
			}
		}
		output.Annotations = append(output.Annotations, annotation)
	}
	return output
}

func actionsOf(run checks.CheckRun) []*gh.CheckRunAction {
	var actions []*gh.CheckRunAction
	for _, a := range run.Actions {
		actions = append(actions, &gh.CheckRunAction{Label: a.Label, Description: a.Description, Identifier: a.Identifier})
	}
	return actions
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
