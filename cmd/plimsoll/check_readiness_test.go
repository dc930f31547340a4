package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/checks/readiness"
	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/readycheck"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// readyFile declares a component that lacks a runbook and an owner, and no workflow
// that deploys.
const readyFile = `version: 1
components:
  - name: orders
    path: orders
    provides:
      - {api: orders, spec: orders/openapi.yaml}
    health:
      endpoint: GET /healthz
`

const readyContract = `openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /healthz: {get: {responses: {"200": {description: ok}}}}
`

// billing is a second component, which lacks the same.
const billingComponent = `  - name: billing
    path: billing
    provides:
      - {api: billing, spec: billing/openapi.yaml}
    health:
      endpoint: GET /healthz
`

func readyFiles() map[string]string {
	return map[string]string{".github/plimsoll.yml": readyFile, "orders/openapi.yaml": readyContract}
}

// write changes a file of the folder at hand.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// findings gives "rule component blocks|new|old|waived" of every finding of two rules
// that stay as they are, whatever other rules say.
func findings(t *testing.T, args ...string) (got []string, result readycheck.JSON) {
	t.Helper()
	_, stdout, stderr := runLine(t, append([]string{"check", "--readiness", "--format", "json"}, args...)...)
	if err := json.Unmarshal([]byte(stdout), &result); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	for _, c := range result.Components {
		for _, f := range c.Findings {
			state := "old"
			switch {
			case f.Blocks:
				state = "blocks"
			case f.Waived:
				state = "waived"
			case f.New:
				state = "new"
			}
			if f.Rule == "RB001" || f.Rule == "OW001" {
				got = append(got, f.Rule+" "+c.Name+" "+state)
			}
		}
	}
	return got, result
}

func TestReadinessOfAFolder(t *testing.T) {
	checkFolder(t, readyFiles())
	got, result := findings(t)
	if want := []string{"RB001 orders blocks", "OW001 orders blocks"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if result.Schema != "plimsoll.readiness/v1" || result.Verdict != "blocked" || result.Summary.Blocking < 2 || len(result.Components[0].Results) != len(readiness.Rules) {
		t.Errorf("got %+v", result)
	}
	status, stdout, stderr := runLine(t, "check", "--readiness")
	for _, want := range []string{
		"blocks RB001 orders: no runbook is declared", "  .github/plimsoll.yml:7:5: health:\n", "  add to .github/plimsoll.yml after line 8:\n      9 +       alerts:\n     10 +         - ops/alerts/orders.yml\n     11 +       runbook: docs/runbooks/orders.md\n",
		"blocks OW001 orders: no owner", "  adapt and add to .github/plimsoll.yml after line 3:\n        +     owner: \"@OWNER/orders\"\n", "in place: ", " block. Apply the fixes above (--fix does), or waive",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in:\n%s", want, stdout)
		}
	}
	if status != terminal.No || stderr != "" || strings.Contains(stdout, "\x1b") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

// TestReadinessAgainstARevision: a new component blocks, what was there does not; the
// policy and the waivers of the base count, those of the folder do not yet.
func TestReadinessAgainstARevision(t *testing.T) {
	dir := checkFolder(t, readyFiles())
	base := gittest.Commit(t, dir)
	got, result := findings(t, "--base", base)
	if want := []string{"RB001 orders old", "OW001 orders old"}; !slices.Equal(got, want) || result.Verdict != "ready" {
		t.Errorf("nothing changed: %v, %s", got, result.Verdict)
	}
	if status, stdout, _ := runLine(t, "check", "--readiness", "--base", base); status != terminal.Fine || !strings.Contains(stdout, "No new gaps.") {
		t.Errorf("nothing changed: status %d\n%s", status, stdout)
	}
	write(t, "billing/openapi.yaml", readyContract)
	waived := strings.Replace(billingComponent, "health:\n", "health:\n      waive: [{rule: owner, reason: later, until: 2199-01-01}]\n", 1)
	write(t, ".github/plimsoll.yml", readyFile+waived+"policy: {block: [HC001]}\n")
	got, result = findings(t, "--base", base)
	if want := []string{"RB001 orders old", "OW001 orders old", "RB001 billing blocks", "OW001 billing blocks"}; !slices.Equal(got, want) {
		t.Errorf("a new component: %v", got)
	}
	if len(result.Components) != 2 || !result.Components[1].New || result.Components[0].New || result.Components[1].Waivers[0].State != readiness.NotYet {
		t.Errorf("a new component: %+v", result.Components)
	}
	later := gittest.Commit(t, dir) // now it is the base's word
	if got, _ = findings(t, "--base", later); !slices.Equal(got, []string{"RB001 orders old", "OW001 orders old", "RB001 billing old", "OW001 billing waived"}) {
		t.Errorf("merged: %v", got)
	}
	if got, _ = findings(t); !slices.Equal(got, []string{"RB001 orders new", "OW001 orders new", "RB001 billing new", "OW001 billing waived"}) {
		t.Errorf("alone, and the policy has only HC001 block: %v", got)
	}
	for failOn, want := range map[string]terminal.Answer{"blocking": terminal.Fine, "new": terminal.No, "any": terminal.No, "none": terminal.Fine} {
		if status, _, _ := runLine(t, "check", "--readiness", "--fail-on", failOn); status != want {
			t.Errorf("--fail-on %s: status %d, want %d", failOn, status, want)
		}
	}
}

// What the folder takes out of its file is evaluated as long as its files are there.
func TestReadinessKeepsItsPolicy(t *testing.T) {
	files := readyFiles()
	files[".github/plimsoll.yml"] = strings.Replace(readyFile, "    path: orders\n", "    path: orders\n    owner: \"@acme/orders\"\n", 1)
	base := gittest.Commit(t, checkFolder(t, files))
	write(t, ".github/plimsoll.yml", "version: 1\ncomponents:\n  - name: orders\n    path: orders\n")
	_, result := findings(t, "--base", base)
	if len(result.Components) != 1 || !result.Components[0].Kept || result.Verdict != "blocked" {
		t.Errorf("the judge is switched off: %+v", result)
	}
	if err := os.Remove(".github/plimsoll.yml"); err != nil {
		t.Fatal(err)
	}
	if _, result = findings(t, "--base", base); len(result.Components) != 1 || !result.Components[0].Kept {
		t.Errorf("without its file: %+v", result)
	}
	if status, _, stderr := runLine(t, "check", "--readiness"); status != terminal.Bad || !strings.Contains(stderr, "plimsoll discover . drafts one") {
		t.Errorf("without a base: status %d, %s", status, stderr)
	}
}

// Day one: the base has no repository file, so nothing blocks.
func TestReadinessOnDayOne(t *testing.T) {
	base := gittest.Commit(t, checkFolder(t, map[string]string{"orders/openapi.yaml": readyContract}))
	write(t, ".github/plimsoll.yml", readyFile)
	status, stdout, _ := runLine(t, "check", "--readiness", "--base", base)
	if status != terminal.Fine || !strings.Contains(stdout, "missing RB001 orders") || !strings.Contains(stdout, "None blocks yet, because "+base+" has no plimsoll.yml.") {
		t.Errorf("status %d\n%s", status, stdout)
	}
}

// A folder below the repository's root is compared with the same folder of the base.
func TestReadinessOfAFolderBelowTheRoot(t *testing.T) {
	files := map[string]string{"README.md": "top"}
	for name, text := range readyFiles() {
		files["shop/"+name] = text
	}
	dir := checkFolder(t, files)
	base := gittest.Commit(t, dir)
	for _, at := range []string{"shop", "."} {
		if at == "." {
			t.Chdir(filepath.Join(dir, "shop"))
		}
		if got, _ := findings(t, at, "--base", base); !slices.Equal(got, []string{"RB001 orders old", "OW001 orders old"}) {
			t.Errorf("%s: %v", at, got)
		}
	}
}

// What blocks is the commit at which the branch left: what the base got since is not
// held against the folder, and the base's policy counts as it is now.
func TestReadinessMergeBase(t *testing.T) {
	dir := checkFolder(t, readyFiles())
	left := gittest.Commit(t, dir)
	write(t, ".github/plimsoll.yml", strings.Replace(readyFile, "    path: orders\n", "    path: orders\n    owner: \"@acme/orders\"\n", 1)+"policy: {block: [HC001]}\n")
	tip := gittest.Commit(t, dir)
	gittest.Run(t, dir, "checkout", "-q", "--force", left)
	if got, _ := findings(t, "--base", tip); !slices.Equal(got, []string{"RB001 orders old", "OW001 orders old"}) {
		t.Errorf("the base has an owner since: %v", got)
	}
	write(t, "billing/openapi.yaml", readyContract)
	write(t, ".github/plimsoll.yml", readyFile+billingComponent)
	if got, _ := findings(t, "--base", tip); !slices.Equal(got, []string{"RB001 orders old", "OW001 orders old", "RB001 billing new", "OW001 billing new"}) {
		t.Errorf("the base has only HC001 block since: %v", got)
	}
}

// A repository file that was broken where the branch left is no way to enrol anew: what
// the base says now counts for it.
func TestReadinessBrokenMergeBase(t *testing.T) {
	files := readyFiles()
	files[".github/plimsoll.yml"] = "version: 1\nx: 1\n"
	dir := checkFolder(t, files)
	left := gittest.Commit(t, dir)
	write(t, ".github/plimsoll.yml", readyFile)
	tip := gittest.Commit(t, dir)
	gittest.Run(t, dir, "checkout", "-q", "--force", left)
	write(t, ".github/plimsoll.yml", readyFile+billingComponent)
	write(t, "billing/openapi.yaml", readyContract)
	if got, _ := findings(t, "--base", tip); !slices.Equal(got, []string{"RB001 orders old", "OW001 orders old", "RB001 billing blocks", "OW001 billing blocks"}) {
		t.Errorf("got %v", got)
	}
	if status, _, stderr := runLine(t, "check", "--readiness", "--base", left); status != terminal.Bad || !strings.Contains(stderr, left+":.github/plimsoll.yml:2:1: x: unknown key") {
		t.Errorf("the base itself is broken: status %d, %s", status, stderr)
	}
}

func TestReadinessOrganisation(t *testing.T) {
	files := readyFiles()
	files["org.yml"] = "version: 1\ndefaults: {owner: \"@acme/all\"}\npolicy: {block: [HC001]}\n"
	files[".github/plimsoll.yml"] += "policy: {block: [HC002]}\n"
	checkFolder(t, files)
	if got, _ := findings(t, "--organisation", "org.yml"); !slices.Equal(got, []string{"RB001 orders new"}) {
		t.Errorf("got %v", got)
	}
}

func TestReadinessCannotTell(t *testing.T) {
	files := readyFiles()
	files[".github/plimsoll.yml"] += "policy: {block: []}\n"
	files["orders/openapi.yaml"] = "openapi: [\n"
	checkFolder(t, files)
	status, stdout, _ := runLine(t, "check", "--readiness")
	if status != terminal.Unknown || !strings.Contains(stdout, "unknown HC002 orders: the contract can't be read: ") {
		t.Errorf("status %d\n%s", status, stdout)
	}
	if _, result := findings(t); result.Verdict != "unknown" || result.Summary.Unknown == 0 {
		t.Errorf("got %+v", result)
	}
}

func TestReadinessBadInput(t *testing.T) {
	files := readyFiles()
	files["none/README.md"] = "nothing"
	files["near/plimsoll.yaml"] = "version: 1\n"
	files["broken/plimsoll.yml"] = "version: 1\ncomponent: []\nx: 1\n"
	dir := checkFolder(t, files)
	gittest.Commit(t, dir)
	for args, says := range map[string]string{
		"--readiness none":                  "none: no .github/plimsoll.yml and no plimsoll.yml (plimsoll discover none drafts one)",
		"--readiness near":                  "near/plimsoll.yaml: this file is ignored",
		"--readiness broken":                `broken/plimsoll.yml:2:1: component: unknown key "component"`,
		"--readiness nowhere":               "nowhere",
		"--readiness go.mod":                "go.mod",
		"--readiness orders/openapi.yaml":   "needs a folder",
		"--readiness --base nosuch":         "find revision nosuch",
		"--readiness --head x":              "--head can't be combined with --readiness",
		"--readiness --consumers x":         "--consumers can't be combined with --readiness",
		"--readiness --fail-on breaking":    "use one of blocking, new, any, none",
		"--readiness --format tar":          "--format tar",
		"--readiness --organisation gone":   "read the organisation's file",
		"--readiness --metrics nowhere":     "--metrics: ",
		"--readiness a b":                   "found 2 arguments, expected: plimsoll check",
		"orders":                            "a folder needs --readiness",
		"--organisation x":                  "--organisation needs --readiness",
		"--base a --head b --metrics http:": "--metrics needs --readiness",
	} {
		status, stdout, stderr := runLine(t, append([]string{"check"}, strings.Fields(args)...)...)
		if status != terminal.Bad || stdout != "" || !strings.Contains(stderr, says) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", args, status, stdout, stderr, says)
		}
	}
	t.Chdir(t.TempDir())
	for name, text := range readyFiles() {
		write(t, name, text)
	}
	if status, _, stderr := runLine(t, "check", "--readiness", "--base", "HEAD"); status != terminal.Bad || !strings.Contains(stderr, ". is not in a git repository") {
		t.Errorf("no git repository: status %d, %s", status, stderr)
	}
}

// Without git the folder is evaluated all the same, and what that means is told.
func TestReadinessWithoutGit(t *testing.T) {
	dir, path := checkFolder(t, readyFiles()), os.Getenv("PATH")
	t.Setenv("PATH", t.TempDir())
	status, stdout, stderr := runLine(t, "check", "--readiness")
	if status != terminal.No || !strings.Contains(stdout, "RB001 orders") || stderr != "" {
		t.Errorf("in no repository: status %d\n%s%s", status, stdout, stderr)
	}
	t.Setenv("PATH", path)
	base := gittest.Commit(t, dir)
	t.Setenv("PATH", t.TempDir())
	status, stdout, stderr = runLine(t, "check", "--readiness")
	if status != terminal.No || !strings.Contains(stdout, "RB001 orders") || stderr != "plimsoll: .: git is not in PATH; install git; ignored files are checked too\n" {
		t.Errorf("in a repository: status %d\n%s%s", status, stdout, stderr)
	}
	if status, _, stderr = runLine(t, "check", "--readiness", "--base", base); status != terminal.Bad || !strings.Contains(stderr, "plimsoll: --base "+base+": git is not in PATH; install git\n") {
		t.Errorf("with a base: status %d, %s", status, stderr)
	}
}
