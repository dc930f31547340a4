package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/sarif"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// checkOrders is the contract in one file, as a client generator stores it.
func checkOrders(properties string) string {
	return strings.Replace(checkBase, "{$ref: order.yaml}", "{$ref: '#/components/schemas/Order'}", 1) +
		"components:\n  schemas:\n    Order:\n      type: object\n      properties: {" + properties + "}\n"
}

// kiotaClient is what Kiota leaves of a client of orders, with the copy that it
// was generated from.
func kiotaClient(folder, stored string) map[string]string {
	return map[string]string{
		folder + "/.kiota/workspace.json":                "{\"version\": \"1.0.0\", \"clients\": {\"orders\": {\"descriptionLocation\": \"https://acme.dev/orders.yaml\",\n \"includePatterns\": [\"/orders/{id}#GET\"]}}}\n",
		folder + "/.kiota/documents/orders/openapi.yaml": stored,
	}
}

func baselineFiles(more ...map[string]string) map[string]string {
	files := map[string]string{
		"base.yaml": checkOrders("id: {type: string}"), "head.yaml": checkOrders("id: {type: string}, more: {type: string}"),
		"cut.yaml": checkOrders("more: {type: string}"),
	}
	for _, each := range more {
		for name, text := range each {
			files[name] = text
		}
	}
	return files
}

func pinned(reads, baseline string) string {
	return strings.Replace(declaration(reads), "        operations:", "        baseline: "+baseline+"\n        operations:", 1)
}

func TestCheckBaselines(t *testing.T) {
	full := checkOrders("id: {type: string}, sku: {type: string}")
	declared := func(folder, text, stored string) map[string]string {
		return map[string]string{folder + "/.github/plimsoll.yml": text, folder + "/api/orders.yaml": stored}
	}
	outside := map[string]string{"web/plimsoll.yml": pinned("sku", "api/link.yaml"), "secret.yaml": full}
	checkFolder(t, baselineFiles(
		kiotaClient("behind", full), kiotaClient("ahead", checkOrders("more: {type: string}")), kiotaClient("equal", checkOrders("id: {type: string}")),
		kiotaClient("broken", "openapi: 3.0.3\npaths: [\n"),
		declared("declared", pinned("sku", "api/orders.yaml"), full),
		map[string]string{"gone/plimsoll.yml": pinned("id", "api/none.yaml"), "commit/plimsoll.yml": pinned("id", strings.Repeat("4f", 20))},
		outside,
		map[string]string{
			"behind/.kiota/apimanifest.json": `{"apiDependencies": {"orders": {"apiDescriptionUrl": "https://acme.dev/orders.yaml", "requests": [{"method": "GET", "uriTemplate": "/orders/{id}"}]}}}`,
			"bare/.kiota/workspace.json":     kiotaClient("bare", "")["bare/.kiota/workspace.json"],
			"linked/.kiota/workspace.json":   kiotaClient("linked", "")["linked/.kiota/workspace.json"],
		},
	))
	if err := os.Mkdir("linked/.kiota/documents", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../../secret.yaml", "linked/.kiota/documents/orders"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("web/api", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../secret.yaml", "web/api/link.yaml"); err != nil {
		t.Fatal(err)
	}
	const since = " (since the baseline of the affected consumer, not since the base)"
	cases := []struct {
		name, head, consumers string
		status                terminal.Answer
		says                  []string
		never                 string
	}{
		{"behind", "head.yaml", "behind", terminal.No, []string{since, "behind/.kiota/documents/orders/openapi.yaml:17:", "sku: {type: string}", "may-break"}, "registration"},
		{"a Kiota file alone", "head.yaml", "behind/.kiota/workspace.json", terminal.No, []string{since, "may-break behind", "behind/.kiota/documents/orders/openapi.yaml:17:", "sku: {type: string}"}, "registration"},
		{"the manifest that Kiota writes, alone", "head.yaml", "behind/.kiota/apimanifest.json", terminal.No, []string{since, "may-break behind", "behind/.kiota/documents/orders/openapi.yaml:17:"}, "registration"},
		{"a Kiota file alone, ahead", "cut.yaml", "ahead/.kiota/workspace.json", terminal.Fine, []string{"affects none of the given consumers"}, "since the baseline"},
		{"a Kiota file alone, without a copy", "cut.yaml", "bare/.kiota/workspace.json", terminal.No, []string{"may-break bare", "base.yaml:17:"}, "since the baseline"},
		{"a Kiota file alone, with a copy that is a link out of its folder", "cut.yaml", "linked/.kiota/workspace.json", terminal.No, []string{"may-break linked", "compared with the base instead: linked/.kiota/documents/orders: can't be read"}, "since the baseline"},
		{"a baseline that the declaration names", "head.yaml", "declared", terminal.No, []string{since, "breaks web (@acme/web): reads sku, declared/.github/plimsoll.yml:10:", "declared/api/orders.yaml:17:"}, "registration"},
		{"the same by its file", "head.yaml", "declared/.github/plimsoll.yml", terminal.No, []string{since, "breaks web"}, "registration"},
		{"equal", "cut.yaml", "equal", terminal.No, []string{"may-break equal", "base.yaml:17:"}, "since the baseline"},
		{"ahead", "cut.yaml", "ahead", terminal.Fine, []string{"affects none of the given consumers"}, "since the baseline"},
		{"broken", "cut.yaml", "broken", terminal.No, []string{"may-break broken", "registration broken: broken/.kiota/workspace.json:1:", "can't be used, so it is compared with the base instead: broken/.kiota/documents/orders/openapi.yaml:"}, "since the baseline"},
		{"gone", "cut.yaml", "gone", terminal.No, []string{"breaks web", "compared with the base instead: gone/api/none.yaml: no such file"}, "since the baseline"},
		{"a link that leads out of its folder", "cut.yaml", "web", terminal.Unknown, []string{"compared with the base instead: web/api/link.yaml: can't be read: path escapes"}, "since the baseline"},
		{"a commit, without a repository", "cut.yaml", "commit", terminal.No, []string{"breaks web", "give --base or --head as REV:PATH"}, "since the baseline"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			status, stdout, stderr := runLine(t, "check", "--base", "base.yaml", "--head", tc.head, "--fail-on", "risky", "--consumers", tc.consumers)
			if status != tc.status || stderr != "" {
				t.Errorf("status %d, want %d; stderr %q", status, tc.status, stderr)
			}
			for _, want := range tc.says {
				if !strings.Contains(stdout, want) {
					t.Errorf("%q is not in:\n%s", want, stdout)
				}
			}
			if strings.Contains(stdout, tc.never) {
				t.Errorf("%q is in:\n%s", tc.never, stdout)
			}
		})
	}
}

// The other formats tell what lies between a baseline and the head apart, too.
func TestCheckBaselineFormats(t *testing.T) {
	checkFolder(t, baselineFiles(kiotaClient("behind", checkOrders("id: {type: string}, sku: {type: string}"))))
	show := func(format string) string {
		_, stdout, stderr := runLine(t, "check", "--base", "base.yaml", "--head", "cut.yaml", "--consumers", "behind", "--format", format)
		if stderr != "" {
			t.Errorf("%s: %s", format, stderr)
		}
		return stdout
	}
	var got compare.JSON
	if err := json.Unmarshal([]byte(show("json")), &got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range got.Changes {
		lines = append(lines, fmt.Sprint(c.Edge.Name, " ", c.SinceBaseline, " ", c.Source.Base != nil && strings.HasPrefix(c.Source.Base.File, "behind/"), " ", len(c.Consumers)))
	}
	if want := "id false false 1; more false false 0; sku true true 1"; strings.Join(lines, "; ") != want {
		t.Errorf("got %q, want %q", lines, want)
	}
	if n := strings.Count(show("json"), `"since_baseline"`); n != 1 {
		t.Errorf("since_baseline stands %d times in the JSON, want once", n)
	}
	if text := show("markdown"); strings.Count(text, "since the baseline of the affected consumer") != 1 || !strings.Contains(text, "`behind/.kiota/documents/orders/openapi.yaml:17:") {
		t.Errorf("Markdown:\n%s", text)
	}
	var log sarif.Log
	if err := json.Unmarshal([]byte(show("sarif")), &log); err != nil {
		t.Fatal(err)
	}
	last := log.Runs[0].Results[len(log.Runs[0].Results)-1]
	if !strings.Contains(last.Message.Text, "since the baseline of the affected consumer") || last.Locations[0].Physical.Artifact.URI != "behind/.kiota/documents/orders/openapi.yaml" {
		t.Errorf("SARIF: %+v", last)
	}
}

// A baseline that is a commit of the provider is read where the provider's
// repository is at hand.
func TestCheckBaselineCommit(t *testing.T) {
	dir := checkFolder(t, map[string]string{"openapi.yaml": checkOrders("id: {type: string}, sku: {type: string}")})
	first := gittest.Commit(t, dir)
	if err := os.WriteFile("openapi.yaml", []byte(checkOrders("id: {type: string}")), 0o644); err != nil {
		t.Fatal(err)
	}
	gittest.Commit(t, dir)
	consumer := filepath.Join(t.TempDir(), "plimsoll.yml")
	if err := os.WriteFile(consumer, []byte(pinned("sku", first)), 0o644); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := runLine(t, "check", "--base", "HEAD:openapi.yaml", "--head", "openapi.yaml", "--consumers", consumer, "--format", "json")
	var got compare.JSON
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err, stderr)
	}
	if status != terminal.No || got.Verdict != contracts.Breaks || len(got.Changes) != 1 || !got.Changes[0].SinceBaseline || len(got.Registrations) != 0 {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}
