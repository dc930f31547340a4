package evidence

import (
	"context"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/treetest"
)

// What GitHub documents at https://docs.github.com/articles/about-code-owners, and what
// gitignore says where that page refers to it. "mine" is the owner of the pattern.
func TestCodeownersPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		owned   string // paths, with blanks between them
		others  string
	}{
		// the examples of GitHub's page
		{"*", "a a/b a/b/c .github/x", ""},
		{"*.js", "x.js a/b/x.js x.js/y", "x.jsx js"},
		{"/build/logs/", "build/logs/a build/logs/a/b", "build/logs a/build/logs/b build/logsx/a"},
		{"docs/*", "docs/a.md", "docs docs/a/b.md x/docs/a.md"},
		{"apps/", "apps/a x/apps/a x/apps/a/b", "apps x/apps myapps/a"},
		{"/docs/", "docs/a docs/a/b", "x/docs/a"},
		{"/scripts/", "scripts/x", "a/scripts/x"},
		{"**/logs", "logs build/logs build/logs/a deeply/nested/logs/b", "logsx build/mylogs"},
		// anchoring
		{"foo", "foo foo/a x/foo x/foo/a", "foo.txt x/foo.txt"},
		{"/foo", "foo foo/a", "x/foo foo.txt"},
		{"foo/bar", "foo/bar foo/bar/a", "x/foo/bar foo/bart"},
		{"/foo/bar", "foo/bar foo/bar/a", "x/foo/bar"},
		{"foo/bar/", "foo/bar/a", "foo/bar x/foo/bar/a"},
		// * and ? stay within one name
		{"/*", "a .x", "a/b"},
		{"/*/", "a/b a/b/c", "a"},
		{"/f*", "foo f foo/a", "x/foo xf"},
		{"f*/", "foo/a x/foo/a", "foo xf/a"},
		{"foo/*.txt", "foo/a.txt", "foo/a/b.txt x/foo/a.txt"},
		{"foo/*/baz", "foo/a/baz foo/a/baz/b", "foo/baz foo/a/b/baz"},
		{"f?o", "foo f.o x/fxo", "fo fooo f/o"},
		{"a*b*c", "abc axbxc abbbc", "ab axc abcd"},
		// ** crosses folders where it is a whole name
		{"**", "a a/b", ""},
		{"**/foo/bar", "foo/bar x/foo/bar x/y/foo/bar/a", "foo/x/bar"},
		{"foo/**", "foo/a foo/a/b", "foo x/foo/a"},
		{"foo/**/", "foo/a foo/a/b", "foo"},
		{"foo/**/bar", "foo/bar foo/a/bar foo/a/b/bar foo/a/bar/c", "x/foo/bar foobar"},
		{"foo/**/bar/b*", "foo/bar/b foo/a/bar/bx", "foo/bar/a foo/bar"},
		{"foo**bar", "foobar fooxbar", "foo/bar"},
		// escapes
		{`My\ Files/`, "My_Files/a", "My/a Files/a"}, // _ stands for a blank in these paths
		{`a\*b`, "a*b", "axb ab"},
		{`a\?b`, "a?b", "axb"},
		{`/apps/\#1`, "apps/#1", "apps apps/1"},
		// case counts, and what gitignore does not know is an ordinary character
		{"/Docs/", "Docs/a", "docs/a DOCS/a"},
		{"{a,b}", "{a,b} x/{a,b}", "a b"},
		{"c++/", "c++/a", "c/a ccc/a"},
		{"(group)/x.y", "(group)/x.y", "group/x.y (group)/xzy"},
		{"é*", "éa x/é", "e"},
		// what GitHub does not support is skipped
		{"!foo", "", "foo !foo"},
		{"fo[ox]", "", "foo fox fo[ox]"},
		{`\#foo`, "", "#foo foo"},
		{"/", "", "a a/b"},
		{"a***b", "", "ab axb"},
		{`foo\`, "", `foo foo\`},
	} {
		rules := ParseCodeowners([]byte("* @before\n" + c.pattern + " @mine\n"))
		for want, paths := range map[string]string{"@mine": c.owned, "@before": c.others} {
			for path := range strings.FieldsSeq(paths) {
				if strings.HasPrefix(c.pattern, "My") {
					path = strings.ReplaceAll(path, "_", " ")
				}
				if got := strings.Join(rules.Owners(path), " "); got != want {
					t.Errorf("%s: %q belongs to %q, want %q", c.pattern, path, got, want)
				}
			}
		}
	}
}

func TestCodeownersLines(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"the last rule that matches":   {"/x @a\n/x @b\n", "@b"},
		"a later rule for all":         {"/x @a\n* @b\n", "@b"},
		"a rule without owners":        {"* @a\n/x\n", ""},
		"several owners":               {"/x @a @acme/team ops@acme.example\n", "@a @acme/team ops@acme.example"},
		"a tab, and blanks around":     {"  \t/x\t \t@a \t \r\n", "@a"},
		"a comment":                    {"/x @a\n# /x @b\n", "@a"},
		"an inline comment":            {"/x @a # @b\n", "@a"},
		"an inline comment, close":     {"/x @a#@b\n", "@a"},
		"a comment in place of owners": {"* @a\n/x # nobody\n", ""},
		"an owner that is none":        {"* @a\n/x b\n", "@a"},
		"one of two owners is none":    {"* @a\n/x @b team\n", "@a"},
		"an owner without a name":      {"* @a\n/x @\n", "@a"},
		"GitLab's sections":            {"* @a\n[Docs] @b\n^[Docs] @c\n", "@a"},
		"a line that is very long":     {"* @a\n/y @b " + strings.Repeat("@c ", 100_000) + "\n/x @d\n", "@d"},
		"no rule that matches":         {"/y @a\n", ""},
		"nothing":                      {"", ""},
	} {
		if got := strings.Join(ParseCodeowners([]byte(c.file)).Owners("x"), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The first place counts, also where its file is too large; the limit is GitHub's.
func TestCodeownersPositions(t *testing.T) {
	rule := func(owner string, size int) string {
		return "* " + owner + "\n" + strings.Repeat("#", size-len(owner)-3)
	}
	for name, c := range map[string]struct {
		tree treetest.Map
		want string
	}{
		".github first":   {treetest.Map{".github/CODEOWNERS": "* @a", "CODEOWNERS": "* @b", "docs/CODEOWNERS": "* @c"}, "@a"},
		"then the root":   {treetest.Map{"CODEOWNERS": "* @b", "docs/CODEOWNERS": "* @c"}, "@b"},
		"then docs":       {treetest.Map{"docs/CODEOWNERS": "* @c"}, "@c"},
		"nowhere else":    {treetest.Map{".gitlab/CODEOWNERS": "* @d", "x/CODEOWNERS": "* @e", "codeowners": "* @f"}, ""},
		"just under 3 MB": {treetest.Map{"CODEOWNERS": rule("@b", 3<<20-1)}, "@b"},
		"3 MB":            {treetest.Map{"CODEOWNERS": rule("@b", 3<<20), "docs/CODEOWNERS": "* @c"}, ""},
	} {
		var tree contracts.Tree = c.tree
		got, err := FileOwners(context.Background(), tree, "x")
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

// A file that is made to keep a processor busy gives nobody, and one that is merely large
// gives its owners.
func TestCodeownersBoundedWork(t *testing.T) {
	hostile := ParseCodeowners([]byte("* @a\n" + strings.Repeat("*"+strings.Repeat("a", 1_000)+"b @b\n", 3_000)))
	if got := hostile.Owners(strings.Repeat("a", 4_000)); got != nil {
		t.Errorf("hostile: %q", got)
	}
	large := ParseCodeowners([]byte("/services/orders/ @a\n" + strings.Repeat("/services/catalogue/**/*.go @b\n", 90_000)))
	if got := strings.Join(large.Owners("services/orders/api/openapi.yaml"), " "); got != "@a" {
		t.Errorf("large: %q", got)
	}
}
