package readiness

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// edits are findings that each offer one snippet for lines of one file.
func edits(texts ...string) []Compared {
	var all []Compared
	for _, text := range texts {
		all = append(all, Compared{Finding: Finding{Component: "orders", Fix: []Snippet{{File: "a.yml", After: 3, Text: text}}}})
	}
	return all
}

// together gives the snippets of the edits.
func together(findings []Compared) []Snippet {
	var all []Snippet
	for _, edit := range Edits(findings) {
		all = append(all, edit.Snippet)
	}
	return all
}

func TestTogetherMergesOnePlace(t *testing.T) {
	for name, c := range map[string]struct {
		texts []string
		want  string
	}{
		"equal ones once": {[]string{"  a: 1\n", "  a: 1\n"}, "  a: 1\n"},
		"keys under one key, in the order of the findings": {
			[]string{"    health:\n      endpoint: GET /healthz\n", "    health:\n      alerts:\n        - ops/a.yml\n", "    health:\n      runbook: docs/a.md\n"},
			"    health:\n      endpoint: GET /healthz\n      alerts:\n        - ops/a.yml\n      runbook: docs/a.md\n",
		},
		"a probe of one path once, the richer one": {
			[]string{
				"production:\n  verify:\n    probes:\n      - get: /healthz\n        expect: {status: 200}\n",
				"production:\n  verify:\n    for: 10m\n    probes:\n      - get: /healthz\n        expect: {status: 200, within: 500ms}\n      - get: /version\n        expect: {json: {sha: \"{{deployment.sha}}\"}}\n",
			},
			"production:\n  verify:\n    for: 10m\n    probes:\n      - get: /healthz\n        expect: {status: 200, within: 500ms}\n      - get: /version\n        expect: {json: {sha: \"{{deployment.sha}}\"}}\n",
		},
		"a probe of one path that is asked for two things": {
			[]string{"- get: /status\n  expect: {status: 200}\n", "- get: /status\n  expect: {json: {sha: \"{{deployment.sha}}\"}}\n"},
			"- get: /status\n  expect: {status: 200, json: {sha: \"{{deployment.sha}}\"}}\n",
		},
		"probes of two paths": {
			[]string{"- get: /a\n  expect: {status: 200}\n", "- get: /b\n  expect: {status: 200}\n"},
			"- get: /a\n  expect: {status: 200}\n- get: /b\n  expect: {status: 200}\n",
		},
		"ports, each once": {
			[]string{"  ports:\n  - containerPort: 8080\n", "  ports:\n  - name: http\n    containerPort: 8080 # the port that it listens on\n", "  ports:\n  - containerPort: 9090\n  livenessProbe:\n    tcpSocket:\n      port: 9090\n"},
			"  ports:\n  - name: http\n    containerPort: 8080\n  - containerPort: 9090\n  livenessProbe:\n    tcpSocket:\n      port: 9090\n",
		},
		"ports of two names": {
			[]string{"ports:\n- name: a\n  containerPort: 8080\n", "ports:\n- name: b\n  containerPort: 8080\n"},
			"ports:\n- name: a\n  containerPort: 8080\n- name: b\n  containerPort: 8080\n",
		},
		"of two values the first": {[]string{"a: 1\nb: x\n", "a: 2\nc: z\n"}, "a: 1\nb: x\nc: z\n"},
		"nothing, then something": {[]string{"a:\nb: 1\n", "a:\n  c: 2\n"}, "a:\n  c: 2\nb: 1\n"},
		"one in braces, one not":  {[]string{"a: {b: 1}\n", "a:\n  c: \"2\"\n"}, "a: {b: 1, c: \"2\"}\n"},
		"indentation and comments are kept": {
			[]string{"  a:\n      # why\n      b: 'x' # line\n", "  a:\n    # other\n    c: |\n      text\n        more\n    d: 1\n"},
			"  a:\n      # other\n      c: |\n        text\n          more\n      d: 1\n      # why\n      b: 'x' # line\n",
		},
		"what is further to the right first": {
			[]string{"    health:\n      runbook: a.md\n", "          signals:\n            - preset: http\n", "          - get: /version\n", "            - get: /healthz\n"},
			"            - get: /healthz\n          - get: /version\n          signals:\n            - preset: http\n    health:\n      runbook: a.md\n",
		},
		"groups of two components in a new file": {
			[]string{"groups:\n  - name: \"a\"\n    rules:\n      - alert: A\n        expr: |\n          up == 0\n\n          # in the text\n", "groups:\n  - name: \"b\"\n    rules:\n      - alert: B\n        expr: up\n"},
			"groups:\n  - name: \"a\"\n    rules:\n      - alert: A\n        expr: |\n          up == 0\n\n          # in the text\n  - name: \"b\"\n    rules:\n      - alert: B\n        expr: up\n",
		},
		"no YAML: the first of two":      {[]string{"HEALTHCHECK CMD a || exit 1", "HEALTHCHECK CMD b || exit 1"}, "HEALTHCHECK CMD a || exit 1"},
		"whole documents: the first one": {[]string{"# a: runbook\n\n## One\n", "# b: runbook\n\n## One\n"}, "# a: runbook\n\n## One\n"},
		"an anchor is let be":            {[]string{"&x\na: 1\n", "b: 1\n"}, "b: 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Edits(edits(c.texts...))
			if len(got) != 1 || got[0].Text != c.want {
				t.Fatalf("got\n%+v\nwant\n%s", got, c.want)
			}
			if got[0].File != "a.yml" || got[0].After != 3 || strings.Join(got[0].Components, " ") != "orders" {
				t.Errorf("got %+v", got[0])
			}
		})
	}
}

func TestTogetherOrdersPlaces(t *testing.T) {
	finding := func(component string, fix ...Snippet) Compared {
		return Compared{Finding: Finding{Component: component, Fix: fix}}
	}
	got := Edits([]Compared{
		finding("orders", Snippet{File: "b.yml", After: 9, Text: "x: 1\n"}, Snippet{File: "a.yml", After: 12, Text: "y: 1\n"}),
		finding("billing", Snippet{File: "a.yml", After: 4, Replaces: 3, Text: "in place of 5 to 7\n"}, Snippet{File: "a.yml", After: 4, Text: "before: 5\n"}),
		finding("billing", Snippet{File: "a.yml", After: 5, Text: "inside: 1\n"}, Snippet{File: "a.yml", After: 7, Text: "behind: 7\n"}, Snippet{File: "a.yml", Loose: true, Text: "z: 1\n"}),
		finding("billing", Snippet{File: "a.yml", After: 6, Replaces: 2, Text: "across: 7\n"}, Snippet{File: "b.yml", After: 9, Text: "x: 1\n"}),
	})
	var told []string
	for _, e := range got {
		told = append(told, e.File+" "+strings.TrimSpace(e.Text)+" "+strings.Join(e.Components, "+"))
	}
	want := "a.yml before: 5 billing|a.yml in place of 5 to 7 billing|a.yml behind: 7 billing|a.yml y: 1 orders|b.yml x: 1 orders+billing"
	if strings.Join(told, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(told, "|"), want)
	}
	text := string(PasteAll("a.yml", []byte("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"), together([]Compared{
		finding("orders", Snippet{File: "a.yml", After: 4, Text: "before"}, Snippet{File: "a.yml", After: 4, Replaces: 3, Text: "instead"}, Snippet{File: "a.yml", After: 12, Text: "last"}, Snippet{File: "b.yml", Text: "other"}),
	})))
	if text != "1\n2\n3\n4\nbefore\ninstead\n8\n9\n10\n11\n12\nlast\n" {
		t.Errorf("pasted %q", text)
	}
}

func TestPasteKeepsLineEndings(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"a: 1\r\nb: 2\r\n", "a: 1\r\nc:\r\n  d: 3\r\nb: 2\r\n"},
		{"a: 1\nb: 2\n", "a: 1\nc:\n  d: 3\nb: 2\n"},
		{"a: 1\r\n", "a: 1\r\nc:\r\n  d: 3\r\n"},
		{"a: 1", "a: 1\nc:\n  d: 3\n"},
		{"", "c:\n  d: 3\n"},
	} {
		if got := string((Snippet{After: 1, Text: "c:\n  d: 3\n"}).Paste([]byte(c.content))); got != c.want {
			t.Errorf("%q: got %q, want %q", c.content, got, c.want)
		}
	}
	if got := string((Snippet{After: 2, Text: "c"}).Paste([]byte("a\r\nb"))); got != "a\r\nb\r\nc\r\n" {
		t.Errorf("no newline at the end: %q", got)
	}
}

// Many components of one repository meet in one file.
func TestTogetherOfManyIsFast(t *testing.T) {
	const n = 5_000
	var all []Compared
	for i := range n {
		name := fmt.Sprintf("component-%d", i)
		all = append(all, Compared{Finding: Finding{Component: name, Fix: []Snippet{
			{File: "ops/alerts.yml", Text: fmt.Sprintf("groups:\n  - name: %q\n    rules:\n      - alert: A%d\n        expr: up\n", name, i)},
			{File: "rules.yml", After: 9, Text: fmt.Sprintf("  - name: %q\n    rules:\n      - alert: A%d\n        expr: up\n", name, i)},
			{File: ".github/plimsoll.yml", After: i, Text: "    owner: \"@acme/a\"\n"},
		}}})
	}
	start := time.Now()
	got := Edits(all)
	t.Logf("took %s", time.Since(start))
	if len(got) != n+2 || strings.Count(got[n].Text, "- name:") != mostMerged || strings.Count(got[n+1].Text, "- name:") != mostMerged || len(got[n].Of) != mostMerged || strings.Count(got[n].Text, "groups:") != 1 {
		t.Errorf("%d edits, %d and %d groups", len(got), strings.Count(got[n].Text, "- name:"), strings.Count(got[n+1].Text, "- name:"))
	}
}

// An outsider's names and texts of any size stand in snippets: merging them is bounded.
func FuzzTogether(f *testing.F) {
	f.Add("a:\n  b: 1\n", "a:\n  c: 1\n")
	f.Add("- a: {b: 1}\n  c: 2\n", "- a: {d: [1]}\n")
	f.Add("a:\n- 1\n# c\n- {x: 1}\n", "a:\n- {x: 1, y: 2}\n")
	f.Add("a: |\n x\nb: &z 1\n", "a: >\n y\nb: *z\n")
	f.Add("-\n  a: 1\n", "-   a: 1\n    b: 2\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		got := Edits(edits(a, b))
		if len(got) != 1 || len(got[0].Of) == 0 {
			t.Fatalf("got %+v", got)
		}
		one, two := parseBlock(a), parseBlock(b)
		if one == nil || two == nil || one.column != two.column || one.list != two.list || a == b {
			return
		}
		if parseBlock(got[0].Text) == nil {
			t.Errorf("%q and %q give %q", a, b, got[0].Text)
		}
	})
}
