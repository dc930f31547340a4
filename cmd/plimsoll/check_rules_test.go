package main

import (
	"encoding/json"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/sarif"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// rulesFile is a repository file with rule settings.
func rulesFile(entries string) string {
	return "version: 1\ncomponents:\n  - name: orders\n    provides:\n      - api: orders\n        spec: new/openapi.yaml\n        rules: [" + entries + "]\n"
}

const ignoreSKU = `{rule: response-property-removed, operation: "GET /orders/*", field: order.sku, ignore: true, reason: no clients, until: 2999-01-31}`

func TestCheckWithRules(t *testing.T) {
	files := checkFiles()
	files["organisation.yml"] = "version: 1\npolicy: {rules: [{rule: response-property-removed}]}\n"
	files["warned.yml"] = rulesFile("{rule: response-property-removed, level: risky}")
	files["info.yml"] = rulesFile("{rule: response-property-removed, level: info}")
	files["raised.yml"] = rulesFile("{rule: response-property-added, level: breaking}")
	files["ignored.yml"] = rulesFile(ignoreSKU)
	files["ended.yml"] = rulesFile(strings.Replace(ignoreSKU, "2999", "2020", 1))
	files["two.yml"] = rulesFile(ignoreSKU) + "      - {api: carts, spec: carts.yaml}\n"
	files["nothing.yml"] = rulesFile(strings.Replace(ignoreSKU, "GET /orders/*", "GET /order/{id}", 1))
	checkFolder(t, files)
	const both, hit = "--base old/openapi.yaml --head new/openapi.yaml ", "--consumers reader.yml "
	for name, c := range map[string]struct {
		args string
		want terminal.Answer
		says []string
	}{
		"ignored":                    {both + "--rules-from ignored.yml", terminal.Fine, []string{"ignored removed order.sku", "Ignored by rule in ignored.yml:7", "until 2999-01-31. Reason: no clients.", "; 1 ignored by rules"}},
		"ignored, and a consumer":    {both + hit + "--rules-from ignored.yml", terminal.Fine, []string{"Ignored by rule", "breaks web"}},
		"ended":                      {both + hit + "--rules-from ended.yml", terminal.No, []string{"ended on 2020-01-31 and does not count"}},
		"fixed":                      {both + hit + "--rules-from ignored.yml --organisation organisation.yml", terminal.No, []string{"the policy fixes response-property-removed"}},
		"lowered":                    {both + hit + "--rules-from warned.yml", terminal.Fine, []string{"risky removed order.sku"}},
		"lowered, asked for":         {both + hit + "--rules-from warned.yml --fail-on risky", terminal.No, []string{"Level risky by rule in warned.yml:7"}},
		"info, and a consumer":       {both + hit + "--rules-from info.yml --fail-on risky", terminal.No, nil},
		"info":                       {both + "--rules-from info.yml --fail-on risky", terminal.Fine, []string{"1 harmless", "Level info by rule in info.yml:7"}},
		"raised":                     {"--base new/openapi.yaml --head old/openapi.yaml --rules-from raised.yml", terminal.No, []string{"breaking added order.sku"}},
		"raised, nobody is affected": {"--base new/openapi.yaml --head old/openapi.yaml --rules-from raised.yml --consumers other.yml", terminal.No, nil},
		"of two by the contract":     {both + "--rules-from two.yml", terminal.Fine, []string{"Ignored by rule"}},
		"of two by its name":         {both + "--api carts --rules-from two.yml", terminal.No, nil},
		"an operation that is gone":  {both + "--rules-from nothing.yml", terminal.No, []string{"nothing.yml:7:17: the contract has no operation GET /order/{id}", "did you mean GET /orders/{id}?"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := runLine(t, append([]string{"check"}, strings.Fields(c.args)...)...)
			if status != c.want {
				t.Errorf("status %d, want %d; stderr %q", status, c.want, stderr)
			}
			for _, text := range c.says {
				if !strings.Contains(stdout, text) {
					t.Errorf("%q is not in:\n%s", text, stdout)
				}
			}
		})
	}
}

// What is not compared stays unknown, whatever the rules say.
func TestCheckRulesOfWhatIsNotCompared(t *testing.T) {
	files := checkFiles()
	files["all.yml"] = rulesFile(`{rule: "*", ignore: true, reason: no, until: 2999-01-31}, {rule: construct-not-compared, level: info}`)
	checkFolder(t, files)
	status, stdout, _ := runLine(t, strings.Fields("check --base dialect.yaml --head dialect2.yaml --rules-from all.yml")...)
	if status != terminal.Unknown || !strings.Contains(stdout, "risky can't compare") {
		t.Errorf("status %d:\n%s", status, stdout)
	}
}

func TestCheckRulesInJSONAndSARIF(t *testing.T) {
	files := checkFiles()
	files["ignored.yml"], files["warned.yml"] = rulesFile(ignoreSKU), rulesFile("{rule: response-property-removed, level: risky}")
	checkFolder(t, files)
	ask := func(rules, format string, into any) {
		t.Helper()
		_, stdout, stderr := runLine(t, "check", "--base", "old/openapi.yaml", "--head", "new/openapi.yaml", "--consumers", "reader.yml", "--rules-from", rules, "--format", format)
		if err := json.Unmarshal([]byte(stdout), into); err != nil {
			t.Fatalf("%v: %s%s", err, stdout, stderr)
		}
	}
	var ignored, warned compare.JSON
	ask("ignored.yml", "json", &ignored)
	ask("warned.yml", "json", &warned)
	if ignored.Verdict != contracts.Breaks || ignored.Summary != (compare.Summary{Affected: 1, Ignored: 1}) {
		t.Errorf("the verdict must stay: %+v", ignored)
	}
	if r := ignored.Changes[0].Ruling; r == nil || !r.Ignored || r.Setting.Reason != "no clients" || r.Setting.Position.Line != 7 || r.UsualLevel != contracts.Breaking {
		t.Errorf("ruling %+v", r)
	}
	if c := warned.Changes[0]; c.Level != contracts.Risky || c.Ruling == nil || c.Ruling.UsualLevel != contracts.Breaking {
		t.Errorf("change %+v", c)
	}
	var log sarif.Log
	ask("ignored.yml", "sarif", &log)
	if r := log.Runs[0].Results[0]; r.Level != "error" || len(r.Suppressions) != 1 || r.Suppressions[0].Kind != "external" || !strings.Contains(r.Suppressions[0].Justification, "no clients") {
		t.Errorf("result %+v", r)
	}
}

// The rules of the base are named as the contracts are.
func TestCheckRulesOfARevision(t *testing.T) {
	dir := checkFolder(t, checkFiles())
	gittest.Write(t, dir, map[string]string{".github/plimsoll.yml": rulesFile(ignoreSKU)})
	gittest.Commit(t, dir)
	gittest.Write(t, dir, map[string]string{".github/plimsoll.yml": "version: 2\n"})
	status, stdout, stderr := runLine(t, strings.Fields("check --base old/openapi.yaml --head new/openapi.yaml --rules-from HEAD:.github/plimsoll.yml")...)
	if status != terminal.Fine || !strings.Contains(stdout, "Ignored by rule in .github/plimsoll.yml:7") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

func TestCheckBadRules(t *testing.T) {
	files := checkFiles()
	files["broken.yml"] = rulesFile("{rule: response-propety-removed, level: info}")
	files["none.yml"] = "version: 1\n"
	files["two.yml"] = strings.Replace(rulesFile(ignoreSKU), "new/openapi", "other", 1) + "      - {api: carts, spec: carts.yaml}\n"
	checkFolder(t, files)
	for args, says := range map[string]string{
		"--rules-from broken.yml":        "broken.yml:7:24: no rule is called \"response-propety-removed\" (did you mean response-property-removed?)",
		"--rules-from none.yml":          "the file declares no API",
		"--rules-from two.yml":           "choose the API with --api: orders, carts",
		"--rules-from gone.yml":          "gone.yml: no such file",
		"--organisation none.yml":        "--organisation needs --readiness",
		"--readiness --rules-from a.yml": "--rules-from can't be combined with --readiness",
	} {
		line := "check --base old/openapi.yaml --head new/openapi.yaml " + args
		if strings.Contains(args, "--readiness") {
			line = "check " + args
		}
		status, stdout, stderr := runLine(t, strings.Fields(line)...)
		if status != terminal.Bad || stdout != "" || !strings.Contains(stderr, says) {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", args, status, stdout, stderr, says)
		}
	}
}

// The step follows the rules of the base, and never those that the pull request brings.
func TestActionAndRules(t *testing.T) {
	ruled := strings.Replace(shopFile, "yaml}", `yaml, rules: [{rule: response-property-removed, field: price, ignore: true, reason: gone, until: 2999-01-31}]}`, 1)
	raised := strings.Replace(shopFile, "yaml}", `yaml, rules: [{rule: response-property-removed, level: breaking}]}`, 1)
	base := map[string]string{".github/plimsoll.yml": ruled, "openapi.yaml": canContract, "consumers/web.yml": webFile}
	s := newStep(t, base, map[string]string{"openapi.yaml": withoutPrice})
	s.run("--consumers", "consumers", "--readiness=false").has(t, terminal.Fine, "1 change ignored by a rule", "Reason: gone.", "answer=yes")

	base[".github/plimsoll.yml"] = shopFile
	s = newStep(t, base, map[string]string{"openapi.yaml": withoutPrice, ".github/plimsoll.yml": ruled})
	s.run("--consumers", "consumers", "--readiness=false").has(t, terminal.No, "1 consumer breaks: web", "takes effect after it is merged into `main`")

	base[".github/plimsoll.yml"] = raised
	s = newStep(t, base, map[string]string{"openapi.yaml": strings.Replace(canContract, "                  color: {type: string}\n", "", 1)})
	s.run("--consumers", "consumers", "--readiness=false").has(t, terminal.No, "1 change is set to breaking by a rule")
}
