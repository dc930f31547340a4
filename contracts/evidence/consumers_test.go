package evidence

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/contracts/treetest"
)

// onDisk writes files below a new folder and makes it the working directory.
func onDisk(t *testing.T, files map[string]string) {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		full := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
}

const checkoutDeclaration = `version: 1
components:
  - name: checkout-web
    owner: "@acme/checkout"
    consumes:
      - api: acme/shop/orders
        operations:
          - op: GET /orders/{id}
            reads: [total]
          - op: "* /carts/**"
            reads: [id]
`

const ordersPact = `{"consumer": {"name": "mobile"}, "provider": {"name": "orders"}, "interactions": [
 {"request": {"method": "GET", "path": "/orders/1"}, "response": {"status": 200, "body": {"id": 1}}}]}`

func TestCollectFiles(t *testing.T) {
	onDisk(t, map[string]string{
		"consumers/checkout/.github/plimsoll.yml": checkoutDeclaration,
		"consumers/mobile/pacts/mobile.json":      ordersPact,
		"consumers/other/plimsoll.yml":            "version: 1\ncomponents: [{name: other, consumes: [{api: mail}]}]\n",
		"as.json":                                 `{"version": 1, "components": [{"name": "batch", "consumes": [{"api": "orders", "operations": [{"op": "listOrders", "reads": []}]}]}]}`,
		"imports/plimsoll.yml":                    "version: 1\ncomponents: [{consumes: [{api: orders, import: [p/*.json]}]}]\n",
		"imports/p/x.json":                        ordersPact,
		"manifest.json":                           `{"apiDependencies": {"OrdersClient": {"requests": [{"method": "GET", "uriTemplate": "/orders"}]}}}`,
	})
	g, err := CollectFiles(t.Context(), "orders", "consumers", "as.json", "imports/plimsoll.yml", "manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range g.Consumers {
		operation := c.Usage.Operations[0]
		lines = append(lines, strings.Join([]string{c.Component, c.Owner, operation.Selector, operation.Evidence.String()}, " "))
	}
	want := []string{
		"mobile  GET /orders/1 consumers/mobile/pacts/mobile.json:2:40",
		"checkout-web @acme/checkout GET /orders/{id} consumers/checkout/.github/plimsoll.yml:8:17",
		"batch  listOrders as.json:1:102",
		"imports  GET /orders/1 imports/p/x.json:2:40",
		"manifest  GET /orders manifest.json:1:85",
	}
	want[4] = strings.Replace(want[4], "manifest ", filepath.Base(absolute("."))+" ", 1)
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("consumers:\n%s\nexpected:\n%s", got, strings.Join(want, "\n"))
	}
	if reads := *g.Consumers[1].Usage.Operations[0].Reads; reads[0].Position.File != "consumers/checkout/.github/plimsoll.yml" || reads[0].Position.Line != 9 {
		t.Errorf("the pattern stands at %v", reads[0].Position)
	}
	if len(g.Consumers[0].Usage.Operations) != 1 {
		t.Errorf("a Pact that was named assumes more: %+v", g.Consumers[0].Usage.Operations)
	}
}

func TestCollectFilesPicksTheAPI(t *testing.T) {
	onDisk(t, map[string]string{
		"one/plimsoll.yml":    checkoutDeclaration,
		"two/plimsoll.yml":    "version: 1\ncomponents: [{name: a, consumes: [{api: mail}, {api: orders}]}]\n",
		"broken/plimsoll.yml": "version: 1\ncomponents: [{nmae: a}]\n",
		"pact.json":           `{"consumer": {"name": "a"}, "provider": `,
	})
	if g, err := CollectFiles(t.Context(), "", "one"); err != nil || g.API != "acme/shop/orders" || len(g.Consumers) != 1 {
		t.Errorf("one API: %+v %v", g, err)
	}
	if _, err := CollectFiles(t.Context(), "", "two"); !errors.Is(err, ErrSeveralAPIs) || !strings.Contains(err.Error(), "mail, orders") {
		t.Errorf("several: %v", err)
	}
	g, err := CollectFiles(t.Context(), "oders", "two")
	if err != nil || len(g.Consumers) != 0 || len(g.Problems) != 1 || g.Problems[0].Hint != "did you mean orders?" {
		t.Errorf("nobody: %+v %v", g, err)
	}
	for _, path := range []string{"broken", "broken/plimsoll.yml"} {
		_, err = CollectFiles(t.Context(), "", path)
		if p, ok := errors.AsType[Problems](err); !ok || p[0].File != "broken/plimsoll.yml" || p[0].Line != 2 {
			t.Errorf("broken %s: %v", path, err)
		}
	}
	if _, err = CollectFiles(t.Context(), "", "pact.json"); err == nil || !strings.Contains(err.Error(), "pact.json:1:41: not JSON: the file ends too early") {
		t.Errorf("a broken Pact: %v", err)
	}
	if _, err = CollectFiles(t.Context(), "", "nowhere"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that is not there: %v", err)
	}
	if g, err := CollectFiles(t.Context(), "orders"); err != nil || len(g.Consumers) != 0 {
		t.Errorf("no paths: %+v %v", g, err)
	}
}

func TestDirStaysInside(t *testing.T) {
	onDisk(t, map[string]string{"secret.json": `{"a": 1}`, "repo/a.json": "{}", "repo/b/c.json": "{}", "repo/.git/config": "x", "repo/node_modules/d.json": "{}"})
	for link, target := range map[string]string{"repo/out.json": "../secret.json", "repo/up": "..", "repo/in.json": "a.json"} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := Dir("repo")
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	files, err := tree.Files(t.Context())
	if err != nil || len(files) != 2 || files[0].Path != "a.json" || files[1].Path != "b/c.json" {
		t.Errorf("files: %+v %v", files, err)
	}
	for _, path := range []string{"out.json", "up/secret.json", "../secret.json", "/etc/passwd", "b", "nothing", ""} {
		if data, err := tree.ReadFile(t.Context(), path); err == nil {
			t.Errorf("%s gives %q", path, data)
		}
	}
	if data, err := tree.ReadFile(t.Context(), "in.json"); err != nil || string(data) != "{}" {
		t.Errorf("a link within: %q %v", data, err)
	}
}

func TestCodeowners(t *testing.T) {
	owners := ParseCodeowners([]byte(`# comment
*             @acme/all
*.js          @acme/js # web people
/build/logs/  @acme/ops
docs/*        docs@example.com
apps/         @octocat
/scripts/     @acme/a @acme/b
**/logs       @acme/logs
/apps/github
My\ Files/    @acme/files
`))
	for path, want := range map[string]string{
		"README.md":            "@acme/all",
		"web/x.js":             "@acme/js",
		"build/logs/a/b.txt":   "@acme/logs",
		"docs/a.md":            "docs@example.com",
		"docs/sub/a.md":        "@acme/all",
		"x/apps/y":             "@octocat",
		"scripts/z":            "@acme/a @acme/b",
		"apps/github":          "",
		"apps/github/x":        "",
		"My Files/x":           "@acme/files",
		".github/plimsoll.yml": "@acme/all",
	} {
		if got := strings.Join(owners.Owners(path), " "); got != want {
			t.Errorf("%s: %q, expected %q", path, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for spec, want := range map[string]string{
		"https://acme.dev/payments/openapi.json":                         "payments",
		"https://raw.githubusercontent.com/acme/orders/main/openapi.yml": "orders",
		"../specs/Users.v2.yaml":                                         "users.v2",
		"https://acme.dev/v2/api-docs":                                   "",
		"openapi.yaml":                                                   "",
	} {
		if got := specName(spec); got != want {
			t.Errorf("specName(%q) = %q, expected %q", spec, got, want)
		}
	}
	for name, want := range map[string]string{"OrdersClient": "orders", "OrdersApiClient": "orders", "PaymentsV2SDK": "payments-v2", "client": "client", "HTTPServer": "http-server"} {
		if got := clientName(name); got != want {
			t.Errorf("clientName(%q) = %q, expected %q", name, got, want)
		}
	}
	for _, pair := range [][2]string{{"payments", "Payments API"}, {"acme/pay/payments", "payments-service"}, {"acme/pay-service/v1", "pay-service"}, {"github", "git-hub"}} {
		if !sameAPI(pair[0], pair[1]) {
			t.Errorf("%s and %s should be the same", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"payments", "payment-methods"}, {"acme/pay/payments", "acme"}, {"a", ""}} {
		if sameAPI(pair[0], pair[1]) {
			t.Errorf("%s and %s should differ", pair[0], pair[1])
		}
	}
}

// More evidence than is read is told, and what an import can't read is assumed.
func TestEvidenceBounds(t *testing.T) {
	tree := treetest.Map{"plimsoll.yml": "version: 1\ncomponents: [{name: a, consumes: [{api: orders, import: ['pacts/*.json']}]}]\n"}
	for i := range MaxEvidenceFiles + 5 {
		tree["pacts/"+strings.Repeat("a", i+1)+".json"] = ordersPact
	}
	r := collected(t, tree)
	operations := r.Components[0].Consumes[0].Usage.Operations
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "more evidence than 200 files") {
		t.Errorf("problems: %+v", r.Problems)
	}
	if len(operations) < 2 || operations[len(operations)-1].Selector != everySelector {
		t.Errorf("%d operations, the last %+v", len(operations), operations[len(operations)-1])
	}
	big := collected(t, treetest.Map{"pacts/a.json": `{"a": "` + strings.Repeat("x", MaxEvidenceFile) + `"}`})
	if len(big.Problems) != 1 || big.Problems[0].File != "pacts/a.json" {
		t.Errorf("a large file: %+v", big.Problems)
	}
}

func TestProvidedProblems(t *testing.T) {
	r := collected(t, treetest.Map{"plimsoll.yml": "version: 1\ncomponents:\n  - provides: [{api: a, spec: gone/openapi.yaml}]\n", "api/openapi.yaml": ordersContract})
	p := r.Components[0].Provides[0]
	if p.Problem == nil || p.Problem.Hint != "did you mean api/openapi.yaml?" || p.Problem.Line != 3 || len(r.Problems) != 1 {
		t.Errorf("a contract that is not there: %+v", p)
	}
	r = collected(t, treetest.Map{"plimsoll.yml": "version: 1\ncomponents:\n  - provides: [{api: a, spec: a.yaml}]\n", "a.yaml": "openapi: 3.0.3\npaths: [\n"})
	if p := r.Components[0].Provides[0]; p.Problem == nil || p.Problem.File != "a.yaml" || p.Problem.Line == 0 || p.Files["a.yaml"] == "" {
		t.Errorf("a broken contract: %+v", p)
	}
}
