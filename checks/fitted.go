package checks

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

// Fitted brings every text within GitHub's limits. It changes nothing in a run
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
