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
		if !cmd.HasSubCommands() && !strings.Contains(stdout, "Exit status: 0 ") {
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

// Errors about the command line say what was expected.
func TestUsageErrors(t *testing.T) {
	for line, want := range map[string]string{
		"chek":                                "unknown command \"chek\" (did you mean check?)",
		"frobnicate":                          "unknown command \"frobnicate\" (plimsoll -h lists the commands)",
		"jobs lst":                            "unknown command \"lst\" (did you mean list?)",
		"check --fromat json":                 "unknown flag --fromat (did you mean --format?)",
		"check --zzz":                         "unknown flag --zzz (plimsoll check -h lists the flags)",
		"check --base":                        "--base needs a value",
		"metrics --days many":                 "--days many: expected a whole number",
		"can-remove --api a/b/c":              "found 0 arguments, expected: plimsoll can-remove --api OWNER/REPO/API OPERATION [FIELD]",
		"running now":                         "found 1 argument, expected: plimsoll running",
		"validate gone":                       "gone: no such file or directory",
		"discover gone":                       "gone: no such file or directory",
		"check --readiness gone":              "gone: no such file or directory",
		"serve --config gone/server.yml":      "gone/server.yml: no such file or directory",
		"jobs list --config gone.yml":         "gone.yml: no such file or directory",
		"ledger list --database sqlite:gone":  "sqlite:gone: can't read the database: no such file or directory",
		"check --base broken.yaml --head new": "broken.yaml:6:4: not YAML: wrong indentation (begin it in column 5, like get on line 4)",
	} {
		checkFolder(t, map[string]string{"broken.yaml": "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      x: 1\n   post: 2\n"})
		status, stdout, stderr := runLine(t, strings.Fields(line)...)
		if status != terminal.Bad || stdout != "" || stderr != "plimsoll: "+want+"\n" {
			t.Errorf("%s: status %d, stdout %q, stderr\n%s\nwant\n%s", line, status, stdout, stderr, want)
		}
	}
}
