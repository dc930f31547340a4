package server_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// offered is a snippet as the page gives it.
type offered struct {
	file            string
	after, replaces int
	text            string
}

var place = regexp.MustCompile("(?m)^Put this (?:at the top of `([^`]+)`, which is made where it is not there|into `([^`]+)` (?:after line (\\d+)|in place of lines? (\\d+)(?: to (\\d+))?)):\n\n(`{3,})[a-z]*\n((?s:.*?\n))`{3,}\n")

// sections are what the details of a check are divided by; a runbook has headings of
// its own.
var sections = regexp.MustCompile(`\n(## Everything at once: |## What was found|### |<details>)`)

// snippets reads what a check run offers to paste; only the sections whose heading
// holds a text.
func snippets(t *testing.T, check simulator.Check, heading string) []offered {
	t.Helper()
	number := func(text string) int {
		n, _ := strconv.Atoi(text)
		return n
	}
	var all []offered
	for _, section := range sections.Split("\n"+check.Text, -1) {
		if title, _, _ := strings.Cut(section, "\n"); !strings.Contains(title, heading) {
			continue
		}
		for _, m := range place.FindAllStringSubmatch(section, -1) {
			s := offered{file: m[1] + m[2], after: number(m[3]), text: m[7]}
			if m[4] != "" {
				s.after, s.replaces = number(m[4])-1, max(number(m[5])-number(m[4]), 0)+1
			}
			all = append(all, s)
		}
	}
	return all
}

// pasted does by hand what the page says: in each file, what goes furthest down first.
func pasted(files map[string]string, all []offered) map[string]string {
	slices.SortStableFunc(all, func(a, b offered) int { return b.after - a.after })
	changed := map[string]string{}
	for _, s := range all {
		content, there := changed[s.file]
		if !there {
			content = files[s.file]
		}
		lines := strings.SplitAfter(content, "\n")
		changed[s.file] = strings.Join(lines[:s.after], "") + s.text + strings.Join(lines[s.after+s.replaces:], "")
	}
	return changed
}
