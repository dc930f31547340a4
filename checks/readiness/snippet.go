package readiness

import (
	"bytes"
	"strings"
)

// Snippet is text to paste into a file of the repository.
type Snippet struct {
	// File that it goes into; it may not exist yet.
	File string
	// After is the line behind which it goes, counted from 1; 0: at the top of the
	// file, or a new file.
	After int
	// Replaces is how many lines behind After it takes the place of.
	Replaces int
	// Text is whole lines, indented as they stand there.
	Text string
	// Loose: the file is written in a form that lines can't be put into (all on one
	// line, in braces); Text shows what belongs there.
	Loose bool
}

// Paste gives the file's content with the snippet in it, its lines ended as the file's
// first one is. A line behind the file's end means its end.
func (s Snippet) Paste(content []byte) []byte {
	lines := bytes.SplitAfter(content, []byte("\n"))
	if n := len(lines); n > 0 && len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	after := min(s.After, len(lines))
	rest := min(after+s.Replaces, len(lines))
	end, text := "\n", strings.TrimSuffix(s.Text, "\n")+"\n"
	if len(lines) > 0 && bytes.HasSuffix(lines[0], []byte("\r\n")) {
		end, text = "\r\n", strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	var out bytes.Buffer
	for _, line := range lines[:after] {
		out.Write(line)
	}
	if after > 0 && !bytes.HasSuffix(lines[after-1], []byte("\n")) {
		out.WriteString(end)
	}
	out.WriteString(text)
	for _, line := range lines[rest:] {
		out.Write(line)
	}
	return out.Bytes()
}

// indented gives lines moved to the right by so many blanks; empty lines stay empty.
func indented(text string, blanks int) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			out.WriteString(strings.Repeat(" ", blanks))
		}
		out.WriteString(line)
	}
	if !strings.HasSuffix(text, "\n") {
		out.WriteByte('\n')
	}
	return out.String()
}
