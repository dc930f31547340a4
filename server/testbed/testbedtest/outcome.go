package testbedtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Outcome fails a test where the App did something else than its scenario is about. An
// outcome has one line for each check run, comment, status, issue and gate, with its
// conclusion and the consumers, components, lines and numbers that it names. It comes from
// a page that the simulator renders. Sentences are left out: they are tested where they are
// written. Whatever stands on the page has its line, so nothing more may be written either.
func Outcome(t testing.TB, page, want string) {
	t.Helper()
	var wanted []string
	// How often a comment was edited depends on which of its texts were sent together.
	for line := range strings.Lines(edits.ReplaceAllString(want, "")) {
		if line = strings.TrimSpace(line); line != "" {
			wanted = append(wanted, line)
		}
	}
	if got := happened(edits.ReplaceAllString(page, "")); !slices.Equal(got, wanted) {
		t.Errorf("another outcome:\n%s\nexpected:\n%s\nfrom the page:\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"), page)
	}
}

// About leaves out of a page the check runs of other names, of which it is not.
func About(check, page string) string {
	var b strings.Builder
	skipped := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "#") {
			name, isCheck := strings.CutPrefix(line, "## check ")
			skipped = isCheck && !strings.HasPrefix(name, check+":")
		}
		if !skipped {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Shown compares a page with a golden file where want names one ("x/y.md"), otherwise with
// an outcome.
func Shown(t testing.TB, page, want string) {
	t.Helper()
	if strings.HasSuffix(want, ".md") {
		Golden(t, want, page)
		return
	}
	Outcome(t, page, want)
}

// happened gives a line for everything that was written to GitHub.
func happened(page string) []string {
	r := &outcomeReader{commits: map[string]string{}}
	for line := range strings.Lines(page) {
		r.read(strings.TrimRight(line, "\n"))
	}
	r.end()
	return r.lines
}

// longestCommand is how much of a command is shown, in bytes.
const longestCommand = 60

type outcomeReader struct {
	lines []string
	// head is the line that is being made, facts are what it names.
	head  string
	facts []string
	// text: the details of a check run, of which only the headings count.
	text, folded, fenced bool
	commits              map[string]string
}

var (
	outcomeLink   = regexp.MustCompile(`\]\([^)\s]*\)`)
	outcomeSpan   = regexp.MustCompile("`+([^`]+)`+")
	outcomeName   = regexp.MustCompile(`^(@\S+|[a-z][a-z0-9-]*|[A-Z]{2}\d{3}|\S+:\d+(:\d+)?|/plimsoll .*)$`)
	outcomeCommit = regexp.MustCompile(`\b([0-9a-f]{7})([0-9a-f]{33})?\b`)
	outcomeNumber = regexp.MustCompile(`\d[\d,.]*\d|\d`)
	outcomeMarks  = regexp.MustCompile(`^(❌|⚠️|✅|☑️|⏪|⏳|❔|⏭️)`)
)

func (r *outcomeReader) read(line string) {
	body, indented := strings.CutPrefix(line, "    ")
	switch {
	case strings.HasPrefix(line, "# "), strings.HasPrefix(line, "## "):
		r.end()
		r.begin(strings.TrimLeft(line, "# "))
	case strings.HasPrefix(line, "status "), strings.HasPrefix(line, "gate "):
		r.end()
		what, text, _ := strings.Cut(line, ": ")
		r.head = what
		r.written(text)
	case strings.HasPrefix(line, "title: "):
		r.facts = append(r.facts, outcomeNumber.FindAllString(outcomeCommit.ReplaceAllString(line, ""), -1)...)
	case strings.HasPrefix(line, "annotation "):
		at, _, _ := strings.Cut(strings.TrimPrefix(line, "annotation "), ": ")
		r.facts = append(r.facts, regexp.MustCompile(` \(column.*?\)`).ReplaceAllString(at, ""))
	case strings.HasPrefix(line, "button "):
		r.facts = append(r.facts, "["+line[strings.LastIndex(line, "(")+1:len(line)-1]+"]")
	case line == "summary:", line == "text:":
		r.text, r.folded, r.fenced = line == "text:", false, false
	case strings.HasPrefix(body, "reactions: "):
		r.facts = append(r.facts, strings.Fields(body)[1])
	case indented:
		r.written(body)
	case r.head != "" && strings.HasPrefix(r.head, "gate "):
		r.written(line)
	}
}

// begin takes the first line of a pull request, a comment, a check run and so on.
func (r *outcomeReader) begin(head string) {
	for _, what := range []string{": pull request ", ": issue "} {
		if repository, rest, ok := strings.Cut(head, what); ok {
			number, title, _ := strings.Cut(rest, ": ")
			head = repository + strings.TrimSuffix(what[1:], "request ") + number + title[strings.LastIndex(title, " ("):]
		}
	}
	r.head, r.text, r.folded, r.fenced = r.shorten(head), false, false, false
}

// shorten numbers commits, so that it is seen which are the same.
func (r *outcomeReader) shorten(s string) string {
	return outcomeCommit.ReplaceAllStringFunc(s, func(sha string) string {
		if !strings.ContainsAny(sha, "0123456789") {
			return sha
		}
		if r.commits[sha[:7]] == "" {
			r.commits[sha[:7]] = fmt.Sprintf("commit%d", len(r.commits)+1)
		}
		return r.commits[sha[:7]]
	})
}

// written takes one line of Markdown that the App, or somebody, has written.
func (r *outcomeReader) written(line string) {
	line = outcomeLink.ReplaceAllString(line, "]")
	switch {
	case strings.HasPrefix(line, "```"):
		r.fenced = !r.fenced
	case r.fenced:
	case r.text:
		if heading, ok := strings.CutPrefix(line, "### "); ok {
			r.facts = append(r.facts, "#"+outcomeMarks.FindString(heading))
		}
	case strings.HasPrefix(line, "<details>"):
		r.folded = true
		r.facts = append(r.facts, outcomeNumber.FindAllString(line, -1)...)
	case strings.HasSuffix(line, "</details>"):
		r.folded = false
	case strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "| Change |"):
		if strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| Probe") || strings.HasPrefix(line, "| Signal") || strings.HasPrefix(line, "| Component") {
			return
		}
		r.fact(strings.TrimLeft(line, "| "), true)
	case !r.folded && strings.HasPrefix(line, "- "):
		r.fact(line[2:], false)
	case !r.folded && outcomeMarks.MatchString(line), strings.HasPrefix(line, "/plimsoll "), strings.HasPrefix(line, "`/plimsoll "), strings.HasPrefix(line, "cc @"):
		r.fact(line, false)
	}
}

// fact takes what a line names: its mark, names and lines in order of the alphabet, and
// its numbers.
func (r *outcomeReader) fact(line string, row bool) {
	var names []string
	for i, span := range outcomeSpan.FindAllStringSubmatch(line, -1) {
		name := r.shorten(span[1])
		if (outcomeName.MatchString(name) || row && i == 0) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	mark := outcomeMarks.FindString(line)
	words := append([]string{mark}, names...)
	words = append(words, outcomeNumber.FindAllString(outcomeSpan.ReplaceAllString(line, ""), -1)...)
	if strings.HasPrefix(line, "/plimsoll ") || strings.HasPrefix(line, "cc @") {
		words = []string{line[:min(len(line), longestCommand)]}
	}
	if fact := strings.TrimSpace(strings.Join(words, " ")); fact != "" {
		r.facts = append(r.facts, fact)
	} else {
		r.facts = append(r.facts, "-")
	}
}

func (r *outcomeReader) end() {
	if r.head == "" {
		return
	}
	line := r.head
	for i := 0; i < len(r.facts); {
		n := 1
		for i+n < len(r.facts) && r.facts[i+n] == r.facts[i] {
			n++
		}
		line += map[bool]string{true: ": ", false: "; "}[i == 0] + r.facts[i]
		if n > 1 {
			line += fmt.Sprintf(" ×%d", n)
		}
		i += n
	}
	r.lines = append(r.lines, strings.ReplaceAll(line, "`", "'"))
	r.head, r.facts = "", nil
}
