package readinesstext

import (
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/config"
	"plimsoll/contracts"
)

// mostAnnotated is how many lines of a snippet an annotation shows.
const mostAnnotated = 20

func positionOf(p config.Position) contracts.Position { return contracts.Position(p) }

// annotations are on lines of files that the pull request changes, what blocks first. On
// day one only the next steps have one.
func (v *readinessView) annotations() []checks.Annotation {
	all := v.file.Annotations()
	add := func(level checks.AnnotationLevel, findings []readiness.Compared) {
		for _, f := range findings {
			if a, ok := v.annotation(f, level); ok {
				all = append(all, a)
			}
		}
	}
	if v.Report.Enrolling {
		for _, group := range v.next() {
			add(checks.Notice, group)
		}
	} else {
		add(checks.Fail, v.blocking)
		add(checks.Warning, v.added)
	}
	for _, u := range v.Report.Unread {
		if slices.Contains(v.ChangedFiles, u.Position.File) {
			all = append(all, contracttext.ProblemAnnotation(contracts.Problem{Position: positionOf(u.Position), Message: u.Message, Hint: u.Hint}, checks.Warning, "Could not read this file"))
		}
	}
	return all
}

// annotation is on the line of the finding, else on the component in the repository file.
// There is none if the pull request changes neither file.
func (v *readinessView) annotation(f readiness.Compared, level checks.AnnotationLevel) (checks.Annotation, bool) {
	position, message := f.Position, []string{checks.Escape(f.Component, checks.InPlain) + ": " + checks.Sentence(checks.Escape(f.Message, checks.InPlain))}
	if !slices.Contains(v.ChangedFiles, position.File) {
		if position.File != "" {
			message = append(message, "See "+checks.Escape(positionOf(position).String(), checks.InPlain)+".")
		}
		position = v.components[f.Component].Declared.At
		if slices.Contains(v.Kept, f.Component) {
			position.Line, position.Column = 1, 0 // the line may be the base branch's
		}
		if !slices.Contains(v.ChangedFiles, position.File) {
			return checks.Annotation{}, false
		}
	}
	message = append(message, whyOf(f.Rule))
	if len(f.Fix) > 0 && !v.edits.alone(f.Fix[0]) {
		message = append(message, "", "The check run has the fix, with the others for the same lines.")
	} else if len(f.Fix) > 0 && strings.Count(f.Fix[0].Text, "\n") <= mostAnnotated && len(f.Fix[0].Text) <= longestSnippet {
		message = append(message, "", checks.UpperFirst(SnippetPosition(f.Fix[0]))+":\n"+strings.TrimRight(checks.PlainBlock(f.Fix[0].Text), "\n"))
	}
	title := f.Rule
	if rule, known := readiness.RuleOf(f.Rule); known {
		title = checks.UpperFirst(rule.Title) + " (" + rule.ID + ")"
	}
	line := max(position.Line, 1)
	return checks.Annotation{
		Path: position.File, StartLine: line, EndLine: line, StartColumn: position.Column, EndColumn: position.Column,
		Level: level, Title: checks.Escape(title, checks.InPlain), Message: strings.Join(message, "\n"),
	}, true
}
