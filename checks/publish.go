package checks

import (
	"context"
	"fmt"

	"plimsoll/contracts"
)

// whole is where the parts that GitHub's limits cut off can be seen.
func (r CheckRun) whole() string {
	if r.DetailsURL != "" {
		return "[The whole report](" + r.DetailsURL + ")."
	}
	if r.Name == ReadinessRun {
		return "`plimsoll check --readiness` prints all of it."
	}
	return "`plimsoll check --base A --head B` prints all of it."
}

// section is what a heading of the text begins.
func (r CheckRun) section() string {
	if r.Name == ReadinessRun {
		return "finding"
	}
	return "change"
}

// fitted brings every text within GitHub's limits. It changes nothing in a run
// that is within them.
func (r CheckRun) Fitted() CheckRun {
	rest := r.whole()
	r.Title = Fit(r.Title, Limit{Max: MaxTitle, Characters: true})
	r.Summary = Fit(r.Summary, Limit{Max: MaxSummaryBytes, rest: rest})
	r.Text = Fit(r.Text, Limit{Max: MaxTextBytes, rest: rest, section: r.section()})
	var kept []Annotation
	for _, a := range r.Annotations {
		if a.Path == "" || len(kept) == MaxAllAnnotations {
			continue
		}
		kept = append(kept, a.fitted())
	}
	r.Annotations = kept
	var actions []Action
	for _, a := range r.Actions[:min(len(r.Actions), MaxActions)] {
		actions = append(actions, Action{
			Label:       Fit(a.Label, Limit{Max: MaxActionLabel, Characters: true}),
			Description: Fit(a.Description, Limit{Max: MaxActionDescription, Characters: true}),
			Identifier:  a.Identifier,
		})
	}
	r.Actions = actions
	return r
}

func (a Annotation) fitted() Annotation {
	a.Title = Fit(a.Title, Limit{Max: MaxAnnotationTitle, Characters: true})
	a.Message = Fit(a.Message, Limit{Max: MaxAnnotationBytes})
	if a.Message == "" {
		a.Message = "(no message)" // GitHub refuses an empty one
	}
	a.StartLine = max(a.StartLine, 1)
	a.EndLine = max(a.EndLine, a.StartLine)
	if a.StartLine != a.EndLine || a.StartColumn < 1 || a.EndColumn < a.StartColumn {
		a.StartColumn, a.EndColumn = 0, 0
	}
	return a
}

// Publish sends a new check run: the verdict, the texts and the first annotations
// in one request, so that nothing that comes after can take the verdict away;
// further annotations follow. Where only those fail, the id is given with the error.
func Publish(ctx context.Context, runs Runs, repo contracts.RepositoryRef, run CheckRun) (id int64, err error) {
	run = run.Fitted()
	first, rest := run, run.Annotations
	first.Annotations, rest = batch(rest)
	id, err = runs.CreateCheckRun(ctx, repo, first)
	if err != nil {
		return 0, fmt.Errorf("create check run %s on %s@%s: %w", run.Name, repo.FullName(), run.HeadSHA, err)
	}
	return id, appendAnnotations(ctx, runs, repo, id, run, rest)
}

// Republish sends a verdict and texts again to a run that an earlier attempt has
// made. Its annotations are there or lost: GitHub appends, so that sending them
// again would show them twice.
func Republish(ctx context.Context, runs Runs, repo contracts.RepositoryRef, id int64, run CheckRun) (int64, error) {
	run = run.Fitted()
	run.Annotations = nil
	if err := runs.UpdateCheckRun(ctx, repo, id, run); err != nil {
		return id, fmt.Errorf("update check run %d (%s) on %s@%s: %w", id, run.Name, repo.FullName(), run.HeadSHA, err)
	}
	return id, nil
}

func appendAnnotations(ctx context.Context, runs Runs, repo contracts.RepositoryRef, id int64, run CheckRun, rest []Annotation) error {
	for len(rest) > 0 {
		next := run
		next.Annotations, rest = batch(rest)
		if err := runs.UpdateCheckRun(ctx, repo, id, next); err != nil {
			return fmt.Errorf("append annotations to check run %d (%s) on %s@%s: %w", id, run.Name, repo.FullName(), run.HeadSHA, err)
		}
	}
	return nil
}

func batch(all []Annotation) (first, rest []Annotation) {
	n := min(len(all), MaxAnnotations)
	return all[:n:n], all[n:]
}
