package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

const overlaidContract = `openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}}
  /internal:
    get: {x-internal: true, responses: {"200": {description: ok}}}
components:
  schemas:
    Order: {x-revision: 1, type: object, properties: {id: {type: string}}}
`

// publicOverlay takes away what is internal, and adds a property to newer schemas.
const publicOverlay = `overlay: 1.1.0
info: {title: the public API, version: "1"}
extends: ./old.yaml
actions:
  - target: $.paths[?@.*['x-internal']]
    remove: true
  - target: $.components.schemas[?@['x-revision']==2].properties
    update:
      note: {type: integer}
`

func overlayFiles() map[string]string {
	return map[string]string{
		"old.yaml": overlaidContract, "public.yaml": publicOverlay,
		"new.yaml":     strings.NewReplacer("x-revision: 1", "x-revision: 2", "get: {x-internal: true,", "put: {x-internal: true,").Replace(overlaidContract),
		"foreign.yaml": strings.Replace(publicOverlay, "./old.yaml", "https://acme.dev/stock.yaml", 1),
		"id.yaml":      "overlay: 1.0.0\ninfo: {}\nactions:\n  - {target: $.components.schemas.Order.properties, update: {id: {minLength: 3}}}\n",
		"bad.yaml":     "overlay: 1.0.0\nactions:\n  - {target: orders, remove: true}\n",
		"ref.yaml":     "overlay: 1.0.0\nactions:\n  - target: $.components.schemas.Order.properties\n    update: {x: {$ref: \"#/nothing\"}}\n",
	}
}

func TestCheckOverlays(t *testing.T) {
	checkFolder(t, overlayFiles())
	for name, tc := range map[string]struct {
		args   string
		status terminal.Answer
		says   string
	}{
		"without":             {"--base old.yaml --head new.yaml", terminal.No, "removed operation GET /internal"},
		"what is taken away":  {"--base old.yaml --head new.yaml --overlay public.yaml", terminal.Fine, "note public.yaml:7:13: the target matches nothing: $.components.schemas[?@['x-revision']==2].properties (in old.yaml)"},
		"several":             {"--base old.yaml --head new.yaml --overlay public.yaml --overlay id.yaml", terminal.Fine, "0 breaking"},
		"another contract":    {"--base old.yaml --head new.yaml --overlay foreign.yaml", terminal.Fine, "note foreign.yaml:3:10: the overlay extends https://acme.dev/stock.yaml"},
		"a bad expression":    {"--base old.yaml --head new.yaml --overlay bad.yaml", terminal.Bad, "bad.yaml:3:14: not a JSONPath expression"},
		"a $ref that it adds": {"--base old.yaml --head new.yaml --overlay ref.yaml", terminal.Bad, "ref.yaml:4:24: refers to #/nothing, which does not exist"},
		"no overlay":          {"--base old.yaml --head new.yaml --overlay old.yaml", terminal.Bad, "old.yaml:1:1: expected an overlay document"},
		"no file":             {"--base old.yaml --head new.yaml --overlay none.yaml", terminal.Bad, "none.yaml: no such file"},
		"outside":             {"--base old.yaml --head new.yaml --overlay /etc/hosts --within .", terminal.Bad, "/etc/hosts"},
		"readiness":           {"--readiness --overlay public.yaml", terminal.Bad, "--overlay can't be combined with --readiness"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := runLine(t, append([]string{"check"}, strings.Fields(tc.args)...)...)
			if text := stdout + stderr; status != tc.status || !strings.Contains(text, tc.says) {
				t.Errorf("got %v, want %v with %q:\n%s", status, tc.status, tc.says, text)
			}
		})
	}
}

// TestCheckOverlayPositions: a change that comes from an overlay points to the overlay.
func TestCheckOverlayPositions(t *testing.T) {
	checkFolder(t, overlayFiles())
	_, stdout, _ := runLine(t, "check", "--base", "old.yaml", "--head", "new.yaml", "--overlay", "public.yaml", "--format", "json")
	var got struct {
		Changes []contracts.Change  `json:"changes"`
		Notes   []contracts.Problem `json:"notes"`
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(got.Changes, func(c contracts.Change) bool { return c.Rule == "response-property-added" })
	if i < 0 || *got.Changes[i].Source.Head != (contracts.Position{File: "public.yaml", Line: 9, Column: 7}) || len(got.Notes) != 1 {
		t.Errorf("got %s", stdout)
	}
}
