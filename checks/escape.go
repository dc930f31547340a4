package checks

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// RenderContext is where a text that came from a repository is put.
type RenderContext int

const (
	InCode  RenderContext = iota // a code span in running Markdown
	InCell                       // a code span in a table's cell
	InProse                      // running Markdown
	InPlain                      // where GitHub renders no Markdown: titles, annotations
)

// Longest texts of a repository that are shown, in characters.
const (
	longestName  = 160
	longestProse = 600
)

// Escape makes a text that came from a repository safe at a place: it cannot
// mention, link, reference an issue or commit, hold HTML, or break the line, the
// table or the code span that it stands in. Everything from a repository goes
// through it; there is no second way.
//
// In Markdown a code span is the strongest: neither GitHub's mentions and
// references nor cmark's autolinks look inside one.
func Escape(s string, p RenderContext) string {
	switch p {
	case InProse:
		return escapeProse(Clip(Clean(s), longestProse))
	case InPlain:
		return Clip(Clean(s), longestProse)
	default:
		return codeSpan(Clip(Clean(s), longestName), p == InCell)
	}
}

// Code gives a code span for running Markdown.
func Code(s string) string { return Escape(s, InCode) }

// Codes gives a code span for each.
func Codes(names []string) []string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = Code(name)
	}
	return quoted
}

// Clean drops what cannot be seen (controls, directional overrides, joiners,
// which make a text read as what it is not) and brings it to one line.
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Clip cuts to at most n characters, the last one an ellipsis.
func Clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:n-1]), " ") + "…"
}

// codeSpan fences with one backtick more than the longest run inside
// (CommonMark 6.1). A table takes "\|" for a pipe even in a code span (GFM 4.10),
// but reads "\\|" in two ways, so there the pipe becomes a look-alike.
func codeSpan(s string, cell bool) string {
	if s == "" {
		return "`\"\"`"
	}
	if cell {
		s = strings.ReplaceAll(s, `\|`, `\∣`)
		s = strings.ReplaceAll(s, "|", `\|`)
	}
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// zeroWidth is put where GitHub would otherwise see a mention, a link or a reference.
const zeroWidth = "\u200b"

// What GitHub links or replaces in running text: the second group is pushed away
// from the first by a zero-width space.
var references = []*regexp.Regexp{
	regexp.MustCompile(`(@)()`),               // @somebody, somebody@example.com
	regexp.MustCompile(`(:)(//)`),             // https://…
	regexp.MustCompile(`(?i)(www)(\.)`),       // www.…
	regexp.MustCompile(`(#)()`),               // #12, owner/name#12
	regexp.MustCompile(`([A-Za-z]-)([0-9])`),  // GH-12 and custom references
	regexp.MustCompile(`(:)([A-Za-z0-9+_-])`), // :emoji:
	regexp.MustCompile(`(\$)()`),              // mathematics
}

// commits are what GitHub may take for a commit's name: seven hexadecimal digits
// and more. They are cut into pieces of six.
var (
	commits = regexp.MustCompile(`(?i)[0-9a-f]{7,}`)
	six     = regexp.MustCompile(`.{6}`)
)

var leadingNumber = regexp.MustCompile(`^([0-9]+)([.)])`)

func escapeProse(s string) string {
	if s == "" {
		return ""
	}
	// Before Markdown's own characters: the zero-width space must stay inside
	// what GitHub sees after rendering.
	for _, r := range references {
		s = r.ReplaceAllString(s, "${1}"+zeroWidth+"${2}")
	}
	s = commits.ReplaceAllStringFunc(s, func(hex string) string { return six.ReplaceAllString(hex, "$0"+zeroWidth) })
	s = leadingNumber.ReplaceAllString(s, `$1\$2`)
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\\' && i > 0 && leadingEscape(s, i):
			b.WriteRune(r)
		case strings.ContainsRune("\\`*_[]#|~$", r), i == 0 && strings.ContainsRune("-+=:!", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// leadingEscape says whether the backslash at i is the one that leadingNumber put.
func leadingEscape(s string, i int) bool {
	for j := range i {
		if s[j] < '0' || s[j] > '9' {
			return false
		}
	}
	return i+1 < len(s) && (s[i+1] == '.' || s[i+1] == ')')
}

// Marked is escape for a sentence of ours that quotes names in backticks: they become
// code spans, and what stands between them prose. Where the backticks are no pairs,
// something of the repository's has brought some of its own, and all of it is prose.
func Marked(s string, p RenderContext) string {
	if p == InPlain {
		return Escape(s, p)
	}
	s = Clip(Clean(s), longestProse)
	parts := strings.Split(s, "`")
	for i, part := range parts {
		if len(parts)%2 == 0 || part == "" && i > 0 && i < len(parts)-1 {
			return escapeProse(s)
		}
	}
	for i, part := range parts {
		if i%2 == 0 {
			parts[i] = escapeProse(part)
		} else {
			parts[i] = codeSpan(part, p == InCell)
		}
	}
	return strings.Join(parts, "")
}

// block gives whole lines as they are, but for what cannot be seen and for tabs, which
// stay: what is shown is what somebody pastes.
func block(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, s)
}

// Fenced gives lines as a block of code. Its fence is longer than any run of
// backticks inside (CommonMark 4.5), so that nothing inside can end it.
func Fenced(language, s string) string {
	s = strings.TrimRight(block(s), "\n")
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + language + "\n" + s + "\n" + fence
}

// Plain gives a text that came from a repository as one line for a terminal: nothing
// in it can steer one.
func Plain(s string) string { return Escape(s, InPlain) }

// Prose gives a text that came from a repository for running Markdown.
func Prose(s string) string { return Escape(s, InProse) }

// PlainBlock is Plain for whole lines, which stay as long as they are.
func PlainBlock(s string) string { return block(s) }
