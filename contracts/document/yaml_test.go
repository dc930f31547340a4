package document

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var testLimits = Limits{Depth: 20_000, Aliases: 100_000}

// sameValue compares two documents value by value.
func sameValue(t *testing.T, where string, a, b Node) bool {
	t.Helper()
	if a.Kind() != b.Kind() {
		t.Errorf("%s: %s, the full parser says %s (%q)", where, a.Kind(), b.Kind(), b.Text())
		return false
	}
	switch a.Kind() {
	case Object:
		names := map[string]Node{}
		for name, value := range a.Members() {
			if _, ok := names[name]; !ok {
				names[name] = value
			}
		}
		count := 0
		for name, value := range b.Members() {
			count++
			if !sameValue(t, where+"."+name, names[name], value) {
				return false
			}
		}
		if count != len(names) {
			t.Errorf("%s: %d members, the full parser has %d", where, len(names), count)
			return false
		}
	case Array:
		var items []Node
		for _, item := range a.Items() {
			items = append(items, item)
		}
		count := 0
		for i, item := range b.Items() {
			count++
			if i >= len(items) || !sameValue(t, where+"[]", items[i], item) {
				return false
			}
		}
		if count != len(items) {
			t.Errorf("%s: %d items, the full parser has %d", where, len(items), count)
			return false
		}
	default:
		if a.Text() != b.Text() {
			t.Errorf("%s: %q, the full parser says %q", where, a.Text(), b.Text())
			return false
		}
	}
	return true
}

// agree checks that what the block scanner takes means the same to the full
// parser; it tells whether the scanner took it.
func agree(t *testing.T, text string) bool {
	t.Helper()
	fast := &Doc{src: text, yaml: true}
	if parseYAMLBlocks(fast, testLimits) != nil {
		return false
	}
	full := &Doc{src: text, yaml: true}
	if err := parseYAMLNodes(full, testLimits); err != nil {
		t.Errorf("taken, but the full parser says: %v\n%s", err, text)
		return true
	}
	if sameValue(t, "", fast.Root(), full.Root()) && (!slices.Equal(fast.refs, full.refs) || !slices.Equal(fast.names, full.names)) {
		t.Errorf("refs %v and names %v, the full parser has %v and %v", fast.refs, fast.names, full.refs, full.names)
	}
	for i := range min(len(fast.tape), len(full.at)) {
		line, column := fast.At(i).Position()
		if p := full.at[i]; fast.tape[i].kind == full.tape[i].kind && len(fast.tape) == len(full.tape) && fast.tape[i].kind != Null &&
			(line != int(p.line) || column != int(p.column)) {
			if !t.Failed() && isASCII(text) {
				t.Errorf("entry %d (%s) at %d:%d, the full parser says %d:%d", i, fast.At(i).Text(), line, column, p.line, p.column)
			}
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func TestBlockScannerAgreesWithFullParser(t *testing.T) {
	cases := []string{
		"a: 1\nb:\n  c: x\n  d: [1, 2.5, true, null, ~, 'it''s', \"q\\n\"]\n",
		"a:\n- 1\n- b: 2\n  c: 3\n-\n  - x\n- - y\n  - z\n",
		"text: |\n  one\n\n   two\nfold: >-\n  a\n  b\n\n  c\nnext: 1\n",
		"plain: over\n  several\n\n  lines\nurl: http://x.y/z#a\n'quo ted': {a: b, \"c\":d, e: {}}\n",
		"# comment\n---\na: 1 # tail\n# another\nb: 'x # y'\n",
		"$ref: '#/components/schemas/X'\n",
		"a:\n  $id: x\n  b: {\"$anchor\": y, $dynamicRef: '#y', $id: [1]}\n  '$dynamicAnchor': z\n",
		"a:\n  $ref: other.yaml#/X\nb: {$ref: \"#/Y\"}\n",
		"date: 2021-01-01\noct: 0o17\nhex: 0x1F\nunder: 1_000\nexp: 1e3\nver: 1.2.3\ndot: .5\nplus: +1\n",
		"a: \"multi\n  line\"\nb: 'multi\n\n  line'\n",
		"empty:\nnext: ''\nlist: []\nmap: {}\n",
		"a: {\n  b: 1,\n  c: [x,\n    y]\n}\n",
		"- a\n- b: c\n- - d\n",
		"\"200\":\n  description: ok\n200: {x: 1}\n",
		"key with spaces: value with: colon-inside\n",
		"a: -1\nb: - 1\n", "a: &x 1\nb: *x\n", "a: !!str 1\n", "? a\n: b\n", "a:\tb\n", "<<: {a: 1}\n",
		"a: b: c\n", "a: [1\nb: 2\n", "a: 'x\n", "a: |2\n   x\n", "a: |+\n  x\n\n", "a: 1\n b: 2\n", "a:\n    b: 1\n  c: 2\n", "a: 1\n---\nb: 2\n",
		"a: >\n\n  x\n\nb: 1\n", "a: x #y\n  z\n", "a: |\n  x\n # c\nb: 1\n", "a: [b #c\n ]\n", "x: yes\ny: off\nz: NO\n", "a: @b\n", "a: `b`\n", "a: [-1, - 1]\n",
		"a: {b: c: d}\n", "a: [b: c]\n", "a: {b}\n", "a: x\\ny\n", "é: ü\n", "a: - b\n", "-\n", "- \n- a\n", "a:\n -\n", "a: ? b\n", "a: :b\n", "a: {b: :c}\n", "a: [,]\n",
	}
	taken := 0
	for _, text := range cases {
		t.Run("", func(t *testing.T) {
			if agree(t, text) {
				taken++
			}
		})
	}
	if taken < 18 {
		t.Errorf("the block scanner took %d documents only", taken)
	}
}

func TestBlockScannerOnRealContracts(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "data", "specs")
	files, _ := filepath.Glob(filepath.Join(root, "*", "*.yaml"))
	multi, _ := filepath.Glob(filepath.Join(root, "digitalocean-multifile", "base", "resources", "*", "*.yml"))
	deeper, _ := filepath.Glob(filepath.Join(root, "digitalocean-multifile", "base", "resources", "*", "*", "*.yml"))
	files = append(append(files, multi...), deeper...)
	if len(files) == 0 {
		t.Skip("the real contracts (shared/data/specs) are not here")
	}
	taken := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ok := agree(t, string(data))
		if t.Failed() {
			t.Fatal(file)
		}
		if ok {
			taken++
		} else {
			t.Logf("left to the full parser: %s", file)
		}
	}
	t.Logf("%d of %d", taken, len(files))
}

// FuzzBlockScanner: whatever the block scanner takes means the same to the full
// parser.
func FuzzBlockScanner(f *testing.F) {
	f.Add("a: 1\nb:\n  - c: d\n    e: |\n      f\n")
	f.Add("a: {b: [c, 'd'], \"e\": f}\ng: h\n  i\n")
	f.Add(":" + strings.Repeat("6", 1100) + ": 1\n") // found: a key that is too long
	f.Add("0\n---")                                  // found: a second document, not more of the scalar
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 || !utf8.ValidString(text) {
			return
		}
		agree(t, text)
	})
}
