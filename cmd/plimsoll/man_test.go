package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/version"
)

// TestManPages writes the man pages and the completions of shells. `make man` keeps them: it
// gives their folder in PLIMSOLL_MAN. They are made here, so that the program does not carry
// what only a release needs.
func TestManPages(t *testing.T) {
	folder := os.Getenv("PLIMSOLL_MAN")
	if folder == "" {
		folder = t.TempDir()
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	root := newRoot(terminal.New(func(string) string { return "" }, nil, nil))
	root.DisableAutoGenTag = true // the same pages for the same program
	date := time.Unix(0, 0)
	if stamped, err := time.Parse(time.RFC3339, version.Current().Date); err == nil {
		date = stamped
	}
	if err := doc.GenManTree(root, &doc.GenManHeader{Title: "PLIMSOLL", Section: "1", Source: "Plimsoll", Manual: "Plimsoll", Date: &date}, folder); err != nil {
		t.Fatal(err)
	}
	pages := 0
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() && cmd != root || cmd.Name() == "help" {
			return
		}
		pages++
		page, err := os.ReadFile(filepath.Join(folder, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"))
		if err != nil || !strings.Contains(string(page), ".SH SYNOPSIS") {
			t.Errorf("%s: no man page: %v", cmd.CommandPath(), err)
		}
		for _, child := range cmd.Commands() {
			visit(child)
		}
	}
	visit(root)
	if pages < 15 {
		t.Errorf("only %d man pages", pages)
	}
	if man, err := exec.LookPath("mandoc"); err == nil {
		if out, err := exec.Command(man, "-T", "lint", "-W", "error", filepath.Join(folder, "plimsoll.1")).CombinedOutput(); err != nil {
			t.Errorf("mandoc: %v\n%s", err, out)
		}
	}
	for shell, write := range map[string]func(string) error{
		"plimsoll.bash": func(name string) error { return root.GenBashCompletionFileV2(name, true) },
		"_plimsoll":     root.GenZshCompletionFile,
		"plimsoll.fish": func(name string) error { return root.GenFishCompletionFile(name, true) },
	} {
		name := filepath.Join(folder, shell)
		if err := write(name); err != nil {
			t.Fatal(err)
		}
		if bash, err := exec.LookPath("bash"); err == nil && shell == "plimsoll.bash" {
			if out, err := exec.Command(bash, "-n", name).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", shell, err, out)
			}
		}
	}
}
