package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/sarif"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
)

const checkBase = `openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {$ref: order.yaml}
`

const checkOrder = "type: object\nproperties:\n  id: {type: string}\n  sku: {type: string}\n"

func declaration(reads string) string {
	return `version: 1
components:
  - name: web
    owner: "@acme/web"
    consumes:
      - api: orders
        operations:
          - op: GET /orders/{id}
            reads: [` + reads + `]
`
}

// checkFolder writes files into a folder and goes there.
func checkFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

// dialect is a contract whose schemas have keywords of their own.
const dialect = `openapi: 3.2.0
jsonSchemaDialect: https://acme.dev/dialect
paths:
  /orders/{id}:
    get:
      parameters: [{in: path, name: id, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {id: SCHEMA, sku: {}}}}}}}
`

func checkFiles() map[string]string {
	return map[string]string{
		"old/openapi.yaml": checkBase, "old/order.yaml": checkOrder,
		"new/openapi.yaml": checkBase, "new/order.yaml": strings.Replace(checkOrder, "  sku: {type: string}\n", "", 1),
		"dialect.yaml":  strings.Replace(dialect, "SCHEMA", "{acmeRange: 1}", 1),
		"dialect2.yaml": strings.Replace(dialect, "SCHEMA", "{acmeRange: 2}", 1),
		"reader.yml":    declaration("id, sku"), "other.yml": declaration("id"), "typo.yml": declaration("skuu"),
	}
}

// runLine runs one command line.
func runLine(t *testing.T, args ...string) (status terminal.Answer, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	err := run(t.Context(), args, func(string) string { return "" }, &out, &errs)
	return terminal.StatusOf(err), out.String(), errs.String()
}

func TestCheckExitStatus(t *testing.T) {
	checkFolder(t, checkFiles())
	cases := []struct {
		name, args string
		want       terminal.Answer
		says       string
	}{
		{"breaking", "--base old/openapi.yaml --head new/openapi.yaml", terminal.No, "new/openapi.yaml"},
		{"the same", "--base old/openapi.yaml --head old/openapi.yaml", terminal.Fine, "No change"},
		{"hit", "--base old/openapi.yaml --head new/openapi.yaml --consumers reader.yml", terminal.No, "breaks web (@acme/web): reads sku, reader.yml:9:"},
		{"nobody hit", "--base old/openapi.yaml --head new/openapi.yaml --consumers other.yml", terminal.Fine, "affects none of the given consumers"},
		{"not compared", "--base dialect.yaml --head dialect2.yaml", terminal.Unknown, "can't compare what uses JSON Schema dialect https://acme.dev/dialect"},
		{"not compared, same", "--base dialect.yaml --head dialect.yaml", terminal.Fine, "No change"},
		{"not compared, asked for", "--base dialect.yaml --head dialect2.yaml --fail-on risky", terminal.No, "can't compare"},
		{"not compared, for a consumer", "--base dialect.yaml --head dialect2.yaml --consumers other.yml", terminal.Unknown, "unknown web"},
		{"can't tell", "--base old/openapi.yaml --head new/openapi.yaml --consumers typo.yml", terminal.Unknown, "did you mean sku?"},
		{"fail on nothing", "--base old/openapi.yaml --head new/openapi.yaml --fail-on none", terminal.Fine, "1 breaking"},
		{"the way back", "--base new/openapi.yaml --head old/openapi.yaml", terminal.Fine, "1 harmless"},
		{"fail on info", "--base new/openapi.yaml --head old/openapi.yaml --fail-on info", terminal.No, "1 harmless"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			status, stdout, stderr := runLine(t, append([]string{"check"}, strings.Fields(tc.args)...)...)
			if status != tc.want || stderr != "" {
				t.Errorf("status %d, want %d; stderr %q", status, tc.want, stderr)
			}
			if tc.name != "breaking" && !strings.Contains(stdout, tc.says) {
				t.Errorf("%q is not in:\n%s", tc.says, stdout)
			}
		})
	}
}

func TestCheckBadInput(t *testing.T) {
	files := checkFiles()
	files["broken.yaml"] = "openapi: 3.0.3\npaths: [\n"
	files["remote.yaml"] = strings.Replace(checkBase, "order.yaml", "https://acme.dev/order.yaml", 1)
	checkFolder(t, files)
	for args, says := range map[string]string{
		"--base old/openapi.yaml":                                       "--base and --head are required",
		"--base gone.yaml --head new/openapi.yaml":                      "gone.yaml: no such file",
		"--base broken.yaml --head new/openapi.yaml":                    "broken.yaml:",
		"--base remote.yaml --head new/openapi.yaml":                    "remote.yaml:12:",
		"--base old/openapi.yaml --head old/openapi.yaml --fail-on x":   "--fail-on x",
		"--base old/openapi.yaml --head old/openapi.yaml --format tar":  "--format tar",
		"--base HEAD:openapi.yaml --head new/openapi.yaml":              "HEAD:openapi.yaml: not in a git repository",
		"--base old/openapi.yaml --head old/openapi.yaml --consumers x": "x: no such file",
	} {
		status, stdout, stderr := runLine(t, append([]string{"check"}, strings.Fields(args)...)...)
		if status != terminal.Bad || stdout != "" || !strings.Contains(stderr, says) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", args, status, stdout, stderr, says)
		}
	}
}

func TestCheckJSON(t *testing.T) {
	checkFolder(t, checkFiles())
	_, stdout, _ := runLine(t, "check", "--base", "old/openapi.yaml", "--head", "new/openapi.yaml", "--consumers", "reader.yml", "--format", "json")
	var got compare.JSON
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != "plimsoll.check/v1" || got.Verdict != contracts.Breaks || got.Summary != (compare.Summary{Breaking: 1, Affected: 1}) || len(got.Changes) != 1 {
		t.Fatalf("got %+v", got)
	}
	c := got.Changes[0]
	if c.Rule != "response-property-removed" || c.Edge != (contracts.Edge{Schema: "order", Name: "sku", Kind: contracts.KindProperty}) || c.Reached != 1 {
		t.Errorf("got %+v", c)
	}
	if c.Source.Base == nil || *c.Source.Base != (contracts.Position{File: "old/order.yaml", Line: 4, Column: 3}) || c.Source.Head != nil {
		t.Errorf("source %+v", c.Source)
	}
	if len(c.Consumers) != 1 || c.Consumers[0].Reason != "reads sku" || c.Consumers[0].Evidence[0].File != "reader.yml" || c.Consumers[0].Evidence[0].Line != 9 {
		t.Errorf("consumers %+v", c.Consumers)
	}
}

func TestCheckSARIF(t *testing.T) {
	checkFolder(t, checkFiles())
	_, stdout, _ := runLine(t, "check", "--base", "old/openapi.yaml", "--head", "new/openapi.yaml", "--format", "sarif")
	var log sarif.Log
	if err := json.Unmarshal([]byte(stdout), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(run.Results) != 1 || len(run.Tool.Driver.Rules) != len(diff.Rules()) {
		t.Fatalf("got %+v", log)
	}
	r := run.Results[0]
	if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.Level != "error" || r.Locations[0].Physical.Region.StartLine != 4 || r.Fingerprints["plimsoll/v1"] == "" {
		t.Errorf("got %+v", r)
	}
}

func TestCheckMarkdown(t *testing.T) {
	checkFolder(t, checkFiles())
	_, stdout, _ := runLine(t, "check", "--base", "old/openapi.yaml", "--head", "new/openapi.yaml", "--consumers", "reader.yml", "--format", "markdown")
	for _, want := range []string{"**1 breaking, 0 risky, 0 harmless**", "`old/order.yaml:4:3`", "**web** breaks"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in:\n%s", want, stdout)
		}
	}
}

// The changelog has a heading for each operation, and a change of a shared schema once.
func TestCheckChangelog(t *testing.T) {
	const top = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}}\n" +
		"  /b: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}}\n"
	checkFolder(t, map[string]string{
		"old.yaml": top + "components: {schemas: {A: {type: object, properties: {x: {type: string}, y: {type: string, enum: [p]}}}}}\n",
		"new.yaml": top + "  /c: {get: {responses: {'200': {description: ok}}}}\ncomponents: {schemas: {A: {type: object, properties: {y: {type: string, enum: [p, q]}, z: {type: string}}}}}\n",
	})
	status, stdout, _ := runLine(t, "check", "--base", "old.yaml", "--head", "new.yaml", "--format", "changelog", "--fail-on", "none")
	want := "### Several operations\n\n" +
		"- **Breaking:** removed `A.x` from responses (`GET /a`, `GET /b`)\n" +
		"- **May break:** added value `q` to `A.y` in responses (`GET /a`, `GET /b`)\n" +
		"- Added `A.z` to responses (`GET /a`, `GET /b`)\n\n" +
		"### `GET /c`\n\n- Added operation `GET /c`\n"
	if status != terminal.Fine || stdout != want {
		t.Errorf("status %d:\n%s\nexpected:\n%s", status, stdout, want)
	}
	if _, stdout, _ := runLine(t, "check", "--base", "old.yaml", "--head", "old.yaml", "--format", "changelog"); stdout != "No changes to the API.\n" {
		t.Errorf("no changes: %s", stdout)
	}
	if status, _, stderr := runLine(t, "check", "--readiness", "--format", "changelog"); status == terminal.Fine || !strings.Contains(stderr, "can't be combined with --readiness") {
		t.Errorf("with --readiness: status %d, %s", status, stderr)
	}
}

func TestCheckRules(t *testing.T) {
	status, stdout, _ := runLine(t, "check", "--rules")
	for _, r := range diff.Rules() {
		if !strings.Contains(stdout, r.Name) || r.Reason == "" || r.Example == "" {
			t.Errorf("%s: no line, reason or example", r.Name)
		}
	}
	if status != terminal.Fine {
		t.Errorf("status %d", status)
	}
}

// TestCheckRevision reads REV:PATH from the repository at hand, with the files that
// the contract refers to.
func TestCheckRevision(t *testing.T) {
	dir := checkFolder(t, map[string]string{"api/openapi.yaml": checkBase, "api/order.yaml": checkOrder})
	gittest.Commit(t, dir)
	if err := os.WriteFile("api/order.yaml", []byte("type: object\nproperties:\n  id: {type: string}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := runLine(t, "check", "--base", "HEAD:api/openapi.yaml", "--head", "api/openapi.yaml")
	if status != terminal.No || !strings.Contains(stdout, "api/order.yaml:4:3: sku: {type: string}") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	t.Chdir(filepath.Join(dir, "api"))
	if status, stdout, stderr := runLine(t, "check", "--base", "HEAD:./openapi.yaml", "--head", "openapi.yaml"); status != terminal.No {
		t.Errorf("from a folder: status %d\n%s%s", status, stdout, stderr)
	}
	if status, _, stderr := runLine(t, "check", "--base", "nosuch:api/openapi.yaml", "--head", "openapi.yaml"); status != terminal.Bad || !strings.Contains(stderr, "nosuch:api/openapi.yaml: no such commit here") {
		t.Errorf("an unknown revision: status %d, %s", status, stderr)
	}
}

// Without git, and outside a repository, REV:PATH is refused with what to do; a revision
// that looks like an option is none.
func TestCheckRevisionRefused(t *testing.T) {
	dir := checkFolder(t, map[string]string{"openapi.yaml": checkOrders("id: {type: string}")})
	for rev, says := range map[string]string{"HEAD": "not in a git repository", "--upload-pack=touch x": "not in a git repository"} {
		if status, _, stderr := runLine(t, "check", "--base", rev+":openapi.yaml", "--head", "openapi.yaml"); status != terminal.Bad || !strings.Contains(stderr, says) {
			t.Errorf("outside a repository, %s: status %d, %s", rev, status, stderr)
		}
	}
	gittest.Commit(t, dir)
	for rev, says := range map[string]string{
		"--upload-pack=touch planted": "no such commit here",
		"--help":                      "no such commit here", "HEAD..HEAD": "no such commit here",
	} {
		if status, _, stderr := runLine(t, "check", "--base", rev+":openapi.yaml", "--head", "openapi.yaml"); status != terminal.Bad || !strings.Contains(stderr, says) {
			t.Errorf("%s: status %d, %s", rev, status, stderr)
		}
	}
	if _, err := os.Stat("planted"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a revision was run: %v", err)
	}
	if status, _, stderr := runLine(t, "check", "--base", "HEAD:none.yaml", "--head", "openapi.yaml"); status != terminal.Bad || !strings.Contains(stderr, "none.yaml: no such file") {
		t.Errorf("no such file there: status %d, %s", status, stderr)
	}
	t.Setenv("PATH", t.TempDir())
	if status, _, stderr := runLine(t, "check", "--base", "HEAD:openapi.yaml", "--head", "openapi.yaml"); status != terminal.Bad || !strings.Contains(stderr, "git is not in PATH; install git") {
		t.Errorf("without git: status %d, %s", status, stderr)
	}
}

// TestCheckPathsAsGiven: files are named as the command line names them, also from a
// folder beside them, and the files that they refer to likewise.
func TestCheckPathsAsGiven(t *testing.T) {
	dir := checkFolder(t, checkFiles())
	for name, text := range map[string]string{"new/order.yaml": "type: object\n}\n", "here/x": ""} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir("here")
	_, _, stderr := runLine(t, "check", "--base", "../old/openapi.yaml", "--head", "../new/openapi.yaml")
	if !strings.HasPrefix(stderr, "plimsoll: ../new/order.yaml:2:") {
		t.Errorf("a file that is referred to: %q", stderr)
	}
	if err := os.WriteFile("../new/order.yaml", []byte(checkFiles()["new/order.yaml"]), 0o644); err != nil {
		t.Fatal(err)
	}
	_, stdout, _ := runLine(t, "check", "--base", "../old/openapi.yaml", "--head", "../new/openapi.yaml")
	if !strings.Contains(stdout, "\n  ../old/order.yaml:") {
		t.Errorf("a change:\n%s", stdout)
	}
	full := filepath.Join(dir, "old", "openapi.yaml")
	_, stdout, _ = runLine(t, "check", "--base", "../new/openapi.yaml", "--head", full, "--fail-on", "info", "--format", "json")
	if !strings.Contains(stdout, `"file": "`+filepath.ToSlash(filepath.Dir(full))+`/order.yaml"`) {
		t.Errorf("an absolute path:\n%s", stdout)
	}
}
