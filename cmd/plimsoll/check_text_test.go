package main

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// manyReaders declares consumers that all read two fields of an order.
func manyReaders(count int) string {
	var b strings.Builder
	b.WriteString("version: 1\ncomponents:\n")
	for i := range count {
		fmt.Fprintf(&b, "  - name: consumer-of-orders-with-a-long-name-%02d\n    owner: \"@acme/team-with-a-long-name-%02d\"\n    consumes:\n      - api: orders\n        operations:\n          - op: GET /orders/{id}\n            reads: [id, sku]\n", i, i)
	}
	return b.String()
}

// screenLines counts the lines that a text takes on a terminal.
func screenLines(text string, columns int) (lines int) {
	for line := range strings.Lines(text) {
		lines += max(1, (len([]rune(strings.TrimRight(line, "\n")))+columns-1)/columns)
	}
	return lines
}

// One change fits on a screen, whatever the number of consumers; with several changes, each
// consumer is summed up in one line.
func TestCheckTextFitsOnAScreen(t *testing.T) {
	files := checkFiles()
	files["many.yml"] = manyReaders(40)
	files["both/openapi.yaml"], files["both/order.yaml"] = files["new/openapi.yaml"], "type: object\nproperties:\n  name: {type: string}\n"
	checkFolder(t, files)
	_, stdout, _ := runLine(t, "check", "--base", "old/openapi.yaml", "--head", "new/openapi.yaml", "--consumers", "many.yml")
	if lines := screenLines(stdout, 100); lines > 40 {
		t.Errorf("%d lines of 100 columns:\n%s", lines, stdout)
	}
	for _, want := range []string{"breaks consumer-of-orders-with-a-long-name-00 (@acme/team-with-a-long-name-00): reads sku,", "and 30 more consumers; --format json lists them", "40 of 40 consumers affected"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in:\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "By consumer") {
		t.Errorf("one change is summed up:\n%s", stdout)
	}
	status, stdout, _ := runLine(t, "check", "--base", "old/openapi.yaml", "--head", "both/openapi.yaml", "--consumers", "reader.yml", "--consumers", "other.yml")
	if status != terminal.No || strings.Count(stdout, "By consumer:\n  web (@acme/web): breaks: 2 changes\n") != 1 {
		t.Errorf("by consumer:\n%s", stdout)
	}
	_, markdown, _ := runLine(t, "check", "--base", "old/openapi.yaml", "--head", "both/openapi.yaml", "--consumers", "reader.yml", "--format", "markdown")
	_, bullets, _ := strings.Cut(markdown, "\n\n")
	if strings.Count(bullets, "- **breaking**") != 2 || strings.Contains(bullets, "\n\n") {
		t.Errorf("markdown:\n%s", markdown)
	}
}
