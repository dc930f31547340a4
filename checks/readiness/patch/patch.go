// Package patch writes the fixes of gaps as one patch that `git apply` accepts. It reads no
// files: the caller gives their content.
package patch

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"plimsoll/checks/readiness"
)

// contextLines is how many unchanged lines a patch shows around a change, as git does.
const contextLines = 3

// patchedPath is a path that a patch needs not quote.
var patchedPath = regexp.MustCompile(`^[A-Za-z0-9_+@.-]+(/[A-Za-z0-9_+@.-]+)*$`)

// Of gives edits as one patch for `git apply`; they are as [readiness.Edits] gives them. contents
// holds the files that they are for: nil for a file that does not exist. left are the
// edits that are not in the patch: those of a file that contents does not hold, that has
// other line ends than LF, or whose path would have to be quoted.
func Of(edits []readiness.Edit, contents map[string][]byte) (patch string, left []readiness.Edit) {
	var out strings.Builder
	for i := 0; i < len(edits); {
		end := i + 1
		for end < len(edits) && edits[end].File == edits[i].File {
			end++
		}
		file, of := edits[i].File, edits[i:end]
		content, known := contents[file]
		if known && patchedPath.MatchString(file) && !bytes.ContainsRune(content, '\r') {
			writePatch(&out, file, content, of)
		} else {
			left = append(left, of...)
		}
		i = end
	}
	if out.Len() > 0 {
		out.WriteString("-- \nPlimsoll\n") // as git ends a patch: a lost last line end does no harm
	}
	return out.String(), left
}

// replacement replaces the lines from one to another, which is not among them, counted
// from 0.
type replacement struct {
	from, to int
	lines    []string
}

func writePatch(out *strings.Builder, file string, content []byte, edits []readiness.Edit) {
	before := linesOf(content)
	fmt.Fprintf(out, "diff --git a/%s b/%s\n", file, file)
	if content == nil {
		fmt.Fprintf(out, "new file mode 100644\n--- /dev/null\n+++ b/%s\n", file)
	} else {
		fmt.Fprintf(out, "--- a/%s\n+++ b/%s\n", file, file)
	}
	moved := 0
	all := replacements(before, edits)
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].from-all[end-1].to <= 2*contextLines {
			end++
		}
		moved += writeHunk(out, before, all[i:end], moved)
		i = end
	}
}

// linesOf splits a file into its lines, each with its end.
func linesOf(content []byte) []string {
	lines := strings.SplitAfter(string(content), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

// replacements gives what edits of one file change, from the top down. A last line
// without an end gets one if something follows it.
func replacements(before []string, edits []readiness.Edit) (all []replacement) {
	for _, e := range edits {
		from := min(e.After, len(before))
		r := replacement{from: from, to: min(from+e.Replaces, len(before)), lines: linesOf([]byte(strings.TrimSuffix(e.Text, "\n") + "\n"))}
		if last := len(before) - 1; from > last && last >= 0 && !strings.HasSuffix(before[last], "\n") {
			r.from, r.lines = last, append([]string{before[last] + "\n"}, r.lines...)
		}
		if n := len(all) - 1; n >= 0 && r.from < all[n].to { // several behind a last line without an end
			all[n].lines = append(all[n].lines, r.lines[1:]...)
			continue
		}
		all = append(all, r)
	}
	return all
}

// writeHunk writes changes that are near each other with the lines around them, and
// returns how many lines the file grows by. moved is by how many it has grown above.
func writeHunk(out *strings.Builder, before []string, changes []replacement, moved int) (grown int) {
	first, last := changes[0], changes[len(changes)-1]
	from, to := max(first.from-contextLines, 0), min(last.to+contextLines, len(before))
	for _, c := range changes {
		grown += len(c.lines) - (c.to - c.from)
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", lineRange(from, to-from), lineRange(from+moved, to-from+grown))
	at := from
	for _, c := range changes {
		writeLines(out, " ", before[at:c.from])
		writeLines(out, "-", before[c.from:c.to])
		writeLines(out, "+", c.lines)
		at = c.to
	}
	writeLines(out, " ", before[at:to])
	return grown
}

// lineRange gives "3,5": five lines from the third on, counted from 1.
func lineRange(from, count int) string {
	if count == 0 {
		return fmt.Sprintf("%d,0", from)
	}
	return fmt.Sprintf("%d,%d", from+1, count)
}

func writeLines(out *strings.Builder, mark string, lines []string) {
	for _, line := range lines {
		out.WriteString(mark + line)
		if !strings.HasSuffix(line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
