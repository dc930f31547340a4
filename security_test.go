package plimsoll_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every attack in docs/security.md names a test, and that test exists.
func TestEveryAttackHasItsTest(t *testing.T) {
	var tests strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, name := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			tests.WriteString(name[1] + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## Attacks and their tests\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(strings.ReplaceAll(line, `\|`, "/")), "|"), "|")
		if len(cells) < 3 || strings.Contains(cells[0], "---") || strings.HasPrefix(strings.TrimSpace(cells[0]), "attack") {
			continue
		}
		rows++
		named := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Join(cells[2:], "|"), -1)
		said := strings.TrimSpace(cells[2])
		if len(named) == 0 && said != "the same" && !strings.HasPrefix(said, "every test ") {
			t.Errorf("no test is named for: %s", cells[0])
		}
		for _, name := range named {
			if command, ok := strings.CutPrefix(name[1], "go test "); ok {
				for _, folder := range strings.Fields(command) {
					if folder = strings.TrimSuffix(folder, "/..."); strings.HasPrefix(folder, "./") {
						if _, err := os.Stat(folder); err != nil {
							t.Errorf("%s: %v", name[1], err)
						}
					}
				}
			} else if _, err := os.Stat(name[1]); err != nil && !strings.Contains(tests.String(), name[1]) {
				t.Errorf("there is no test %s", name[1])
			}
		}
	}
	if rows < 40 {
		t.Errorf("only %d attacks were found", rows)
	}
}
