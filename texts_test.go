package plimsoll_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// plainPackages hold texts for people that follow the rules for words of
// docs/development.md. Packages that are not named here are still to be rewritten.
var plainPackages = []string{"checks/text/deploy", "checks/text/gate", "checks/text/failure", "cmd"}

// notPlain are words that make a sentence hard to read, and names that the glossary
// replaced.
var notPlain = regexp.MustCompile(`(?i)\b(whoever|whom|besides|lest|mend(s|ed)?|whosoever|thereof|asked of|comes to|came to|goes back|went back|` +
	`takes no part|in spite of|at hand|quiet moments?|looks? (was|were|is|are) taken|somebody should|by no more than|as much happens|is hit|are hit|hits none|` +
	`can't be told|found out|judged?|remed(y|ies)|placebos?)\b`)

// doubledPrefix is an error that says twice what failed: "open x: open x: …".
var doubledPrefix = regexp.MustCompile(`(?i)\b([a-z]+ [a-z]+): ([a-z]+: )?([a-z]+ [a-z]+): `)

// text is one string that a person may read.
type text struct {
	position token.Position
	text     string
}

// textsOf collects the strings of several words in a package and those below it.
func textsOf(t *testing.T, root string) (all []text) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(literal.Value)
			if err == nil && strings.Contains(strings.TrimSpace(s), " ") {
				all = append(all, text{files.Position(literal.Pos()), s})
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Texts for people are plain: none of the words that the rules exclude, and no error with
// a doubled prefix. With PLIMSOLL_TEXTS=FILE all texts are written to a file, to be read in
// one go (make texts).
func TestTextsArePlain(t *testing.T) {
	for _, root := range plainPackages {
		texts := textsOf(t, root)
		if len(texts) < 20 {
			t.Errorf("%s: only %d texts were found", root, len(texts))
		}
		for _, one := range texts {
			if found := notPlain.FindString(one.text); found != "" {
				t.Errorf("%s: %q in %q", one.position, found, one.text)
			}
			if m := doubledPrefix.FindStringSubmatch(one.text); m != nil && m[1] == m[3] {
				t.Errorf("%s: the prefix %q stands twice in %q", one.position, m[1], one.text)
			}
		}
	}
	to := os.Getenv("PLIMSOLL_TEXTS")
	if to == "" {
		return
	}
	var out strings.Builder
	for _, root := range []string{"checks/text", "cmd", "config", "checks/readiness", "contracts", "deploy", "handlers", "server"} {
		for _, one := range textsOf(t, root) {
			fmt.Fprintf(&out, "%s\t%q\n", one.position, one.text)
		}
	}
	if err := os.WriteFile(to, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
