package checks

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/contracts"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with: go test ./checks -update)", err)
	}
	if string(want) != got {
		t.Errorf("%s differs; go test ./checks -update, and read what changed\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

// page renders a run and its comment as one file that a person can read.
func page(run CheckRun, comment Comment) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s · %s · %s\n%s\n\n", run.Name, run.Conclusion, run.ExternalID, run.Title)
	fmt.Fprintf(&b, "=== summary\n\n%s\n", run.Summary)
	fmt.Fprintf(&b, "=== text\n\n%s\n", run.Text)
	fmt.Fprintf(&b, "=== annotations (%d)\n\n", len(run.Annotations))
	for i, a := range run.Annotations {
		if i == 12 {
			fmt.Fprintf(&b, "… %d more\n", len(run.Annotations)-i)
			break
		}
		fmt.Fprintf(&b, "%s:%d-%d [%d-%d] %s: %s\n", a.Path, a.StartLine, a.EndLine, a.StartColumn, a.EndColumn, a.Level, a.Title)
		fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(a.Message, "\n", "\n    "))
	}
	for _, a := range run.Actions {
		fmt.Fprintf(&b, "[%s] %s (%s)\n", a.Label, a.Description, a.Identifier)
	}
	if comment.Text == "" {
		b.WriteString("\n=== comment: none\n")
	} else {
		fmt.Fprintf(&b, "\n=== comment, needed: %v\n\n%s", comment.Needed, comment.body(comment.Owners))
	}
	return b.String()
}

func TestContractReportGolden(t *testing.T) {
	for name, report := range scenarios() {
		t.Run(name, func(t *testing.T) {
			before := mustJSON(t, report)
			run := ContractReport(report)
			golden(t, name+".golden.md", page(run, ContractComment(report)))
			if after := mustJSON(t, report); after != before {
				t.Error("writing the report has changed it")
			}
			withinLimits(t, run)
		})
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	acme     = contracts.RepositoryRef{ID: 1, Owner: "acme", Name: "orders", Private: true}
	checkout = contracts.RepositoryRef{ID: 2, Owner: "acme", Name: "checkout", Private: true}
	mobile   = contracts.RepositoryRef{ID: 3, Owner: "acme", Name: "mobile-app", Private: true}
	reports  = contracts.RepositoryRef{ID: 4, Owner: "acme", Name: "reports", Private: true}
)

const (
	baseSHA = "aaaaaaa1111111111111111111111111aaaaaaaa"
	headSHA = "bbbbbbb2222222222222222222222222bbbbbbbb"
)

// scenarios are reports as they happen.
func scenarios() map[string]Report {
	return map[string]Report{
		"two-consumers-break": breaking(),
		"nobody-uses-it":      nobody(),
	}
}

func report(api APIReport) Report {
	return Report{
		WebURL: "https://github.com", DetailsURL: "https://plimsoll.acme.dev/pulls/acme/orders/17",
		Repository: acme, Number: 17, BaseSHA: baseSHA, BaseRef: "main", HeadSHA: headSHA,
		ChangedFiles: []string{"api/openapi.yaml", "api/schemas/order.yaml"},
		APIs:         []APIReport{api},
		Actions:      []Action{RecheckAction()},
	}
}

func orders() APIReport {
	return APIReport{
		API:       contracts.APIRef{Repository: acme, Name: "orders"},
		Component: "orders", Owner: "@acme/orders", OnBreak: "block", Spec: "api/openapi.yaml", Consumers: 5,
	}
}

func at(file string, line int) *contracts.Position {
	return &contracts.Position{File: file, Line: line, Column: 9}
}

func ptr[T any](v T) *T { return &v }

func skuRemoved() contracts.Change {
	return contracts.Change{
		Fingerprint: "9f1c02d4e6a8", Rule: "response-property-removed", Level: contracts.Breaking, Direction: contracts.Response,
		Edge: contracts.Edge{Schema: "Order", Name: "sku", Kind: contracts.KindProperty}, From: ptr("string"), Reached: 12,
		Operations: []contracts.OperationRef{
			{Method: "GET", Path: "/orders/{id}", Status: "200", MediaType: "application/json", Pointer: "items[].sku"},
			{Method: "GET", Path: "/orders", Status: "200", MediaType: "application/json", Pointer: "orders[].items[].sku"},
		},
		Source: contracts.ChangeSource{Base: at("api/schemas/order.yaml", 41)},
	}
}

func legacyRemoved() contracts.Change {
	return contracts.Change{
		Fingerprint: "77aa02d4e6a8", Rule: "response-property-removed", Level: contracts.Breaking, Direction: contracts.Response,
		Edge: contracts.Edge{Schema: "Order", Name: "legacyId", Kind: contracts.KindProperty}, From: ptr("integer"), Reached: 2,
		Operations: []contracts.OperationRef{{Method: "GET", Path: "/orders/{id}", Status: "200", Pointer: "legacyId"}},
		Source:     contracts.ChangeSource{Base: at("api/schemas/order.yaml", 48)},
	}
}

func noteAdded() contracts.Change {
	return contracts.Change{
		Fingerprint: "11aa02d4e6a8", Rule: "response-property-added", Level: contracts.Info, Direction: contracts.Response,
		Edge: contracts.Edge{Schema: "Order", Name: "note", Kind: contracts.KindProperty}, To: ptr("string"), Reached: 2,
		Operations: []contracts.OperationRef{{Method: "GET", Path: "/orders/{id}", Status: "200", Pointer: "note"}},
		Source:     contracts.ChangeSource{Head: at("api/schemas/order.yaml", 52)},
	}
}

func using(repo contracts.RepositoryRef, component, owner, environment, sha string) contracts.Consumer {
	return contracts.Consumer{Component: component, Owner: owner, Repository: repo, Commit: sha, Environment: environment}
}

func declared(kind contracts.EvidenceKind, file string, line int) contracts.Evidence {
	return contracts.Evidence{Kind: kind, Position: contracts.Position{File: file, Line: line, Column: 17}}
}

func breaking() Report {
	api := orders()
	api.Changes = []contracts.Change{noteAdded(), legacyRemoved(), skuRemoved()}
	read := contracts.Reason{Code: contracts.ReasonReads, Node: "items[].sku"}
	web := []contracts.Evidence{declared(contracts.EvidenceDeclared, ".github/plimsoll.yml", 12)}
	api.Findings = []contracts.Finding{
		{Change: skuRemoved(), Unaffected: 2, Hits: []contracts.Hit{
			{Consumer: using(checkout, "checkout-web", "@acme/checkout", "", "dddddddd00000000000000000000000000000000"), Verdict: contracts.Breaks, Reason: read, Evidence: web},
			{Consumer: using(checkout, "checkout-web", "@acme/checkout", "production", "cccccccc00000000000000000000000000000000"), Verdict: contracts.Breaks, Reason: read, Evidence: web},
			{Consumer: using(mobile, "ios-app", "@acme/mobile", "", "eeeeeeee00000000000000000000000000000000"), Verdict: contracts.Breaks, Reason: contracts.Reason{Code: contracts.ReasonReads, Node: "items[].sku"},
				Evidence: []contracts.Evidence{declared(contracts.EvidencePact, "pacts/ios-app-orders.json", 88), declared(contracts.EvidencePact, "pacts/ios-app-orders.json", 140)}},
			{Consumer: using(reports, "nightly-report", "", "", "ffffffff00000000000000000000000000000000"), Verdict: contracts.MayBreak, Reason: contracts.Reason{Code: contracts.ReasonReadsUnlisted, Node: "GET /orders"},
				Evidence: []contracts.Evidence{declared(contracts.EvidenceDeclared, "plimsoll.yml", 9)}},
		}},
		{Change: legacyRemoved(), Unaffected: 5},
		{Change: noteAdded(), Unaffected: 5},
	}
	api.Live = []LiveVersion{{Repository: 2, Component: "checkout-web", Environment: "production", Production: true}}
	return report(api)
}

func nobody() Report {
	api := orders()
	api.Changes = []contracts.Change{legacyRemoved(), noteAdded()}
	return report(api)
}

func withinLimits(t *testing.T, run CheckRun) {
	t.Helper()
	for what, size := range map[string][2]int{
		"summary": {len(run.Summary), MaxSummaryBytes}, "text": {len(run.Text), MaxTextBytes},
		"annotations": {len(run.Annotations), MaxAllAnnotations}, "actions": {len(run.Actions), MaxActions},
	} {
		if size[0] > size[1] {
			t.Errorf("%s is %d, over %d", what, size[0], size[1])
		}
	}
}
