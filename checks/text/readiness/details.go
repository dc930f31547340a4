package readinesstext

import (
	"fmt"
	"path"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
)

// longestSnippet bounds one snippet, in bytes: what is longer is a file of its own.
const longestSnippet = 8 * 1024

// text gives everything to paste, then every finding, the gravest first.
func (v *readinessView) text() string {
	sections := v.togetherSections()
	size := 0
	for _, section := range sections {
		size += len(section)
	}
	if len(sections) > 0 {
		sections = append(sections, "## What was found")
	}
	shown := map[readiness.Snippet]bool{}
	for _, findings := range [][]readiness.Compared{v.blocking, v.added, v.old, v.waivedFindings()} {
		for _, f := range findings {
			// What cannot be shown anyhow is not written, but for the heading: fit counts
			// those that it leaves out.
			section := v.findingHeading(f)
			if size < checks.MaxTextBytes {
				section = v.findingDetails(f, shown)
			}
			size += len(section)
			sections = append(sections, section)
		}
	}
	if len(sections) == 0 {
		return ""
	}
	return checks.Paragraphs(sections...)
}

func (v *readinessView) waivedFindings() (waived []readiness.Compared) {
	for _, c := range v.Report.Components {
		for _, f := range c.Findings {
			if f.Waiver != nil {
				waived = append(waived, f)
			}
		}
	}
	return waived
}

func (v *readinessView) findingHeading(f readiness.Compared) string {
	mark := ""
	switch {
	case f.Blocks:
		mark = checks.MarkBad + " "
	case f.New && f.Waiver == nil && !v.Report.Enrolling:
		mark = checks.MarkWarn + " "
	}
	return "### " + mark + ruleWords(f.Rule, false) + ": " + checks.Code(f.Component)
}

// findingDetails: what was found where, why it matters, what comes of it, and what
// belongs where as far as that is not among everything that is pasted at once. A
// snippet that was shown already is not shown again.
func (v *readinessView) findingDetails(f readiness.Compared, shown map[readiness.Snippet]bool) string {
	text := ""
	if f.Position.File != "" {
		text = v.positionWords(f.Position) + ": "
	}
	text += checks.Sentence(checks.Marked(f.Message, checks.InCode)) + " " + checks.Escape(whyOf(f.Rule), checks.InProse)
	if why := v.whyNotBlocking(f); why != "" {
		text += " " + why
	}
	sections := []string{v.findingHeading(f), text}
	if len(f.Fix) == 0 {
		sections = append(sections, "There is nothing to paste for this one. Fix it in place.")
	}
	for _, s := range f.Fix {
		if _, together := v.edits.by[s]; together {
			continue
		}
		if shown[s] {
			sections = append(sections, "And "+checks.Code(s.File)+", as shown above.")
			continue
		}
		shown[s] = true
		sections = append(sections, snippetWords(s))
	}
	return checks.Paragraphs(sections...)
}

// whyNotBlocking says why a finding lets the check pass; "" where it blocks, and on
// day one, where nothing does.
func (v *readinessView) whyNotBlocking(f readiness.Compared) string {
	switch {
	case f.Blocks, v.Report.Enrolling && f.Waiver == nil:
		return ""
	case f.Waiver != nil:
		return "Waived until the end of " + f.Waiver.Until.Format(time.DateOnly) + ": " + checks.Sentence(checks.Escape(string(f.Waiver.Reason), checks.InProse))
	case f.New:
		return "It is new, and the policy does not have it block."
	}
	return "It was missing before, so it does not block."
}

// snippetWords says where a snippet goes, and gives it to be copied.
func snippetWords(s readiness.Snippet) string {
	if len(s.Text) > longestSnippet {
		return "What belongs into " + checks.Code(s.File) + " is too long to be shown here; " + checks.Code("plimsoll check --readiness") + " prints it."
	}
	return checks.UpperFirst(snippetPosition(s, checks.Code(s.File))) + ":\n\n" + checks.Fenced(languageOf(s.File), s.Text)
}

// SnippetPosition gives "put this into FILE after line 3", without Markdown.
func SnippetPosition(s readiness.Snippet) string {
	return snippetPosition(s, checks.Escape(s.File, checks.InPlain))
}

func snippetPosition(s readiness.Snippet, file string) string {
	switch {
	case s.Loose && s.After > 0:
		return fmt.Sprintf("fit this into %s by hand, behind line %d", file, s.After)
	case s.Loose:
		return "fit this into " + file + " by hand"
	case s.Replaces == 1:
		return fmt.Sprintf("put this into %s in place of line %d", file, s.After+1)
	case s.Replaces > 1:
		return fmt.Sprintf("put this into %s in place of lines %d to %d", file, s.After+1, s.After+s.Replaces)
	case s.After == 0:
		return "put this at the top of " + file + ", which is made where it is not there"
	}
	return fmt.Sprintf("put this into %s after line %d", file, s.After)
}

// languageOf names the language of a file for the colours of a block of code; always a
// word of ours.
func languageOf(file string) string {
	name := strings.ToLower(path.Base(file))
	switch ending := path.Ext(name); {
	case ending == ".yml", ending == ".yaml":
		return "yaml"
	case ending == ".json":
		return "json"
	case ending == ".md":
		return "markdown"
	case strings.HasPrefix(name, "dockerfile"), strings.HasPrefix(name, "containerfile"), ending == ".dockerfile":
		return "dockerfile"
	}
	return "text"
}
