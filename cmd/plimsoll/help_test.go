package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// Every command explains itself with -h: an example, the exit status, and flags that have the
// same form in every command.
func TestEveryCommandHasHelp(t *testing.T) {
	root := newRoot(terminal.New(func(string) string { return "" }, nil, nil))
	usage := map[string]string{} // of flags that mean the same everywhere
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Name() == "help" || cmd.Name() == "completion" {
			return
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		status, stdout, stderr := runLine(t, append(path, "-h")...)
		if status != terminal.Fine || stderr != "" || !strings.Contains(stdout, "Examples:\n  plimsoll") {
			t.Errorf("%s -h: status %d, no example, or stderr %q:\n%s", cmd.CommandPath(), status, stderr, stdout)
		}
		if cmd.Runnable() && !strings.Contains(stdout, "Exit status: 0 ") {
			t.Errorf("%s -h does not say the exit status", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Long + "\n" + cmd.Example) {
			if len([]rune(strings.TrimRight(line, "\n"))) > 100 {
				t.Errorf("%s -h: more than 100 columns: %s", cmd.CommandPath(), line)
			}
		}
		for _, name := range []string{"config", "database", "server", "repository"} {
			flag := cmd.Flags().Lookup(name)
			if flag == nil {
				continue
			}
			before, kind := usage[name], flag.Value.Type()
			if before != "" && before != kind {
				t.Errorf("%s --%s is a %s, elsewhere a %s", cmd.CommandPath(), name, kind, before)
			}
			usage[name] = kind
		}
		for _, child := range cmd.Commands() {
			visit(child)
		}
	}
	visit(root)
	if len(usage) != 4 {
		t.Errorf("only these flags were seen: %v", usage)
	}
	status, stdout, _ := runLine(t, "--version")
	if status != terminal.Fine || !strings.HasPrefix(stdout, "plimsoll version ") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("--version: status %d, %q", status, stdout)
	}
}
