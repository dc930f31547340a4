package server_test

import (
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"plimsoll/checks/markdowntest"
	"plimsoll/server/sandbox"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// What a repository may hold, beside a gap that must be found all the same: one run
// that says what could not be read, no job that dies of it, in bounded time.
func TestReadinessOfHostileRepositories(t *testing.T) {
	const dir = "services/stock/k8s/"
	documents := strings.Repeat("---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n", 10_000)
	workloads := strings.Repeat("---\n"+deployment("stock", bothProbes), 10_000)
	for name, c := range map[string]struct {
		files      map[string]string
		conclusion string
		texts      []string
	}{
		"aliases in a manifest":       {map[string]string{dir + "bomb.yaml": "apiVersion: apps/v1\nkind: Deployment\n" + bomb()}, "neutral", []string{dir + "bomb.yaml", "alias"}},
		"aliases in a kustomization":  {map[string]string{dir + "kustomization.yaml": "resources: [app.yaml]\n" + bomb()}, "neutral", []string{"alias"}},
		"aliases in a rule file":      {map[string]string{"ops/alerts/stock.yml": stockAlerts + bomb()}, "failure", []string{"ops/alerts/stock.yml"}},
		"aliases in a workflow":       {map[string]string{".github/workflows/deploy.yml": deployWorkflow + bomb()}, "", []string{".github/workflows/deploy.yml"}},
		"aliases in the own file":     {map[string]string{".github/plimsoll.yml": bomb()}, "failure", []string{"alias"}},
		"10,000 documents":            {map[string]string{dir + "many.yaml": documents}, "neutral", []string{dir + "many.yaml"}},
		"10,000 workloads":            {map[string]string{dir + "many.yaml": workloads}, "neutral", []string{dir + "many.yaml"}},
		"manifest of 20 MB":           {map[string]string{dir + "big.yaml": deployment("stock", bothProbes) + "# " + strings.Repeat("x", 20<<20)}, "neutral", []string{dir + "big.yaml"}},
		"deep manifest":               {map[string]string{dir + "deep.yaml": "apiVersion: apps/v1\nkind: Deployment\na: " + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "\n"}, "neutral", []string{dir + "deep.yaml"}},
		"binary manifest":             {map[string]string{dir + "binary.yaml": "\x7fELF\x02\x01\x01\x00\x00kind: Deployment\x00"}, "", nil},
		"invalid UTF-8 in a manifest": {map[string]string{dir + "app.yaml": strings.Replace(deployment("stock", bothProbes), "name: app", "name: \"a\xff\xfe\"", 1)}, "", nil},
		"manifest becomes a link":     {map[string]string{dir + "app.yaml": simulator.SymbolicLink("../../../../etc/passwd")}, "", nil},
		"runbook becomes a link":      {map[string]string{"docs/runbooks/stock.md": simulator.SymbolicLink("../../../etc/passwd")}, "", nil},
		"runbook is a link":           {map[string]string{".github/plimsoll.yml": strings.Replace(begin+ordersFile+stockFile, "docs/runbooks/stock.md", "docs/runbooks/link.md", 1)}, "failure", []string{"docs/runbooks/link.md"}},
		"rule file becomes a link":    {map[string]string{"ops/alerts/stock.yml": simulator.SymbolicLink("/etc/passwd")}, "failure", []string{"stock"}},
		"contract becomes a link":     {map[string]string{"services/stock/openapi.yaml": simulator.SymbolicLink("/dev/zero")}, "neutral", []string{"services/stock/openapi.yaml"}},
		"own file becomes a link":     {map[string]string{".github/plimsoll.yml": simulator.SymbolicLink("/etc/passwd")}, "failure", []string{"is invalid"}},
		"kustomizations in a ring":    {map[string]string{dir + "a/kustomization.yaml": "resources: [../b]\n", dir + "b/kustomization.yaml": "resources: [../a]\n"}, "neutral", []string{"kustomization.yaml"}},
		"kustomization from afar":     {map[string]string{dir + "kustomization.yaml": "resources: [\"https://evil.example/x.yaml\", app.yaml]\n"}, "neutral", []string{"kustomization.yaml"}},
		"kustomization without end":   {endlessKustomization(dir), "neutral", []string{dir + "kustomization.yaml", "more time or memory than allowed"}},
		"a submodule of manifests":    {map[string]string{dir + "sub": simulator.Submodule(strings.Repeat("ab", 20))}, "success", nil},
		"expression of 1 MB":          {map[string]string{"ops/alerts/stock.yml": strings.Replace(stockAlerts, "> 1", "> 1"+strings.Repeat(" + 1", 300_000), 1)}, "failure", []string{"ops/alerts/stock.yml"}},
		"probe of odd values":         {map[string]string{dir + "app.yaml": deployment("stock", "          readinessProbe: {httpGet: {path: [a], port: {}}, periodSeconds: 1e309, timeoutSeconds: -9223372036854775809}\n          livenessProbe: []\n")}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			files := platformFiles()
			files["docs/runbooks/link.md"] = simulator.SymbolicLink("../../../etc/passwd")
			p := newPlatform(t, testbed.Options{Queue: brisk(), Sandbox: sandbox.Config{Build: 5 * time.Second, All: 20 * time.Second}}, files)
			began := time.Now()
			pull := p.pull("hostile", c.files)
			t.Logf("took %s", time.Since(began))
			p.alive()
			checks := pull.Checks(onReadiness)
			if len(checks) == 1 && c.conclusion == "" {
				c.conclusion = checks[0].Conclusion
			}
			check := p.ready(pull, c.conclusion, c.texts...)
			t.Logf("%s: %s", check.Conclusion, check.Title)
			if page := strings.ToLower(p.GitHub.Render(pull)); strings.Contains(page, "delivery") || strings.Contains(page, "root:x:") {
				t.Errorf("told as our own fault, or tells of this machine:\n%s", page)
			}
		})
	}
}

// endlessKustomization is a kustomization of which each patch bears on every resource, though
// it names one: all have the same name. The library would build for minutes.
func endlessKustomization(dir string) map[string]string {
	var resources, patches strings.Builder
	for i := range 450 {
		fmt.Fprintf(&resources, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app, namespace: n%d}\nspec: {template: {spec: {containers: [{name: app, image: x}]}}}\n", i)
		fmt.Fprintf(&patches, "- {target: {name: app}, patch: '[{op: add, path: /metadata/labels, value: {a: x%d}}]'}\n", i)
	}
	return map[string]string{dir + "kustomization.yaml": "resources: [many.yaml]\npatches:\n" + patches.String(), dir + "many.yaml": resources.String()}
}

// listBomb is a kustomization of 225 KB whose patches merge long lists into long lists.
func listBomb(dir string) map[string]string {
	containers := func(n int, name string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "{name: %s%d, image: x},", name, i)
		}
		return "spec: {template: {spec: {containers: [" + b.String() + "]}}}\n"
	}
	files := map[string]string{dir + "kustomization.yaml": "resources: [many.yaml]\npatches:\n"}
	for i := range 50 {
		files[dir+"many.yaml"] += fmt.Sprintf("---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a%d}\n", i) + containers(100, "c")
	}
	for i := range 10 {
		patch := fmt.Sprintf("p%d.yaml", i)
		files[dir+"kustomization.yaml"] += "- {path: " + patch + ", target: {kind: Deployment}}\n"
		files[dir+patch] = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: any}\n" + containers(460, "d")
	}
	return files
}

// A bomb that is at the base and at the head costs what one costs, and keeps nobody waiting:
// neither its own repository's other pull requests nor other accounts.
func TestBombAtBaseAndHead(t *testing.T) {
	const dir = "services/stock/k8s/"
	for name, bomb := range map[string]map[string]string{"patches": endlessKustomization(dir), "lists": listBomb(dir)} {
		t.Run(name, func(t *testing.T) {
			size := 0
			for _, content := range bomb {
				size += len(content)
			}
			t.Logf("%d KB", size>>10)
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				files := platformFiles()
				maps.Copy(files, bomb)
				p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk(), Sandbox: sandbox.Config{Build: 200 * time.Millisecond, All: time.Second}}, files)
				other := p.GitHub.NewRepository("other/platform", simulator.RepositoryOptions{Private: true})
				other.CommitAs("ana", "main", "Begin", platformFiles())
				p.GitHub.Install("other")
				p.Settle()
				other.CommitAs("ana", "light", "Light", worseStock())
				light := other.OpenPullRequest(simulator.PullRequestOptions{Head: "light", Author: "ana"})
				pull := p.pull("bomb", map[string]string{dir + "many.yaml": bomb[dir+"many.yaml"] + "# more\n"})
				p.ready(pull, "neutral", dir+"kustomization.yaml")
				p.ready(light, "failure", "stock")
				p.alive()
			})
		})
	}
}

// hostileName is a name as nobody would give it.
const hostileName = "<img src=x onerror=alert(1)> @everyone @acme/stock #1 | ](https://evil.example) `x` --> **b**"

// Whatever workloads, containers and alerts are called, the page shows it as text and
// calls nobody.
func TestReadinessOfHostileNames(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk()}, nil)
		quoted := fmt.Sprintf("%q", hostileName)
		pull := p.pull("hostile", map[string]string{
			"services/stock/k8s/app.yaml": strings.NewReplacer("name: app", "name: "+quoted, "name: stock", "name: "+quoted).Replace(deployment("stock", "")),
			"ops/alerts/stock.yml":        strings.Replace(stockAlerts, "alert: StockErrors", "alert: "+quoted, 1) + "      - alert: Stock\n        expr: 'up{job=\"stock\"} == 0'\n        labels: {severity: " + quoted + "}\n        annotations: {runbook_url: " + quoted + "}\n",
			"services/" + strings.NewReplacer("/", "", "<", "").Replace(hostileName) + "/k8s/app.yaml": deployment("stock", ""),
		})
		check := p.ready(pull, "failure")
		// Annotations are shown as they are; the rest is Markdown.
		for _, text := range []string{check.Title, check.Summary, check.Text} {
			for line := range strings.Lines(markdowntest.Unfenced(text)) {
				for _, bad := range []string{"@everyone", "@acme/stock", "<img", "](https://evil"} {
					if shown := outsideCode(line); strings.Contains(shown, bad) {
						t.Errorf("not escaped: %s", shown)
					}
				}
			}
		}
		testbedtest.Outcome(t, p.GitHub.Render(pull), `
			acme/platform pull 1 (open)
			check plimsoll/contracts: success
			check plimsoll/readiness: failure: 5; ❌ HC003 stock ×2; ❌ HC003 services/stock/k8s/app.yaml:11 stock 1 1 1 1 ×2; ❌ AL003 for ops/alerts/stock.yml:9 stock; orders 5 10 6; stock 13 15 5; 6; #❌ ×2; # ×4; services/img src=x onerror=alert(1)> @everyone @acmestock #1 | ](https:evil.example) 'x' --> **b**/k8s/app.yaml:11 failure ×2; services/stock/k8s/app.yaml:11 failure ×2; ops/alerts/stock.yml:9 failure; [recheck]`)
		p.alive()
	})
}

// outsideCode is a line without its spans of code.
func outsideCode(line string) (shown string) {
	for {
		at := strings.IndexByte(line, '`')
		if at < 0 {
			return shown + line
		}
		rest := strings.TrimLeft(line[at:], "`")
		fence := line[at : len(line)-len(rest)]
		end := 0
		for end < len(rest) {
			next := strings.Index(rest[end:], fence)
			if next < 0 {
				return shown + line
			}
			end += next
			run := len(rest[end:]) - len(strings.TrimLeft(rest[end:], "`"))
			if run == len(fence) {
				break
			}
			end += run
		}
		shown += line[:at]
		line = rest[min(end+len(fence), len(rest)):]
	}
}

// While a repository that takes long is evaluated, others are answered; memory stays
// bounded.
func TestReadinessOfOthersMeanwhile(t *testing.T) {
	p := newPlatform(t, testbed.Options{Queue: brisk()}, nil)
	big := p.repository("big", manyManifests(400))
	p.Settle()
	files := map[string]string{}
	for i := range 100 {
		files[fmt.Sprintf("services/stock/k8s/x%03d.yaml", i)] = strings.Repeat("---\n"+deployment(fmt.Sprintf("x%d", i), ""), 300)
	}
	big.CommitAs("ana", "heavy", "Heavy", files)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	heavy := big.OpenPullRequest(simulator.PullRequestOptions{Head: "heavy", Author: "ana"})
	p.shop.CommitAs("ana", "light", "Light", worseStock())
	light := p.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "light", Author: "ana"})
	began := time.Now()
	p.await("the answer to the light one", func() bool { return len(light.Checks(onReadiness)) == 1 })
	answered := time.Since(began)
	p.Settle()
	t.Logf("light after %s, heavy after %s: %s", answered, time.Since(began), heavy.Checks(onReadiness)[0].Title)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 256<<20 {
		t.Errorf("%d MiB more are in use", grown>>20)
	}
	p.alive()
}
