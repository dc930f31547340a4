package extent_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"plimsoll/checks/readiness/extent"
	"plimsoll/config"
)

const page = `plain: of
  two lines

  # a comment
folded: >
  one
  # no comment

  two

quoted: "a
  # b

  c" # behind
literal: |
    deep

  # shallow
indent: |2
     five
   # three
list:
- a
-
  b: 1
- &c
  d: 1
braces: {
  a: [1,
    2],
}
empty: {}  # why
"also": {}
anchored: &x {}
alias: *x
tagged: !!map {}
last: 1
...
`

func TestLast(t *testing.T) {
	for name, write := range map[string]func(string) string{
		"LF": func(s string) string { return s }, "CR LF": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"more behind": func(s string) string { return strings.TrimSuffix(s, "...\n") + "\n# the end\n\n" },
	} {
		data := []byte(write(page))
		var document yaml.Node
		if err := yaml.Unmarshal(data, &document); err != nil {
			t.Fatal(err)
		}
		root := document.Content[0]
		f := extent.New(data, root)
		want := map[string]int{"plain": 2, "folded": 9, "quoted": 14, "literal": 16, "indent": 21, "list": 27, "braces": 31, "empty": 32, "also": 33, "anchored": 34, "alias": 35, "tagged": 36, "last": 37}
		comments := map[string]string{"empty": "# why", "also": ""}
		for i := 0; i+1 < len(root.Content); i += 2 {
			key, value := root.Content[i], root.Content[i+1]
			if got := f.Last(value); got != want[key.Value] {
				t.Errorf("%s: %s ends on line %d, want %d", name, key.Value, got, want[key.Value])
			}
			comment, empty := f.EmptyKey(key, value)
			if expected, is := comments[key.Value]; empty != is || comment != expected {
				t.Errorf("%s: %s is empty: %t, comment %q", name, key.Value, empty, comment)
			}
		}
		list := root.Content[11]
		if got := []int{f.Last(list.Content[0]), f.Last(list.Content[1]), f.Last(root)}; got[0] != 23 || got[1] != 25 || got[2] != 37 {
			t.Errorf("%s: items and the whole end on %v", name, got)
		}
	}
}

// Whatever an outsider's file is, a node ends behind its beginning and inside the file.
func FuzzLast(f *testing.F) {
	f.Add(page)
	f.Add("a: |9\n\n#\n- - \n")
	f.Add("{\"a\": [1,\n{}]}")
	f.Add("? a\n: >-\n\n\n  # b\n")
	f.Fuzz(func(t *testing.T, text string) {
		documents, err := config.ParseTree("a.yml", []byte(text), config.RepositoryBounds)
		if err != nil || len(documents) != 1 {
			return
		}
		lines := strings.Count(text, "\n") + 1
		file := extent.New([]byte(text), documents[0])
		var walk func(*yaml.Node)
		walk = func(n *yaml.Node) {
			if last := file.Last(n); last < min(n.Line, lines) || last > lines {
				t.Errorf("a node of line %d ends on line %d of %d", n.Line, last, lines)
			}
			for i, child := range n.Content {
				walk(child)
				if n.Kind == yaml.MappingNode && i%2 == 0 {
					file.EmptyKey(child, n.Content[i+1])
				}
			}
		}
		walk(documents[0])
	})
}
