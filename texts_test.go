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
	"slices"
	"strconv"
	"strings"
	"testing"
)

// plainPackages hold texts for people that follow the rules for words of
// docs/development.md. Packages that are not named here are still to be rewritten.
var plainPackages = []string{
	"checks/text/command", "checks/text/contracts", "checks/text/deploy", "checks/text/failure", "checks/text/gate", "checks/text/readiness", "cmd", "server/dashboard", "server/login", "server/setup",
}

// plainFiles hold the rules, whose descriptions the reports show.
var plainFiles = []string{"checks/readiness/rule.go", "contracts/diff/rules.go"}

// notPlain are words that make a sentence hard to read, and names that the glossary
// replaced.
var notPlain = regexp.MustCompile(`(?i)\b(whoever|whom|besides|lest|mend(s|ed)?|whosoever|thereof|asked of|comes to|came to|goes back|went back|` +
	`takes no part|in spite of|at hand|quiet moments?|looks? (was|were|is|are) taken|somebody should|by no more than|as much happens|is hit|are hit|hits none|` +
	`can't be told|found out|judged?|remed(y|ies)|placebos?|somebody|anybody|goes on|went on|gone (on|from)|go on|takes? force|stands? (there|in|on|at)|` +
	`without a word|in vain|moved on|takes away|take away|free to go|told|hits?|gravest|sightings?|mourner|watcher|registrar|stranger)\b`)

// doubledPrefix is an error that says twice what failed: "open x: open x: …".
var doubledPrefix = regexp.MustCompile(`(?i)\b([a-z]+ [a-z]+): ([a-z]+: )?([a-z]+ [a-z]+): `)

// mostWords is how long a sentence may be, and a part of one that a colon ends. A headline
// has at most 20 words; TestTitles of the reports bounds its characters.
const mostWords = 25

// longSentences are sentences that may be longer: lists of a command's forms, which are
// looked up rather than read.
var longSentences = []string{"`/plimsoll ack FINGERPRINT", "An owner of the consumer can comment "}

// sentenceEnd ends a sentence, or a part of one that stands alone.
var sentenceEnd = regexp.MustCompile(`[.?!:;]["”)*]*(\s|$)|\n`)

// longest is the longest sentence of a text, by its words.
func longest(text string) (sentence string, words int) {
	for _, one := range sentenceEnd.Split(text, -1) {
		if n := len(strings.Fields(one)); n > words {
			sentence, words = one, n
		}
	}
	return sentence, words
}

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

// plain fails the test if a text has a long sentence, a word that the rules exclude, or a
// doubled prefix.
func plain(t *testing.T, one text) {
	t.Helper()
	if sentence, words := longest(one.text); words > mostWords && !slices.ContainsFunc(longSentences, func(begin string) bool { return strings.HasPrefix(one.text, begin) }) {
		t.Errorf("%s: %d words in %q", one.position, words, sentence)
	}
	if found := notPlain.FindString(one.text); found != "" {
		t.Errorf("%s: %q in %q", one.position, found, one.text)
	}
	if m := doubledPrefix.FindStringSubmatch(one.text); m != nil && m[1] == m[3] {
		t.Errorf("%s: the prefix %q stands twice in %q", one.position, m[1], one.text)
	}
}

// Texts for people are plain: none of the words that the rules exclude, and no error with
// a doubled prefix. With PLIMSOLL_TEXTS=FILE all texts are written to a file, to be read in
// one go (make texts).
func TestTextsArePlain(t *testing.T) {
	for _, root := range slices.Concat(plainPackages, plainFiles) {
		texts := textsOf(t, root)
		if len(texts) < 20 {
			t.Errorf("%s: only %d texts were found", root, len(texts))
		}
		for _, one := range texts {
			plain(t, one)
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
	for _, one := range templatesOf(t, "server").texts {
		fmt.Fprintf(&out, "%s\t%q\n", one.position, one.text)
	}
	if err := os.WriteFile(to, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// inReport is what a sentence of a report may hold that is not its own words: links, code
// and marks.
var (
	linkInReport = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	codeInReport = regexp.MustCompile("`+[^`]*`+")
)

// Reports are plain where sentences are put together from parts: no sentence of the golden
// sections is too long or holds a word that the rules exclude. A name, a link or a piece of
// code counts as one word. Hostile scenarios are left out: their words are not ours.
func TestReportsArePlain(t *testing.T) {
	files, err := filepath.Glob("checks/text/*/testdata/sections/*.golden.md")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d golden sections, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scenario, fenced, most := "", false, mostWords
		if filepath.Base(file) == "title.golden.md" {
			most = 20
		}
		for line := range strings.Lines(string(data)) {
			if name, ok := strings.CutPrefix(line, "=== "); ok {
				scenario = strings.TrimSpace(name)
				continue
			}
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
			}
			if fenced || strings.HasPrefix(line, "needed: ") || strings.Contains(scenario, "hostile") || strings.Contains(scenario, "says nothing") {
				continue
			}
			text := codeInReport.ReplaceAllString(linkInReport.ReplaceAllString(line, "$1"), "CODE")
			if sentence, words := longest(text); words > most {
				t.Errorf("%s, %s: %d words in %q", file, scenario, words, strings.TrimSpace(sentence))
			}
			if found := notPlain.FindString(text); found != "" {
				t.Errorf("%s, %s: %q in %q", file, scenario, found, strings.TrimSpace(text))
			}
		}
	}
}
