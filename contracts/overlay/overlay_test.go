package overlay

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

const target = `info: {title: Orders}
tags: [a, b]
paths:
  /orders: {get: {tags: [a], deprecated: false}, put: {tags: [internal]}}
  /internal: {get: {tags: [internal], deprecated: false}}
`

func parse(t testing.TB, file, text string) *document.Doc {
	t.Helper()
	d, err := document.Parse(file, []byte(text), document.Limits{Depth: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func overlaid(t testing.TB, text, actions string) (*document.Doc, []contracts.Problem, error) {
	t.Helper()
	o, err := Read(parse(t, "o.yaml", "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n"+actions))
	if err != nil {
		return nil, nil, err
	}
	return Apply(t.Context(), parse(t, "api.yaml", text), []*Overlay{o}, 1<<20)
}

func TestApply(t *testing.T) {
	for name, tc := range map[string]struct{ actions, want string }{
		"merge": {"  - {target: $.info, update: {title: New, version: '2', contact: {name: n}}}",
			`{"info":{"title":"New","version":"2","contact":{"name":"n"}},"tags":["a","b"]}`},
		"merge deeply": {"  - {target: $, update: {info: {x: {y: 1}}, tags: [c]}}\n  - {target: $.info, update: {x: {z: 2}}}",
			`{"info":{"title":"Orders","x":{"y":1,"z":2}},"tags":["a","b","c"]}`},
		"append and concatenate": {"  - {target: $.tags, update: c}\n  - {target: $.tags, update: [d, e]}\n  - {target: $.tags, update: {f: 1}}",
			`{"info":{"title":"Orders"},"tags":["a","b","c","d","e",{"f":1}]}`},
		"primitives": {"  - {target: $.info.title, update: 3}\n  - {target: \"$.tags[?@=='a']\", update: null}", `{"info":{"title":3},"tags":[null,"b"]}`},
		"remove from a list and an object": {"  - {target: \"$.tags[?@=='a']\", remove: true}\n  - {target: $.info.title, remove: true, update: {a: 1}}",
			`{"info":{},"tags":["b"]}`},
		"remove all, then add": {"  - {target: '$.tags[*]', remove: true}\n  - {target: $.tags, update: z}", `{"info":{"title":"Orders"},"tags":["z"]}`},
		"copy": {"  - {target: $.info, update: {twin: {}}}\n  - {target: $.info.twin, copy: $.info}\n  - {target: $.tags, copy: $.tags}",
			`{"info":{"title":"Orders","twin":{"title":"Orders","twin":{}}},"tags":["a","b","a","b"]}`},
		"each action sees the one before": {"  - {target: $, update: {n: {m: 1}}}\n  - {target: $.n, update: {m: 2}}\n  - {target: '$.n[?@==2]', remove: true}",
			`{"info":{"title":"Orders"},"tags":["a","b"],"n":{}}`},
		"a value once":              {"  - {target: \"$['tags','tags']\", update: c}", `{"info":{"title":"Orders"},"tags":["a","b","c"]}`},
		"nothing of a removed part": {"  - {target: '$..*', remove: true}", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			d, warnings, err := overlaid(t, "info: {title: Orders}\ntags: [a, b]\n", tc.actions)
			if err != nil || len(warnings) > 0 || string(d.JSON()) != tc.want {
				t.Fatalf("got %s, %v, %v\nwant %s", d.JSON(), warnings, err, tc.want)
			}
		})
	}
	d, warnings, err := overlaid(t, target, "  - {target: \"$.paths[*][?@.tags[?@=='internal']]\", remove: true}\n  - {target: $.paths.*.get, update: {deprecated: true}}\n  - {target: $.nothing, remove: true}")
	if want := `{"/orders":{"get":{"tags":["a"],"deprecated":true}},"/internal":{}}`; err != nil || string(d.Root().Get("paths").AppendJSON(nil)) != want {
		t.Errorf("got %s, %v", d.JSON(), err)
	}
	if len(warnings) != 1 || warnings[0].Line != 6 || warnings[0].File != "o.yaml" {
		t.Errorf("got %v", warnings)
	}
}

// TestPositions: what the overlay adds is where the overlay says it, and the rest where it was.
func TestPositions(t *testing.T) {
	d, _, err := overlaid(t, target, "  - target: $.paths['/orders'].get\n    update: {summary: s, deprecated: true}")
	if err != nil {
		t.Fatal(err)
	}
	get := d.Root().Get("paths").Get("/orders").Get("get")
	for name, want := range map[string]string{"summary": "o.yaml:5:14 o.yaml:5:23", "deprecated": "o.yaml:5:26 o.yaml:5:38", "tags": "api.yaml:4:19 api.yaml:4:25"} {
		key, n := get.Key(name), get.Get(name)
		kl, kc := key.Position()
		l, c := n.Position()
		if got := fmt.Sprintf("%s:%d:%d %s:%d:%d", key.File(), kl, kc, n.File(), l, c); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if text, ok := d.TextOf("o.yaml", 4); !ok || text != "  - target: $.paths['/orders'].get" {
		t.Errorf("got %q", text)
	}
	if text, ok := d.TextOf("api.yaml", 2); !ok || text != "tags: [a, b]" {
		t.Errorf("got %q", text)
	}
}

func TestProblems(t *testing.T) {
	for actions, want := range map[string]string{
		"  []":                                           "o.yaml:4:3: expected at least one action",
		"  - 3":                                          "o.yaml:4:5: expected an action, found a number",
		"  - {update: {}}":                               "o.yaml:4:5: expected \"target\"",
		"  - {target: $.a}":                              "o.yaml:4:5: expected \"update\", \"copy\" or \"remove: true\"",
		"  - {target: a, remove: true}":                  "o.yaml:4:14: not a JSONPath expression",
		"  - {target: $, remove: yep}":                   "o.yaml:4:25: expected a boolean, found a string",
		"  - {target: $, remove: true}":                  "o.yaml:4:14: the document as a whole can't be removed",
		"  - {target: $.info, update: 3}":                "o.yaml:4:30: the target is an object, which can't be updated with a number",
		"  - {target: $, update: {tags: 3}}":             "o.yaml:4:32: tags is an array, which can't be updated with a number",
		"  - {target: '$.*', update: {a: 1}}":            "o.yaml:4:14: the target selects values of different kinds",
		"  - {target: $.info, copy: '$.tags[*]'}":        "o.yaml:4:28: expected \"copy\" to select one value, it selects 2",
		"  - {target: $.info, copy: $.info, update: {}}": "o.yaml:4:28: an action has either",
		"  - {target: $..a..b, remove: true}":            "o.yaml:4:14: the expression selects too much",
		"  - {target: '$[*,*][*,*][*,*][*,*][*,*][*,*][*,*]', remove: true}": "o.yaml:4:14: the expression selects too much",
		"  - {target: '$" + strings.Repeat(".a", 600) + "', remove: true}":   "o.yaml:4:14: the expression has more than 1000 bytes",
	} {
		_, _, err := overlaid(t, target, actions)
		if _, ok := errors.AsType[*contracts.Problem](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", actions, err, want)
		}
	}
	for text, want := range map[string]string{
		"[]":                          "expected an overlay document",
		"openapi: 3.0.3":              "expected an overlay document",
		"overlay: 2.0.0\nactions: []": "o.yaml:1:10: expected version 1.0 or 1.1",
		"overlay: 1.0.0\nactions: 3":  "o.yaml:2:10: expected \"actions\", a list",
		"overlay: 1.0.0\nextends: 3":  "o.yaml:2:10: expected a path or a URL",
		"overlay: 1.0.0\nactions: [{target: $, copy: $.a}]": "o.yaml:2:29: \"copy\" is new in version 1.1",
	} {
		if _, err := Read(parse(t, "o.yaml", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestHostile: overlays that make much of a little, or look at much, end with a problem.
func TestHostile(t *testing.T) {
	double := strings.Repeat("  - {target: $.tags, copy: $.tags}\n", 40)
	wide := "a: [" + strings.Repeat("1,", 20_000) + "1]\n"
	deep := strings.Repeat("{a: ", 300) + "1" + strings.Repeat("}", 300)
	for want, tc := range map[string]struct{ text, actions string }{
		"has more than 2000000 values":      {target, double},
		"has more than 1048576 bytes":       {"tags: [" + strings.Repeat("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,", 100) + "a]\n", strings.Repeat("  - {target: $.tags, copy: $.tags}\n", 10)},
		"selects more than 10000 values":    {wide, "  - {target: '$.a[*]', update: 3}\n"},
		"at most 200 levels deep":           {deep, "  - {target: $, update: {}}\n"},
		"look at more than 50000000 values": {strings.Replace(wide, "a:", "b:", 1) + "c: [" + strings.Repeat("1,", 100_000) + "1]\n", strings.Repeat("  - {target: '$.b[?@==2]', remove: true}\n", 600)},
		"are at most 200 levels deep":       {target, "  - {target: $, update: {x: {e: {}}}}\n" + strings.Repeat("  - {target: '$..e', copy: $.x}\n", 20)},
		"more than 1000 actions":            {target, strings.Repeat("  - {target: $.info, update: {}}\n", 1_001)},
	} {
		_, _, err := overlaid(t, tc.text, tc.actions)
		if _, ok := errors.AsType[*contracts.Problem](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
