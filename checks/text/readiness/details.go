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

// text gives the fixes, then what the summary does not say about each gap.
func (v *readinessView) text() string {
	sections := v.togetherSections()
	size := 0
	for _, section := range sections {
		size += len(section)
	}
	said := said{snippets: map[readiness.Snippet]bool{}, rules: map[string]bool{}}
	if v.Report.Enrolling {
		for _, group := range v.next() {
			said.rules[group[0].Rule] = true // the next steps give the reason
		}
	}
	for _, findings := range [][]readiness.Compared{v.blocking, v.added, v.old, v.waivedFindings()} {
		for i, f := range findings {
			// Beyond the limit only headings are written, so that Fit can count the gaps
			// that it leaves out.
			section := v.findingHeading(f)
			if size < checks.MaxTextBytes {
				section = v.findingDetails(f, v.listed(f, i), said)
			}
			size += len(section)
			sections = append(sections, section)
		}
	}
	return strings.TrimLeft(checks.Paragraphs(sections...), "\n")
}

// said is what the details have said already.
type said struct {
	snippets map[readiness.Snippet]bool
	rules    map[string]bool
}

// listed reports whether the summary has a line for a finding, the i-th of its kind.
func (v *readinessView) listed(f readiness.Compared, i int) bool {
	switch {
	case v.Report.Enrolling, f.Waiver != nil:
		return false
	case f.Blocks, f.New:
		return i < mostGaps
	}
	return i < mostOld
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

// findingDetails says what was found where, unless the summary lists it, why the rule
// matters, unless that was said, and folds the fix, unless the patch has it. It is empty if
// nothing is left to say.
func (v *readinessView) findingDetails(f readiness.Compared, listed bool, said said) string {
	var words []string
	if !listed {
		text := checks.Sentence(checks.Marked(f.Message, checks.InCode))
		if f.Position.File != "" {
			text = v.positionWords(f.Position) + ": " + text
		}
		words = append(words, text)
	}
	if !said.rules[f.Rule] {
		said.rules[f.Rule] = true
		words = append(words, checks.Escape(whyOf(f.Rule), checks.InProse))
	}
	if f.Waiver != nil {
		words = append(words, "Waived until the end of "+f.Waiver.Until.Format(time.DateOnly)+".")
	}
	var fixes []string
	for _, s := range f.Fix {
		if _, together := v.edits.by[s]; together || said.snippets[s] {
			continue
		}
		said.snippets[s] = true
		fixes = append(fixes, snippetWords(s))
	}
	fix := ""
	if len(fixes) > 0 {
		fix = checks.Details("Fix", checks.Paragraphs(fixes...))
	}
	if len(words) == 0 && fix == "" {
		return ""
	}
	return checks.Paragraphs(v.findingHeading(f), strings.Join(words, " "), fix)
}

// snippetWords says where a snippet goes, and gives it to be copied.
func snippetWords(s readiness.Snippet) string {
	if len(s.Text) > longestSnippet {
		return "The fix of " + checks.Code(s.File) + " is too long to be shown. " + checks.Code("plimsoll check --readiness") + " prints it."
	}
	return checks.UpperFirst(snippetPosition(s, checks.Code(s.File))) + ":\n\n" + checks.Fenced(languageOf(s.File), s.Text)
}

// SnippetPosition gives "add to FILE after line 3", without Markdown.
func SnippetPosition(s readiness.Snippet) string {
	return snippetPosition(s, checks.Escape(s.File, checks.InPlain))
}

func snippetPosition(s readiness.Snippet, file string) string {
	switch {
	case s.Loose && s.After > 0:
		return fmt.Sprintf("adapt and add to %s after line %d", file, s.After)
	case s.Loose:
		return "adapt and add to " + file
	case s.Replaces == 1:
		return fmt.Sprintf("in %s, replace line %d", file, s.After+1)
	case s.Replaces > 1:
		return fmt.Sprintf("in %s, replace lines %d to %d", file, s.After+1, s.After+s.Replaces)
	case s.After == 0:
		return "create " + file + ", or add at the top"
	}
	return fmt.Sprintf("add to %s after line %d", file, s.After)
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
