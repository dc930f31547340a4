package readycheck

import (
	"bytes"
	"context"

	"plimsoll/checks"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// quotedFiles are the files of which lines are shown.
type quotedFiles map[string][]byte

func (q quotedFiles) read(ctx context.Context, tree contracts.Source, name string) error {
	if _, known := q[name]; known || name == "" {
		return nil
	}
	data, err := tree.ReadFile(ctx, name)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		q[name] = data
	}
	return nil
}

// lines gives some lines of a file, counted from 1.
func (q quotedFiles) lines(name string, first, count int) []string {
	all := bytes.Split(q[name], []byte("\n"))
	var lines []string
	for i := first; i < first+count && i <= len(all) && i > 0; i++ {
		lines = append(lines, string(bytes.TrimSuffix(all[i-1], []byte("\r"))))
	}
	return lines
}

// line gives one line, short and unable to steer a terminal.
func (q quotedFiles) line(name string, number int) string {
	lines := q.lines(name, number, 1)
	if len(lines) == 0 {
		return ""
	}
	line := lines[0]
	return checks.Plain(terminal.Shorten(line))
}
