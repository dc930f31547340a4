package checks

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// GitHub's limits. Those of check runs:
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
const (
	MaxSummaryBytes      = 65535     // output.summary
	MaxTextBytes         = 65535     // output.text
	MaxAnnotations       = 50        // output.annotations of one request; PATCH appends
	MaxAnnotationBytes   = 64 * 1024 // message, raw_details
	MaxAnnotationTitle   = 255       // characters
	MaxActions           = 3         //
	MaxActionLabel       = 20        // characters
	MaxActionDescription = 40        // characters
	MaxActionIdentifier  = 20        // characters

	// MaxTitle is ours: a longer title does not fit into one line of GitHub's pages.
	MaxTitle = 80 // characters
	// MaxIssueTitle is that of issues, which GitHub refuses beyond 256.
	MaxIssueTitle = 255 // characters
	// MaxAllAnnotations is ours: each further 50 cost a request, of which GitHub
	// allows 80 a minute (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
	MaxAllAnnotations = 150

	// MaxComment counts characters in GitHub's words ("maximum is 65536
	// characters"); we count bytes, which are never fewer.
	// https://docs.github.com/en/rest/issues/comments#create-an-issue-comment
	MaxComment = 65536
	// MaxStatusDescription is that of commit and deployment statuses.
	// https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
	MaxStatusDescription = 140 // characters
)

// Limit says how much of a text is kept and how it is cut.
type Limit struct {
	Max int
	// characters counts runes and cuts within the line; otherwise bytes are
	// counted, and the text is Markdown that is cut between lines.
	Characters bool
	// rest says where the whole can be seen; may be empty.
	rest string
	// section is what a heading "### …" begins, so that what is left out is
	// counted in those: "change". Empty: lines are counted.
	section string
}

// Fit brings a text within one of GitHub's limits. Every text goes through it
// before it is sent. A line is cut with an ellipsis. Markdown is cut between two
// lines, never inside a table's head; an open code fence or details is closed,
// and a last line says how much was left out and where to see it.
func Fit(s string, l Limit) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if l.Characters {
		return Clip(s, l.Max)
	}
	if len(s) <= l.Max {
		return s
	}
	lines := strings.SplitAfter(s, "\n")
	var open openBlocks
	longest := max(len(l.leftOut(lines)), len(l.leftOut([]string{s})))
	used, keep, closing := 0, 0, ""
	for i, line := range lines {
		open.read(line)
		used += len(line)
		end := open.closing()
		if used+len(end)+longest > l.Max {
			break
		}
		if i+1 < len(lines) && isTableRule(lines[i+1]) {
			continue // a head without its rule would be a paragraph
		}
		keep, closing = i+1, end
	}
	text := strings.Join(lines[:keep], "") + closing + l.leftOut(lines[keep:])
	if len(text) > l.Max { // a limit too small even for the last line
		return cutBytes(text, l.Max)
	}
	return text
}

// leftOut says how much the lines are that are not shown.
func (l Limit) leftOut(lines []string) string {
	sections, filled, bytes := 0, 0, 0
	for _, line := range lines {
		bytes += len(line)
		if strings.TrimSpace(line) != "" {
			filled++
		}
		if strings.HasPrefix(line, "### ") {
			sections++
		}
	}
	what := Count(filled, "line") + " (" + size(bytes) + ")"
	if l.section != "" && sections > 0 {
		what = Count(sections, "more "+l.section)
	}
	text := "\n\n*" + UpperFirst(what) + " left out to stay within GitHub's limit.*"
	if l.rest != "" {
		text += " " + l.rest
	}
	return text + "\n"
}

func size(bytes int) string {
	if bytes < 1024 {
		return Count(bytes, "byte")
	}
	return fmt.Sprintf("%d kB", (bytes+1023)/1024)
}

// cutBytes cuts to at most n bytes, never inside a UTF-8 sequence.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// openBlocks follows which code fence and how many details are open.
type openBlocks struct {
	fence   string
	details int
}

func (o *openBlocks) read(line string) {
	trimmed := strings.TrimSpace(line)
	if fence := fenceOf(trimmed); fence != "" {
		switch {
		case o.fence == "":
			o.fence = fence
		case len(fence) >= len(o.fence) && fence == trimmed:
			o.fence = ""
		}
		return
	}
	if o.fence != "" {
		return
	}
	// Only our own tags stand at a line's beginning or end: what comes from a
	// repository is in code spans or escaped.
	if strings.HasPrefix(trimmed, "<details") {
		o.details++
	}
	if strings.HasSuffix(trimmed, "</details>") && o.details > 0 {
		o.details--
	}
}

func (o *openBlocks) closing() string {
	text := ""
	if o.fence != "" {
		text = "\n" + o.fence
	}
	return text + strings.Repeat("\n\n</details>", o.details)
}

func fenceOf(trimmed string) string {
	rest := strings.TrimLeft(trimmed, "`")
	if n := len(trimmed) - len(rest); n >= 3 && !strings.Contains(rest, "`") {
		return trimmed[:n]
	}
	return ""
}

func isTableRule(line string) bool {
	trimmed := strings.TrimSpace(line)
	return strings.HasPrefix(trimmed, "|") && strings.Trim(trimmed, "|-: ") == "" && strings.Contains(trimmed, "---")
}
