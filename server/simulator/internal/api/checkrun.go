package api

import (
	"fmt"
	"time"

	"plimsoll/server/simulator/internal/model"
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
		Title       *string            `json:"title"`
		Summary     string             `json:"summary"`
		Text        *string            `json:"text"`
		Annotations []model.Annotation `json:"annotations"`
	} `json:"output"`
	Actions []model.Action `json:"actions"`
}

// apply changes a run as asked; annotations are appended.
func (asked askedRun) apply(run *model.CheckRun, now time.Time) {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&run.Name, asked.Name)
	set(&run.DetailsURL, asked.DetailsURL)
	set(&run.ExternalID, asked.ExternalID)
	set(&run.Status, asked.Status)
	if asked.StartedAt != nil {
		run.Started = asked.StartedAt
	}
	if asked.Conclusion != nil { // a conclusion completes the run
		run.Status, run.Conclusion = "completed", *asked.Conclusion
		run.Completed = &now
	}
	if asked.CompletedAt != nil {
		run.Completed = asked.CompletedAt
	}
	if asked.Output != nil {
		run.HasOutput = true
		set(&run.Title, asked.Output.Title)
		run.Summary = asked.Output.Summary
		set(&run.Text, asked.Output.Text)
		run.Annotations = append(run.Annotations, asked.Output.Annotations...)
	}
	if asked.Actions != nil {
		run.Actions = asked.Actions
	}
}

// checkRun refuses what GitHub refuses beyond its description.
func (c *call) checkRun(asked askedRun) *reply {
	wrong := func(field, format string, args ...any) *reply {
		message := fmt.Sprintf(format, args...)
		c.Violate("%s: %s: %s", c.asked.ID, field, message)
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
