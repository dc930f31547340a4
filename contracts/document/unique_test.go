package document

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// manyKeys writes n members of an object with the keys k0, k1, …
func manyKeys(n int, member string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, member, i)
	}
	return b.String()
}

// TestDuplicateKeys: an object with the same key twice is refused with both places,
// whichever reader reads it and however many keys there are.
func TestDuplicateKeys(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ file, text, want string }{
		"JSON":                  {"c.json", "{\"a\": 1,\n \"b\": 2, \"a\": 3}", `2:10: duplicate key "a"; the first is at 1:2`},
		"JSON, an escaped key":  {"c.json", `{"ab": 1, "a\u0062": 3}`, `1:11: duplicate key "ab"; the first is at 1:2`},
		"JSON, an inner object": {"c.json", `{"a": {"x": 1, "x": 2}, "b": [{"x": 1}]}`, `1:16: duplicate key "x"; the first is at 1:8`},
		"JSON, many keys":       {"c.json", "{" + manyKeys(500, `"k%d": {"a": 1}, `) + "\n" + `"k400": 1}`, `2:1: duplicate key "k400"`},
		"JSON, long keys":       {"c.json", `{"/orders/{id}/lines/{line}": 1, "/orders/{id}/lines/{line}": 1}`, `1:34: duplicate key "/orders/{id}/lines/{line}"; the first is at 1:2`},
		"YAML":                  {"c.yaml", "a: 1\nb: 2\na: 3\n", `3:1: duplicate key "a"; the first is at 1:1`},
		"YAML, quoted":          {"c.yaml", "x:\n  '200': 1\n  \"200\": 2\n", `3:3: duplicate key "200"; the first is at 2:3`},
		"YAML, a number":        {"c.yaml", "x:\n  200: 1\n  '200': 2\n", `3:3: duplicate key "200"; the first is at 2:3`},
		"YAML, flow":            {"c.yaml", "x: {a: 1, b: {c: 1, c: 2}}\n", `1:21: duplicate key "c"; the first is at 1:15`},
		"YAML, many keys":       {"c.yaml", manyKeys(500, "k%d: {a: 1}\n") + "k77: 1\n", `501:1: duplicate key "k77"; the first is at 78:1`},
		"YAML with anchors":     {"c.yaml", "a: &x {b: 1}\nc: *x\na: 1\n", `3:1: duplicate key "a"; the first is at 1:1`},
		"YAML, merged in twice": {"c.yaml", "a: &x\n  b: 1\n  b: 2\nc: {<<: *x}\n", `3:3: duplicate key "b"; the first is at 2:3`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(tc.file, []byte(tc.text), testLimits)
			fault, ok := errors.AsType[*Error](err)
			if !ok || !strings.HasPrefix(fault.Error(), tc.want) || fault.Hint == "" {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// TestKeysThatDiffer: keys that only look alike, and keys that a merge key overrides,
// are no duplicates.
func TestKeysThatDiffer(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"aaaaaaaa-b-cccccccc": 1, "aaaaaaaa-d-cccccccc": 2, "a": {"a": 1}, "A": 1, "": 1, "a ": 1}`,
		"{" + manyKeys(500, `"aaaaaaaa-%d-cccccccc": 1, `) + `"x": 1}`,
		"{" + manyKeys(500, `"k%d": {"k1": [1, {"k2": 3}]}, `) + `"x": 1}`,
		"a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\ne: {<<: [*x, {b: 4, f: 5}]}\n",
	} {
		d, err := Parse("c", []byte(text), testLimits)
		if err != nil {
			t.Errorf("%.60s: %v", text, err)
			continue
		}
		if e := d.Root().Get("e"); e.Valid() && (e.Get("b").Text() != "1" || e.Get("f").Text() != "5" || d.Root().Get("d").Get("b").Text() != "3") {
			t.Errorf("merged %s", d.JSON())
		}
	}
}

// TestTextFaults: what is not one document in UTF-8 is refused with what it is.
func TestTextFaults(t *testing.T) {
	t.Parallel()
	wide := func(text, before, after string) string {
		var b strings.Builder
		for _, c := range text {
			b.WriteString(before + string(c) + after)
		}
		return b.String()
	}
	for text, want := range map[string]string{
		"\xff\xfe" + wide("a: 1\n", "", "\x00"): "1:1: UTF-16 text, expected UTF-8",
		"\xfe\xff" + wide("a: 1\n", "\x00", ""): "1:1: UTF-16 text, expected UTF-8",
		wide(`{"a": 1}`, "\x00", ""):            "1:1: UTF-16 text, expected UTF-8",
		wide(`{"a": 1}`, "", "\x00"):            "1:1: UTF-16 text, expected UTF-8",
		wide(`{"a": 1}`, "", "\x00\x00\x00"):    "1:1: UTF-32 text, expected UTF-8",
		"a: 1\nb: \"\xe9\"\n":                   "2:5: byte 0xE9 is not UTF-8 text",
		"a: 1\n\tb: 2\n":                        "2:1: not YAML: a tab in the indentation",
		"a:\n  b: 1\n \tc: 2\n":                 "3:2: not YAML: a tab in the indentation",
		"a: 1\n---\nb: 2\n":                     "3:1: a second YAML document; expected one in a file",
		"a: &x 1\nb: *x\n...\n---\n[c]\n":       "5:1: a second YAML document; expected one in a file",
		"%YAML 2.0\n---\na: 1\n":                "1:1: not YAML: found incompatible YAML document",
	} {
		_, err := Parse("c.yaml", []byte(text), testLimits)
		fault, ok := errors.AsType[*Error](err)
		if !ok || fault.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestYAMLDirectives: a directive in front of the document says nothing about it, for
// both readers.
func TestYAMLDirectives(t *testing.T) {
	t.Parallel()
	for text, fast := range map[string]bool{
		"%YAML 1.2\n---\na: 1\n":                            true,
		"# API\n\n%YAML 1.1\n---\na: 1\n":                   true,
		"%YAML 1.2\r\n---\r\na: 1\r\n":                      false,
		"%YAML 1.2\n--- # x\na: &x 1\n":                     false,
		"%YAML 1.2\n%TAG ! tag:acme.dev,2000:\n---\na: 1\n": false,
		"a: 1\n---\n": false,
	} {
		d, err := Parse("c.yaml", []byte(text), testLimits)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if d.Root().Get("a").Text() != "1" || d.Source() != text || (d.at == nil) != fast {
			t.Errorf("%q: read as %s, by the block scanner: %t", text, d.JSON(), d.at == nil)
		}
	}
}
