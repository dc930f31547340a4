package plimsoll_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// archaic are words that are hard to read, for comments and pages. A word that only the
// glossary replaced is in formerTerms.
var archaic = regexp.MustCompile(`(?i)\b(whoever|whosoever|whom|besides|lest|thereof|therein|wherein|hitherto|thereby|nobody's|somebody's|` +
	`mend(s|ed|ing)?|is told|are told|be told|told of|told apart|been told|asked of|comes to nothing|goes back to|takes? no part|in spite of|at hand|` +
	`can't be told|found out|as much happens|somebody should|by no more than|gravest|lets? go by itself)\b`)

// formerTerms are the names that the glossary replaced.
var formerTerms = regexp.MustCompile(`(?i)\b(remed(y|ies)|quiet moments?|sightings?|is hit|are hit|hits none|the mourner|registrar|strangers?|the crowd|rollers?)\b`)

// commentsOf collects the comments of the Go files below root that are not tests.
func commentsOf(t *testing.T, root string) (all []text) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if base := path.Base(name); base == "testdata" || name != "." && strings.HasPrefix(base, ".") {
				return fs.SkipDir
			}
			return nil
		case !strings.HasSuffix(name, ".go"), strings.HasSuffix(name, "_test.go"):
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil || ast.IsGenerated(file) {
			return err
		}
		for _, group := range file.Comments {
			all = append(all, text{files.Position(group.Pos()), strings.Join(strings.Fields(group.Text()), " ")})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// code is a name or a command in a page.
var code = regexp.MustCompile("`[^`]*`")

// pagesOf collects the lines of the Markdown pages, and of the App's manifest.
func pagesOf(t *testing.T) (all []text) {
	t.Helper()
	names := []string{"app.yml"}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			line = code.ReplaceAllString(line, "") // names in code, also former ones
			all = append(all, text{token.Position{Filename: name, Line: i + 1}, line})
		}
	}
	return all
}

// reportWords fails for each text with a word that the rules exclude.
func reportWords(t *testing.T, texts []text, refused ...*regexp.Regexp) {
	t.Helper()
	for _, one := range texts {
		for _, words := range refused {
			for _, found := range words.FindAllString(one.text, -1) {
				t.Errorf("%s: %q in %q", one.position, found, one.text)
			}
		}
	}
}

// Comments are plain as well: a person reads them who does not know this project.
func TestCommentsArePlain(t *testing.T) {
	comments := commentsOf(t, ".")
	if len(comments) < 5000 {
		t.Errorf("only %d comments were found", len(comments))
	}
	reportWords(t, comments, archaic, formerTerms)
}

// The pages of the documentation and the App's manifest are plain. The glossary names what
// its terms replaced.
func TestPagesArePlain(t *testing.T) {
	reportWords(t, pagesOf(t), archaic)
}

// Messages about configuration files, and the descriptions of their keys, which are the JSON
// Schema's as well, are plain.
func TestConfigurationTextsArePlain(t *testing.T) {
	reportWords(t, textsOf(t, "config"), archaic, formerTerms)
}
