package readiness

import (
	"slices"
	"strings"
	"testing"
)

// A head that takes manifests out of a component's part of the repository, or gives
// them to one that is not evaluated, is evaluated as if they were still the component's.
func TestManifestsAreNotTakenAway(t *testing.T) {
	const bare = "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: app, image: x}]}}}\n"
	const declared = "  - name: orders\n    path: services/orders\n    provides: [{api: orders, spec: api.yaml}]\n    environments: {production: {}}\n"
	const docs = "  - {name: docs, path: docs}\n"
	instead := func(old, now string) string {
		if !strings.Contains(declared, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(declared, old, now, 1)
	}
	for name, c := range map[string]struct {
		head string
		kept []string
		more []string
	}{
		"as it was":                  {head: declared + docs},
		"path elsewhere":             {head: instead("services/orders", "services/none") + docs, kept: []string{"orders"}},
		"renamed, path elsewhere":    {head: strings.NewReplacer("name: orders", "name: store", "services/orders", "services/none").Replace(declared) + docs, kept: []string{"orders"}},
		"given to a new one":         {head: declared + docs + "  - {name: junk, path: services/orders/k8s}\n", kept: []string{"orders"}},
		"given to a new one of all":  {head: instead("services/orders", "services/none") + docs + "  - {name: junk, path: services/orders}\n", kept: []string{"orders"}},
		"given to one that moves":    {head: declared + "  - {name: docs, path: services/orders/k8s}\n", kept: []string{"orders"}},
		"one beside, no manifests":   {head: declared + docs + "  - {name: tool, path: services/orders/tool}\n", more: []string{"services/orders/tool/main.go=x"}},
		"whole repository from path": {head: instead("    path: services/orders\n", "") + docs},
	} {
		t.Run(name, func(t *testing.T) {
			files := append([]string{"api.yaml=openapi: 3.0.3\ninfo: {title: x, version: \"1\"}\npaths: {}\n", "services/orders/main.go=x"}, c.more...)
			base, baseTree := at(t, begin+declared+docs, append(files, "services/orders/k8s/app.yaml="+strings.Replace(bare, "image: x", "image: x, readinessProbe: {exec: {command: [a]}}, livenessProbe: {exec: {command: [b]}}", 1))...)
			head, headTree := at(t, begin+c.head, append(files, "services/orders/k8s/app.yaml="+bare)...)
			report, kept := compared(t, base, head, baseTree, headTree)
			if !slices.Equal(kept, c.kept) {
				t.Errorf("kept %v, expected %v", kept, c.kept)
			}
			if got := ofRules(told(report.Blocking()), "HC003"); len(got) != 1 {
				t.Errorf("blocks: %v, expected the probe", told(report.Blocking()))
			}
		})
	}
	t.Run("moved with its files", func(t *testing.T) {
		base, baseTree := at(t, begin+declared, "api.yaml=x", "services/orders/k8s/app.yaml="+bare)
		head, headTree := at(t, begin+instead("services/orders", "services/store"), "api.yaml=x", "services/store/k8s/app.yaml="+bare)
		report, kept := compared(t, base, head, baseTree, headTree)
		if len(kept) > 0 || len(ofRules(told(report.Blocking()), "HC003")) > 0 {
			t.Errorf("kept %v, blocks %v", kept, told(report.Blocking()))
		}
	})
}
