package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Each case is a file and what must be said about it, in the order of its lines:
// "line:column path: message (hint)" without the file, or a part of it.
func TestParseRepositoryReportsEveryError(t *testing.T) {
	cases := map[string]struct {
		file string
		want []string
	}{
		"empty":             {"", []string{"the file is empty"}},
		"only a comment":    {"# nothing\n", []string{"the file is empty"}},
		"a list":            {"- a\n", []string{"1:1: expected a mapping, found a list"}},
		"no version":        {"components: []\n", []string{"1:1: version: this key is required (add version: 1)"}},
		"another version":   {"version: 2\nkomponents: []\n", []string{"1:10: version: expected 1, found 2"}},
		"version as text":   {"version: \"1\"\n", []string{`1:10: version: expected a whole number, found the text "1" (write it without quotes)`}},
		"version float":     {"version: 1.0\n", []string{"1:10: version: expected a whole number, found the number 1.0"}},
		"version huge":      {"version: 99999999999999999999\n", []string{"1:10: version: expected a whole number"}},
		"version null":      {"version:\n", []string{"version: expected a whole number, found no value"}},
		"misspelt":          {"version: 1\ncomponent:\n", []string{`2:1: component: unknown key "component" (did you mean components?)`}},
		"elsewhere":         {"version: 1\nspec: x\n", []string{"spec belongs under components[].provides[]"}},
		"swap":              {"version: 1\ncomponents: [{provdies: []}]\n", []string{"did you mean provides?"}},
		"two at once":       {"version: 1\ncomponents: [{nmae: a, relaese: b}]\n", []string{"did you mean name?", "did you mean release?"}},
		"number as a name":  {"version: 1\ncomponents: [{name: 123}]\n", []string{`2:21: components[0].name: expected a name, found the number 123 (put it into quotes: "123")`}},
		"date as a name":    {"version: 1\ncomponents: [{name: 2024-01-01}]\n", []string{"found the date 2024-01-01"}},
		"bool as a name":    {"version: 1\ncomponents: [{name: true}]\n", []string{`found true (put it into quotes: "true")`}},
		"tagged":            {"version: 1\ncomponents: [{name: !secret x}]\n", []string{"found a value tagged !secret"}},
		"word":              {"version: 1\ncomponents: [{release: relesed}]\n", []string{`expected deployed or released, found "relesed" (did you mean released?)`}},
		"upwards":           {"version: 1\ncomponents: [{provides: [{api: a, spec: ../b.yaml}]}]\n", []string{"contains .."}},
		"upwards inside":    {"version: 1\ncomponents: [{provides: [{api: a, spec: x/../../b.yaml}]}]\n", []string{"contains .."}},
		"absolute":          {"version: 1\ncomponents: [{provides: [{api: a, spec: /b.yaml}]}]\n", []string{"is absolute (write it from the root of the repository: b.yaml)"}},
		"backslash":         {"version: 1\ncomponents: [{provides: [{api: a, spec: 'x\\b.yaml'}]}]\n", []string{"write forward slashes: x/b.yaml"}},
		"url as path":       {"version: 1\ncomponents: [{provides: [{api: a, spec: 'https://x/y'}]}]\n", []string{"found the URL"}},
		"glob upwards":      {"version: 1\ncomponents: [{consumes: [{api: a, import: ['../*.json']}]}]\n", []string{"contains .."}},
		"glob of stars":     {"version: 1\ncomponents: [{consumes: [{api: a, import: ['" + strings.Repeat("*a", 20) + "']}]}]\n", []string{"more than 16 *"}},
		"owner bare":        {"version: 1\ncomponents: [{owner: acme/x}]\n", []string{`write "@acme/x"`}},
		"owner at sign":     {"version: 1\ncomponents:\n  - owner: @acme/x\n", []string{`3:12: not YAML: a value can't begin with @ (put it into quotes: "@acme/x")`}},
		"api of two parts":  {"version: 1\ncomponents: [{consumes: [{api: a/b}]}]\n", []string{"expected one part or three, found 2: \"a/b\" (write payments, or in full acme/payments-service/payments)"}},
		"name twice":        {"version: 1\ncomponents: [{name: a}, {name: A}]\n", []string{`duplicate component "A"`}},
		"name missing":      {"version: 1\ncomponents: [{name: a}, {path: b}]\n", []string{"a component needs a name where the file has more than one"}},
		"api twice":         {"version: 1\ncomponents: [{name: a, provides: [{api: x, spec: s}]}, {name: b, provides: [{api: x, spec: t}]}]\n", []string{`duplicate API "x"`}},
		"consumed twice":    {"version: 1\ncomponents: [{consumes: [{api: x}, {api: x}]}]\n", []string{`duplicate consumed API "x"`}},
		"no method":         {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: /orders}]}]}]\n", []string{"has no method (write it before the path: GET /orders"}},
		"no path":           {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: GET}]}]}]\n", []string{"has no path"}},
		"unknown method":    {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: GTE /orders}]}]}]\n", []string{`unknown method "GTE" (did you mean GET?)`}},
		"unknown method 2":  {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: COPPY /orders}]}]}]\n", []string{`unknown method "COPPY"`}},
		"query in small":    {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: query /orders}]}]}]\n", []string{"is not in capitals (write QUERY /orders)"}},
		"webhook in small":  {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: webhook paid}]}]}]\n", []string{`"webhook" is not in capitals (write WEBHOOK paid)`}},
		"webhook of two":    {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: WEBHOOK paid twice}]}]}]\n", []string{"expected the name of a webhook"}},
		"callback of none":  {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: CALLBACK shipped}]}]}]\n", []string{"expected an operation and the name of its callback, found \"shipped\" (write CALLBACK POST /orders shipped)"}},
		"callback, method":  {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: CALLBACK PST /a shipped}]}]}]\n", []string{`unknown method "PST"`}},
		"query in path":     {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: 'GET /a?b=c'}]}]}]\n", []string{"list query parameters under sends"}},
		"pattern pointer":   {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: GET /a, reads: [$.a]}]}]}]\n", []string{"looks like JSONPath"}},
		"pattern number":    {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: GET /a, reads: [1]}]}]}]\n", []string{`put it into quotes: "1"`}},
		"pattern unquoted":  {"version: 1\ncomponents:\n  - consumes:\n      - api: x\n        operations:\n          - op: GET /a\n            reads: [id, lines[].sku]\n", []string{`7:20: not YAML: [ ] { } inside of a value (put the value into quotes: "lines[].sku")`}},
		"reads null":        {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: GET /a, reads: }]}]}]\n", []string{"expected a list, found no value (write [] for an empty list, or remove the key)"}},
		"reads text":        {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: GET /a, reads: id}]}]}]\n", []string{`expected a list, found the text "id"`}},
		"status":            {"version: 1\ncomponents: [{consumes: [{api: x, operations: [{op: GET /a, status: [20, ok, 2xx]}]}]}]\n", []string{"status[0]: expected a status", "status[1]: expected a status"}},
		"no time zone":      {"version: 1\ncomponents: [{environments: {p: {verify: {timezone: CEST}}}}]\n", []string{`2:53: components[0].environments.p.verify.timezone: unknown time zone "CEST" (such as Europe/Berlin, America/New_York or UTC)`}},
		"offset":            {"version: 1\ncomponents: [{environments: {p: {verify: {timezone: '+02:00'}}}}]\n", []string{`unknown time zone "+02:00"`}},
		"local time zone":   {"version: 1\ncomponents: [{environments: {p: {verify: {timezone: Local}}}}]\n", []string{`unknown time zone "Local"`}},
		"path as time zone": {"version: 1\ncomponents: [{environments: {p: {verify: {timezone: ../../etc/passwd}}}}]\n", []string{`unknown time zone "../../etc/passwd"`}},
		"version label":     {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{preset: http, match: {job: a}, version_label: 'app/version'}]}}}}]\n", []string{`signals[0].version_label: expected the name of a label, found "app/version" (letters, digits and underscore, no digit first)`}},
		"version of query":  {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{name: a, query: up, better: up, version_label: v}]}}}}]\n", []string{"version_label needs preset"}},
		"short commit":      {"version: 1\ncomponents: [{consumes: [{api: x, baseline: abcdef1}]}]\n", []string{"an abbreviated commit"}},
		"waiver":            {"version: 1\ncomponents: [{health: {waive: [{rule: runbok, until: 31.1.2027}]}}]\n", []string{"reason: this key is required", "did you mean runbook?", "expected a date, found"}},
		"impossible date":   {"version: 1\ncomponents: [{health: {waive: [{rule: runbook, reason: x, until: 2027-02-30}]}}]\n", []string{`expected a date, found "2027-02-30"`}},
		"endpoint":          {"version: 1\ncomponents: [{health: {endpoint: /healthz}}]\n", []string{"write GET /healthz"}},
		"runbook scheme":    {"version: 1\ncomponents: [{health: {runbook: 'javascript:x//y'}}]\n", nil},
		"url with password": {"version: 1\ncomponents: [{environments: {p: {url: 'https://u:p@x'}}}]\n", []string{"a URL with a user or password"}},
		"url scheme":        {"version: 1\ncomponents: [{environments: {p: {url: 'file:///etc/passwd'}}}]\n", []string{"expected an http or https URL"}},
		"after itself":      {"version: 1\ncomponents: [{environments: {p: {after: [p]}}}]\n", []string{"comes after itself"}},
		"after in a circle": {"version: 1\ncomponents: [{environments: {a: {after: [b]}, b: {after: [c]}, c: {after: [a]}}}]\n", []string{`"a" comes after "b", which comes after "a"`, `"b" comes after "c"`, `"c" comes after "a"`}},
		"environment name":  {"version: 1\ncomponents: [{environments: {'a b': {}}}]\n", []string{`components[0].environments["a b"]: expected a name`}},
		"duration int":      {"version: 1\ncomponents: [{environments: {p: {verify: {for: 10}}}}]\n", []string{"found the number 10 (write a number with a unit"}},
		"duration long":     {"version: 1\ncomponents: [{environments: {p: {verify: {for: 25h}}}}]\n", []string{"expected 1s to 24h, found 25h"}},
		"duration order":    {"version: 1\ncomponents: [{environments: {p: {verify: {for: 1m, every: 2m}}}}]\n", []string{"every (2m) is longer than for (1m)"}},
		"duration endless":  {"version: 1\ncomponents: [{environments: {p: {verify: {for: 99999999999999999999999w}}}}]\n", []string{"more than 100 years"}},
		"probe address":     {"version: 1\ncomponents: [{environments: {p: {verify: {probes: [{get: 'http://169.254.169.254/'}]}}}}]\n", []string{"requested at the environment's own URL"}},
		"probe host":        {"version: 1\ncomponents: [{environments: {p: {verify: {probes: [{get: //evil/x}]}}}}]\n", []string{"requested at the environment's own URL"}},
		"probe two":         {"version: 1\ncomponents: [{environments: {p: {verify: {probes: [{get: /a, head: /b}]}}}}]\n", []string{"a probe has one of get, head and post"}},
		"probe template":    {"version: 1\ncomponents: [{environments: {p: {verify: {probes: [{get: /a, expect: {json: {sha: {{deployment.sha}}}}}]}}}}]\n", []string{"expected text, a number, true, false or null, found a mapping", "expected plain text as a key, found a mapping or list (put a template"}},
		"signal empty":      {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{}]}}}}]\n", []string{"a signal needs preset, query, or bad and total"}},
		"share of nothing":  {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{name: a, bad: b}]}}}}]\n", []string{"a share needs both bad and total"}},
		"share and query":   {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{name: a, query: q, bad: b, total: t, better: up}]}}}}]\n", []string{"query can't be combined with bad and total"}},
		"share and better":  {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{name: a, bad: b, total: t, better: up}]}}}}]\n", []string{"better can't be combined with bad"}},
		"share of no name":  {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{bad: b, total: t}]}}}}]\n", []string{"a query needs name"}},
		"objective of all":  {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{preset: http, match: {a: b}, objective: 100%}]}}}}]\n", []string{"expected a percentage"}},
		"objective of none": {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{preset: http, match: {a: b}, objective: 0.0%}]}}}}]\n", []string{"expected a percentage between 0 and 100"}},
		"objective, query":  {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{name: a, query: q, better: up, objective: 99%}]}}}}]\n", []string{"objective can't be combined with query"}},
		"after a number":    {"version: 1\ncomponents: [{environments: {q: {}, p: {after: [5]}}}]\n", []string{"expected a name, found the number 5"}},
		"after in part":     {"version: 1\ncomponents: [{environments: {q: {}, p: {after: [{inconclusive: allow}]}}}]\n", []string{"this key is required (add environment: staging)"}},
		"after, perhaps":    {"version: 1\ncomponents: [{environments: {q: {}, p: {after: [{environment: q, inconclusive: perhaps}]}}}]\n", []string{"expected reject, hold or allow"}},
		"after nothing":     {"version: 1\ncomponents: [{environments: {q: {}, p: {after: [{environment: r}]}}}]\n", []string{"unknown environment \"r\""}},
		"preset elsewhere":  {"version: 1\ncomponents: [{environments: {p: {verify: {language: datadog, signals: [{preset: http, match: {job: a}}]}}}}]\n", []string{"2:81: components[0].environments.p.verify.signals[0].preset: a preset needs a metric server with Prometheus's API, and the language is datadog (declare bad and total queries of your own)"}},
		"unknown language":  {"version: 1\ncomponents: [{environments: {p: {verify: {language: datadgo}}}}]\n", []string{`2:53: components[0].environments.p.verify.language: expected promql, datadog or cloudwatch, found "datadgo" (did you mean datadog?)`}},
		"preset alone":      {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{preset: http}]}}}}]\n", []string{"a preset needs match"}},
		"bound":             {"version: 1\ncomponents: [{environments: {p: {verify: {signals: [{name: a, query: b, better: up, rollback: '50%', investigate: -5}]}}}}]\n", []string{"expected a threshold", "expected a threshold"}},
		"rollback":          {"version: 1\ncomponents: [{environments: {p: {rollback: {by: workflow}}}}]\n", []string{"by: workflow needs the name of the workflow"}},
		"rollback both":     {"version: 1\ncomponents: [{environments: {p: {rollback: {by: deployment, workflow: r.yml}}}}]\n", []string{"workflow can't be combined with by: deployment"}},
		"workflow path":     {"version: 1\ncomponents: [{environments: {p: {rollback: {workflow: ../../r.yml}}}}]\n", []string{"expected the file name of a workflow"}},
		"duplicate keys":    {"version: 1\nversion: 1\nx: 1\n", []string{`2:1: duplicate key "version" (it is set on line 1 already; remove one of them)`, "3:1: x: unknown key"}},
		"two documents":     {"version: 1\n---\nversion: 1\n", []string{"3:1: another document begins here"}},
		"tab":               {"version: 1\ncomponents:\n\t- name: a\n", []string{"3:1: not YAML: a tab in the indentation (indent with spaces)"}},
		"NUL":               {"version: 1\n\x00", []string{"2:1: a NUL byte"}},
		"BOM":               {"\xef\xbb\xbfversion: 1\n", []string{"1:1: the file begins with a byte order mark"}},
		"UTF-16":            {"\xff\xfev\x00", []string{"UTF-16"}},
		"bad UTF-8":         {"version: 1\n# é\xff\n", []string{"2:4: the byte 0xff is not valid UTF-8"}},
		"CR":                {"version: 1\r\n# a\rb", []string{"2:4: a line break that is not LF or CR LF: U+000D"}},
		"LS":                {"version: 1\n# a\u2028b", []string{"2:4: a line break that is not LF or CR LF: U+2028"}},
		"merge of text":     {"version: 1\ncomponents: [{<<: x}]\n", []string{"<< merges a mapping, found the text"}},
		"JSON":              {`{"version": 1, "components": [{"name": "a", "nmae": 1}]}`, []string{`1:45: components[0].nmae: unknown key "nmae" (did you mean name?)`}},
		"JSON twice":        {`{"version": 1, "version": 1}`, []string{"duplicate key"}},
		"control in key":    {"version: 1\n\"a\\u001b[31m\": 1\n", []string{`unknown key "a\x1b[31m"`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ParseRepository("f.yml", []byte(c.file))
			if c.want == nil {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			errs, ok := errors.AsType[Errors](err)
			if !ok {
				t.Fatalf("error %v (%T)", err, err)
			}
			if len(errs) != len(c.want) {
				t.Errorf("%d errors, expected %d:\n%v", len(errs), len(c.want), err)
			}
			for i := range min(len(errs), len(c.want)) {
				if !strings.Contains(errs[i].Error(), c.want[i]) {
					t.Errorf("error %d: %s\nexpected in it: %s", i, errs[i], c.want[i])
				}
			}
		})
	}
}

// What would cost more than it says ends in a clear error.
func TestParseRepositoryBounds(t *testing.T) {
	bomb := "version: 1\na: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := byte('b'); i <= 'k'; i++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	mergeBomb := "version: 1\na: &a {x: 1, y: 2, z: 3}\n"
	for i := byte('b'); i <= 'k'; i++ {
		mergeBomb += fmt.Sprintf("%c: &%c {<<: [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]}\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	cases := map[string]struct{ file, want string }{
		"too large":       {"version: 1\n#" + strings.Repeat("x", 512<<10), "the limit is 524288"},
		"alias bomb":      {bomb, "stand for more than 10000 values"},
		"merge bomb":      {mergeBomb, "stand for more than 10000 values"},
		"many aliases":    {"version: 1\na: &a x\nb: [" + strings.Repeat("*a,", 10_001) + "]\n", "stand for more than 10000 values"},
		"alias of itself": {"version: 1\na: &a [*a]\n", "refers to a value that contains it"},
		"deep flow":       {"version: 1\na: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nested deeper than 64 levels"},
		"deep flow 2":     {"version: 1\na: " + strings.Repeat("[", 200_000), "not YAML"},
		"deep maps":       {"version: 1\na: " + strings.Repeat("{a: ", 100) + "1" + strings.Repeat("}", 100), "nested deeper than 64 levels"},
		"deep block":      {"version: 1\n" + deepBlock(500), "nested deeper than 64 levels"},
		"deep by aliases": {"version: 1\n" + deepAliases(70), "nested deeper than 64 levels"},
		"deep JSON":       {`{"version": 1, "a": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", "nested deeper than 64 levels"},
		"many imports":    {"version: 1\ncomponents: [{consumes: [{api: a, import: [" + strings.Repeat("x,", 101) + "]}]}]\n", "more than 100 imports in one file"},
		"huge key":        {"version: 1\n? " + strings.Repeat("k", 400_000) + "\n: 1\n", `unknown key "kkk`},
		"many errors":     {"version: 1\ncomponents: [" + strings.Repeat("{a: 1},", 70_000) + "]\n", "more errors are not shown"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ParseRepository("f.yml", []byte(c.file))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				text := fmt.Sprint(err)
				t.Errorf("error %.300s, expected %q in it", text, c.want)
			}
			if err != nil && len(err.Error()) > 200_000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
	within := "version: 1\ncomponents:\n  - name: a\n    environments:\n      p0: &p {url: http://x}\n"
	for i := range 1000 {
		within += fmt.Sprintf("      p%d: *p\n", i+1)
	}
	r, err := ParseRepository("f.yml", []byte(within))
	if err != nil || len(r.Components[0].Environments) != 1001 {
		t.Errorf("aliases within the bounds: %v", err)
	}
}

func deepBlock(levels int) string {
	var out strings.Builder
	for i := range levels {
		out.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return out.String()
}

// deepAliases nests one level for each alias: few nodes, deep once expanded.
func deepAliases(levels int) string {
	out := "a0: &a0 [x]\n"
	for i := range levels {
		out += fmt.Sprintf("a%d: &a%d [*a%d]\n", i+1, i+1, i)
	}
	return out
}

func TestJSONFile(t *testing.T) {
	r, err := ParseRepository("plimsoll.json", []byte("{\n\t\"version\": 1,\n\t\"components\": [{\"name\": \"a\", \"consumes\": [{\"api\": \"b\", \"operations\": [{\"op\": \"GET /x\", \"reads\": [\"\\ud83d\\ude00\", \"a\\/b\"], \"status\": [200]}]}]}]\n}"))
	if err != nil {
		t.Fatal(err)
	}
	op := r.Components[0].Consumes[0].Operations[0]
	if op.Reads[0].Text != "😀" || op.Reads[1].Text != "a/b" || op.Reads[0].At.Line != 3 || op.Status[0] != "200" || op.Sends != nil {
		t.Errorf("%+v", op)
	}
	if _, err := ParseRepository("x.json", []byte(`{"version": 1,}`)); err == nil || !strings.Contains(err.Error(), "x.json:1:1") {
		t.Errorf("bad JSON: %v", err)
	}
}
