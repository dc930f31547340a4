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

// annotations stand on lines of files that the pull request changes, what blocks
// first. On day one only what to do next has one.
func (v *readinessView) annotations() []checks.Annotation {
	all := v.file.Annotations()
	add := func(level checks.AnnotationLevel, findings []readiness.Judged) {
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
		if slices.Contains(v.ChangedFiles, u.Place.File) {
			all = append(all, contracttext.ProblemAnnotation(contracts.Problem{Position: positionOf(u.Place), Message: u.Message, Hint: u.Hint}, checks.Warning, "Can't be read, so can't be judged"))
		}
	}
	return all
}

// annotation stands where the finding does, else on the component in the repository
// file; there is none where the pull request changes neither.
func (v *readinessView) annotation(f readiness.Judged, level checks.AnnotationLevel) (checks.Annotation, bool) {
	place, message := f.Place, []string{checks.Escape(f.Component, checks.InPlain) + ": " + checks.Sentence(checks.Escape(f.Message, checks.InPlain))}
	if !slices.Contains(v.ChangedFiles, place.File) {
		if place.File != "" {
			message = append(message, "It is about "+checks.Escape(positionOf(place).String(), checks.InPlain)+".")
		}
		place = v.components[f.Component].Declared.At
		if slices.Contains(v.Kept, f.Component) {
			place.Line, place.Column = 1, 0 // the line may be the base branch's
		}
		if !slices.Contains(v.ChangedFiles, place.File) {
			return checks.Annotation{}, false
		}
	}
	message = append(message, whyOf(f.Rule))
	if len(f.Mend) > 0 && !v.edits.alone(f.Mend[0]) {
		message = append(message, "", "What to put where stands in the details, together with the rest for the same lines.")
	} else if len(f.Mend) > 0 && strings.Count(f.Mend[0].Text, "\n") <= mostAnnotated && len(f.Mend[0].Text) <= longestSnippet {
		message = append(message, "", checks.UpperFirst(SnippetPlace(f.Mend[0]))+":\n"+strings.TrimRight(checks.PlainBlock(f.Mend[0].Text), "\n"))
	}
	title := f.Rule
	if rule, known := readiness.RuleOf(f.Rule); known {
		title = checks.UpperFirst(rule.Title) + " (" + rule.ID + ")"
	}
	line := max(place.Line, 1)
	return checks.Annotation{
		Path: place.File, StartLine: line, EndLine: line, StartColumn: place.Column, EndColumn: place.Column,
		Level: level, Title: checks.Escape(title, checks.InPlain), Message: strings.Join(message, "\n"),
	}, true
}
