package config

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// badFile is a whole file with a mistake that people make.
type badFile struct{ name, text string }

// badRepositoryFiles are mistakes that people make in the repository file and in the
// organisation's file, which has the same form.
func badRepositoryFiles() []badFile {
	const head = "version: 1\ncomponents:\n  - name: orders\n"
	bomb := "version: 1\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := byte('b'); i <= 'f'; i++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	return []badFile{
		{"an empty file", ""},
		{"only comments", "# to be filled in\n"},
		{"a list instead of a mapping", "- name: orders\n"},
		{"no version", "components:\n  - name: orders\n"},
		{"a version of the future", "version: 2\n"},
		{"version in quotes", "version: \"1\"\n"},
		{"components as a mapping", "version: 1\ncomponents:\n  orders:\n    path: services/orders\n"},
		{"a component as text", "version: 1\ncomponents:\n  - orders\n"},
		{"provides as text", head + "    provides: openapi.yaml\n"},
		{"a number as a name", "version: 1\ncomponents:\n  - name: 2024\n"},
		{"a bad name", "version: 1\ncomponents:\n  - name: \"orders service\"\n"},
		{"a misspelt key", head + "    provide:\n      - api: orders\n        spec: openapi.yaml\n"},
		{"a key in the wrong place", head + "    spec: openapi.yaml\n"},
		{"a key of nowhere", head + "    language: go\n"},
		{"a required key is missing", head + "    provides:\n      - spec: openapi.yaml\n"},
		{"a word that is not in the list", head + "    release: continuous\n"},
		{"a misspelt word", head + "    release: relased\n"},
		{"indented too little", head + "    provides:\n      - api: orders\n       spec: openapi.yaml\n"},
		{"indented too far", head + "    provides:\n      - api: orders\n          spec: openapi.yaml\n"},
		{"a list entry out of line", head + "    owner: \"@acme/orders\"\n - name: billing\n"},
		{"a list entry in the column of its keys", head + "    provides:\n      - api: orders\n        spec: a.yaml\n       - api: billing\n         spec: b.yaml\n"},
		{"a key left of its mapping", "version: 1\ncomponents:\n  - name: orders\n   owner: \"@acme/orders\"\n    path: services/orders\n"},
		{"a key right of its mapping", "version: 1\ncomponents:\n  - name: orders\n    owner: \"@acme/orders\"\n      path: services/orders\n"},
		{"no blank after the colon", "version: 1\ncomponents:\n  - name:orders\n    path: services/orders\n"},
		{"no blank after the dash", "version: 1\ncomponents:\n  -name: orders\n"},
		{"a colon is missing", "version: 1\ncomponents\n  - name: orders\n"},
		{"a tab in the indentation", "version: 1\ncomponents:\n\t- name: orders\n"},
		{"a tab after blanks", head + "  \tpath: services/orders\n"},
		{"a key twice", head + "    path: a\n    path: b\n"},
		{"an unterminated quote", head + "    owner: \"@acme/orders\n    path: services/orders\n"},
		{"an unterminated single quote", head + "    owner: '@acme/orders\n    path: services/orders\n"},
		{"text after a quoted value", head + "    owner: \"@acme/orders\" the team\n"},
		{"an unknown escape", head + "    path: \"services\\orders\"\n"},
		{"an unclosed list", head + "    provides: [{api: orders, spec: a.yaml}\n    path: x\n"},
		{"a list that is not closed on a line above", "version: 1\ncomponents: [\n  - name: orders\n    path: services/{orders}\n"},
		{"a list that never ends", "version: 1\ncomponents: [\n"},
		{"a mapping that never ends", "version: 1\ncomponents:\n  - {name: orders, consumes: [{\n"},
		{"an unclosed mapping", head + "    provides: [{api: orders, spec: a.yaml]\n"},
		{"an owner without quotes", head + "    owner: @acme/orders\n"},
		{"a value that begins with a percent sign", head + "    path: %services\n"},
		{"a value that begins with a backtick", head + "    path: `services`\n"},
		{"a glob without quotes", head + "    consumes:\n      - api: payments\n        import:\n          - *.json\n"},
		{"a colon in a value", head + "    health:\n      runbook: See: the wiki\n"},
		{"a field pattern without quotes", head + "    consumes:\n      - api: payments\n        operations:\n          - op: GET /payments/{id}\n            reads: [id, lines[].sku]\n"},
		{"a template without quotes", head + "    environments:\n      production:\n        verify:\n          probes:\n            - get: /version\n              expect: {json: {sha: {{deployment.sha}}}}\n"},
		{"an alias without an anchor", head + "    provides: *shared\n"},
		{"aliases that expand to too much", bomb},
		{"an alias of itself", "version: 1\ncomponents: &all\n  - *all\n"},
		{"a merge of text", head + "    <<: orders\n"},
		{"nested too deep", "version: 1\ncomponents: " + strings.Repeat("[", 80) + strings.Repeat("]", 80) + "\n"},
		{"a duration without a unit", head + "    environments:\n      production:\n        verify: {for: 10}\n"},
		{"a duration in words", head + "    environments:\n      production:\n        verify: {for: 10 minutes}\n"},
		{"a negative duration", head + "    environments:\n      production:\n        verify: {for: -10m}\n"},
		{"a duration that is too long", head + "    environments:\n      production:\n        verify: {for: 3d}\n"},
		{"samples further apart than the watch is long", head + "    environments:\n      production:\n        verify: {for: 1m, every: 2m}\n"},
		{"a glob that leaves the repository", head + "    consumes:\n      - api: payments\n        import: [\"../pacts/*.json\"]\n"},
		{"a glob with too many stars", head + "    consumes:\n      - api: payments\n        import: [\"" + strings.Repeat("*a", 20) + "\"]\n"},
		{"a path with backslashes", head + "    provides:\n      - api: orders\n        spec: api\\openapi.yaml\n"},
		{"a path from the root of the machine", head + "    provides:\n      - api: orders\n        spec: /home/ana/openapi.yaml\n"},
		{"a contract at a URL", head + "    provides:\n      - api: orders\n        spec: https://acme.dev/openapi.yaml\n"},
		{"an operation without a method", head + "    consumes:\n      - api: payments\n        operations:\n          - op: /payments/{id}\n"},
		{"an unknown method", head + "    consumes:\n      - api: payments\n        operations:\n          - op: FETCH /payments/{id}\n"},
		{"an API in two parts", head + "    consumes:\n      - api: acme/payments\n"},
		{"the same API twice", head + "    provides:\n      - {api: orders, spec: a.yaml}\n      - {api: orders, spec: b.yaml}\n"},
		{"two components without names", "version: 1\ncomponents:\n  - path: a\n  - path: b\n"},
		{"a waiver without a reason", head + "    health:\n      waive:\n        - rule: runbook\n          until: 2027-01-31\n"},
		{"a date of another country", head + "    health:\n      waive:\n        - rule: runbook\n          reason: internal job\n          until: 31.01.2027\n"},
		{"an unknown environment before", head + "    environments:\n      staging: {}\n      production:\n        after: [stagin]\n"},
		{"environments in a circle", head + "    environments:\n      staging: {after: [production]}\n      production: {after: [staging]}\n"},
		{"a probe of another host", head + "    environments:\n      production:\n        verify:\n          probes:\n            - get: https://status.acme.dev/\n"},
		{"a preset without labels", head + "    environments:\n      production:\n        verify:\n          signals:\n            - preset: http\n"},
		{"a query without a direction", head + "    environments:\n      production:\n        verify:\n          signals:\n            - name: orders\n              query: sum(rate(orders_total[5m]))\n"},
		{"a bad threshold", head + "    environments:\n      production:\n        verify:\n          signals:\n            - name: orders\n              query: sum(rate(orders_total[5m]))\n              better: up\n              rollback: 50%\n"},
		{"a rollback workflow without its file", head + "    environments:\n      production:\n        rollback: {by: workflow}\n"},
		{"an on_failure as text", head + "    environments:\n      production:\n        on_failure: rollback\n"},
		{"no value", head + "    provides:\n"},
		{"two documents", "version: 1\n---\nversion: 1\n"},
		{"a file with a byte order mark", "\xef\xbb\xbfversion: 1\n"},
		{"UTF-16", "\xff\xfev\x00e\x00"},
		{"Latin-1", "version: 1\ncomponents:\n  - name: orders # f\xfcr\n"},
		{"CR LF with a mistake", "version: 1\r\ncomponents:\r\n  - nmae: orders\r\n"},
		{"old Mac line ends", "version: 1\rcomponents: []\r"},
		{"binary", "version: 1\n\x00\x01\x02\n"},
		{"JSON without a comma", "{\"version\": 1\n \"components\": []}\n"},
		{"JSON that ends early", "{\"version\": 1,\n \"components\": [\n"},
		{"JSON with an unknown key", "{\"version\": 1,\n \"component\": []}\n"},
		{"a looser policy key", "version: 1\npolicy:\n  block: [runbok]\n  max_waiver: 90\n  answer: all\n"},
		{"a conflict of a merge", "version: 1\n<<<<<<< HEAD\ncomponents: []\n=======\n>>>>>>> main\n"},
	}
}

// Every message is kept in one file, to be read as a user reads them.
func TestMessagesOfRepositoryFiles(t *testing.T) {
	var out strings.Builder
	for _, each := range badRepositoryFiles() {
		_, err := ParseRepository("plimsoll.yml", []byte(each.text))
		if err == nil {
			t.Errorf("%s: no error for %s", each.name, each.text)
		}
		writeCase(&out, each, err)
	}
	golden(t, "testdata/messages/repository.txt", out.String())
}

// badServerFiles are mistakes that operators make in the server's configuration file.
func badServerFiles() []badFile {
	const app = "github:\n  app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [env:HOOK]}\n"
	return []badFile{
		{"an empty file", ""},
		{"a list instead of a mapping", "- listen: \":80\"\n"},
		{"a misspelt key", app + "listne: \":80\"\n"},
		{"a key in the wrong place", app + "private_key_file: app.pem\n"},
		{"the App's ID as text", "github:\n  app: {integration_id: abc, private_key_file: app.pem, webhook_secrets: [env:HOOK]}\n"},
		{"no credentials", "github:\n  app:\n    integration_id: 1\n"},
		{"a webhook secret that is too short", "github:\n  app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [hunter2hunter2]}\n"},
		{"a secret that is not a list", "github:\n  app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: hunter2hunter2hunter2}\n"},
		{"a variable that is not set", "github:\n  app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [env:NOWHERE]}\n"},
		{"a key file that does not exist", "github:\n  app: {integration_id: 1, private_key_file: gone.pem, webhook_secrets: [env:HOOK]}\n"},
		{"a key file of something else", "github:\n  app: {integration_id: 1, private_key_file: token, webhook_secrets: [env:HOOK]}\n"},
		{"a secret and its file", "github:\n  app: {integration_id: 1, private_key: hunter2, private_key_file: app.pem, webhook_secrets: [env:HOOK]}\n"},
		{"an unknown database", app + "database: mysql://u:hunter2@db/x\n"},
		{"a PostgreSQL URL without a database", app + "database: postgres://u:hunter2@db\n"},
		{"too many workers", app + "workers: 1000\n"},
		{"a port as a number", app + "listen: 8080\n"},
		{"a proxy by its name", app + "trusted_proxies: [proxy.acme.dev]\n"},
		{"every host may be probed", app + "probes: {allow: [\"*\"]}\n"},
		{"retention that is too short", app + "retention: {deliveries: 1h, samples: soon}\n"},
		{"an unknown log level", app + "log: {level: verbose, format: text}\n"},
		{"a metric server without a name", app + "datasources:\n  - prometheus: http://prometheus:9090\n"},
		{"two metric servers of one name", app + "datasources:\n  - {name: default, prometheus: http://a:9090}\n  - {name: default, prometheus: http://b:9090}\n"},
		{"half of OAuth", app + "  oauth: {client_id: x}\n"},
		{"wrong indentation", "github:\n  app:\n    integration_id: 1\n   webhook_secrets: [hunter2]\n"},
		{"a secret that begins with @", "github:\n  oauth:\n    client_secret: @hunter2\n"},
		{"a secret that begins with *", "github:\n  oauth:\n    client_secret: *hunter2\n"},
		{"a secret with a colon", "github:\n  oauth:\n    client_secret: hunter2: x\n"},
		{"a quote that is not closed", "github:\n  oauth:\n    client_secret: \"hunter2\n"},
		{"no blank after the colon", "github:\n  oauth:\n    client_secret:hunter2\n    client_id: x\n"},
		{"a line without a colon", "github:\n  oauth:\n    hunter2\n    client_id: x\n"},
	}
}

// The messages about the server's configuration file are kept as well; none shows a secret.
func TestMessagesOfServerFiles(t *testing.T) {
	var out strings.Builder
	for _, each := range badServerFiles() {
		path := operatorFile(t, each.text)
		_, err := LoadServer(path, environment("HOOK", webhookSecret))
		if err == nil {
			t.Fatalf("%s: no error for %s", each.name, each.text)
		}
		said := strings.ReplaceAll(err.Error(), filepath.Dir(path)+"/", "")
		if strings.Contains(said, "hunter2") {
			t.Errorf("%s: the error shows a secret: %s", each.name, said)
		}
		writeCase(&out, each, errors.New(said))
	}
	golden(t, "testdata/messages/server.txt", out.String())
}

// A mistake is found at its own line in a long file as well, behind lists over several
// lines that break off in the same way.
func TestFaultyLineInLongFiles(t *testing.T) {
	var text strings.Builder
	text.WriteString("version: 1\ncomponents:\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "  - name: c%d\n    consumes: [\n      {api: a, operations: [\n        {op: GET /a}]}]\n", i)
	}
	text.WriteString("  - name: last\n    consumes: [{api: a}\n  - name: behind\n")
	_, err := ParseRepository("plimsoll.yml", []byte(text.String()))
	if want := "plimsoll.yml:8004:15: not YAML: a list […] is not closed"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, expected %s", err, want)
	}
}

// writeCase writes the file with line numbers, and what is said of it.
func writeCase(out *strings.Builder, each badFile, err error) {
	fmt.Fprintf(out, "## %s\n", each.name)
	for i, line := range strings.Split(strings.TrimSuffix(each.text, "\n"), "\n") {
		shown := fmt.Sprintf("%q", line)
		if len(shown) > 120 {
			shown = shown[:120] + "…"
		}
		fmt.Fprintf(out, "%6d  %s\n", i+1, strings.ReplaceAll(shown[1:len(shown)-1], `\"`, `"`))
	}
	fmt.Fprintf(out, "%v\n\n", err)
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata/messages", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; run with -update and read the difference. Now:\n%s", file, got)
	}
}
