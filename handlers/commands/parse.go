package commands

import (
	"context"
	"strings"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/handlers/work"
)

// CommandFunc carries out one command. Its answer is shown to the person who gave the
// command; after an error it is tried again.
type CommandFunc func(ctx context.Context, c work.Command) (commandtext.Answer, error)

// commandWord begins a command.
const commandWord = "/plimsoll"

// CommandsIn finds the commands of a comment: lines that begin with the command word,
// outside of code, quotes and what is not shown.
func CommandsIn(body string) []work.Command {
	var found []work.Command
	var skip skipping
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\r\n\t ")
		if skip.inside(line) {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		if !strings.EqualFold(word, commandWord) {
			continue
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
		found = append(found, work.Command{Name: strings.ToLower(name), Rest: strings.TrimSpace(rest), Line: line})
	}
	return found
}

// skipping follows what a person does not mean as a command, or does not see.
type skipping struct {
	fence string // the open code fence
	until string // the tag that ends what is open
}

// blocks are HTML that shows text as something else, or not at all.
var blocks = []struct{ begin, end string }{
	{"<!--", "-->"}, {"<pre", "</pre>"}, {"<code", "</code>"}, {"<blockquote", "</blockquote>"},
}

// inside reports whether a line belongs to such a block, and reads on.
func (s *skipping) inside(line string) bool {
	if s.fence != "" {
		if fence := fenceOf(line); len(fence) >= len(s.fence) && fence[0] == s.fence[0] && strings.TrimLeft(strings.TrimSpace(line), fence[:1]) == "" {
			s.fence = ""
		}
		return true
	}
	if s.until != "" {
		if _, rest, ended := strings.Cut(strings.ToLower(line), s.until); ended {
			s.until = ""
			s.open(rest)
		}
		return true
	}
	if s.fence = fenceOf(line); s.fence != "" {
		return true
	}
	return s.open(strings.ToLower(line)) && !strings.HasPrefix(line, commandWord)
}

// open reads the tags of a line and reports whether there are any.
func (s *skipping) open(line string) (any bool) {
	for {
		first, end := -1, ""
		for _, block := range blocks {
			if i := strings.Index(line, block.begin); i >= 0 && (first < 0 || i < first) {
				first, end = i, block.end
			}
		}
		if first < 0 {
			return any
		}
		any = true
		_, rest, ended := strings.Cut(line[first:], end)
		if !ended {
			s.until = end
			return true
		}
		line = rest
	}
}

// fenceOf returns the run of signs with which a line opens or closes code; "" for none.
func fenceOf(line string) string {
	trimmed := strings.TrimLeft(line, " ")
	if len(line)-len(trimmed) > 3 || trimmed == "" || trimmed[0] != '`' && trimmed[0] != '~' {
		return ""
	}
	rest := strings.TrimLeft(trimmed, trimmed[:1])
	fence := trimmed[:len(trimmed)-len(rest)]
	if len(fence) < 3 || fence[0] == '`' && strings.Contains(rest, "`") {
		return ""
	}
	return fence
}
