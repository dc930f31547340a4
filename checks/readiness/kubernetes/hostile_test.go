package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"plimsoll/checks/readiness/kustomize/kustomizetest"
	"plimsoll/contracts"
)

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec: {containers: [{name: app, image: x}]}\n"

// deployment of a name, in JSON.
func deployment(name string) string {
	return fmt.Sprintf(`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":%q},"spec":{"template":{"spec":{"containers":[{"name":"app","image":"x"}]}}}}`, name)
}

// patched are some resources, and patches of all of them that each add entries to a list.
func patched(resources, patches, entries int) memory {
	var items, all []string
	for i := range resources {
		items = append(items, deployment(fmt.Sprint("app-", i)))
	}
	for i := range patches {
		var env []string
		for j := range entries {
			env = append(env, fmt.Sprintf("{name: e%d-%d, value: x}", i, j))
		}
		all = append(all, fmt.Sprintf("{target: {kind: Deployment}, patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {template: {spec: {containers: [{name: app, env: [%s]}]}}}}'}", strings.Join(env, ", ")))
	}
	return memory{"kustomization.yaml": "resources: [app.json]\npatches: [" + strings.Join(all, ", ") + "]", "app.json": `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items, ",") + `]}`}
}

// named are some resources with a patch of its own for each, as an overlay of a large
// organisation has them.
func named(resources int) memory {
	files := patched(resources, 0, 0)
	var all []string
	for i := range resources {
		all = append(all, fmt.Sprintf(`{patch: '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"app-%d"},"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"A"},{"name":"B"}]}]}}}}'}`, i))
	}
	files["kustomization.yaml"] = "resources: [app.json]\npatches: [" + strings.Join(all, ", ") + "]"
	return files
}

// TestHostile reads files that are made to cost much or to mislead: each is bounded,
// and what is not read is told.
func TestHostile(t *testing.T) {
	bomb := "apiVersion: v1\nkind: Pod\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	merges := "apiVersion: v1\nkind: Pod\na: &a {x: 1, y: 2, z: 3}\n"
	for c := 'b'; c < 'x'; c++ {
		merges += fmt.Sprintf("%c: &%c {p: {<<: *%c}, q: {<<: *%c}}\n", c, c, c-1, c-1)
	}
	var items []string
	for i := range 3000 {
		items = append(items, deployment(fmt.Sprint("app-", i)))
	}
	many := memory{}
	for i := range 3 {
		many[fmt.Sprintf("%d.json", i)] = `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items[:900], ",") + `]}`
	}
	diamonds := memory{"k0/kustomization.yaml": "resources: [app.yaml]", "k0/app.yaml": deployment("app")}
	for i := 1; i < 40; i++ {
		for _, side := range "ab" {
			diamonds[fmt.Sprintf("k%d%c/kustomization.yaml", i, side)] = fmt.Sprintf("namePrefix: %c\nresources: [../k%d]", side, i-1)
		}
		diamonds[fmt.Sprintf("k%d/kustomization.yaml", i)] = fmt.Sprintf("resources: [../k%da, ../k%db]", i, i)
	}
	copies := memory{"kustomization.yaml": "resources: [app.yaml]\npatches: [{path: patch.yaml, target: {kind: Deployment}}]", "app.yaml": deployment("app"),
		"patch.yaml": strings.Repeat("- {op: copy, from: /spec, path: /spec/copy}\n", 40)}
	wide := memory{"kustomization.yaml": "resources: [app.yaml]\npatches: [{path: patch.yaml}]", "app.yaml": deployment("app"),
		"patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec: {template: {spec: {containers: [" + strings.Repeat("{name: a},", 600) + "]}}}"}
	heavy := memory{"kustomization.yaml": "resources: [app.json]\ncommonLabels: {a: " + strings.Repeat("x", 100_000) + "}",
		"app.json": `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items[:450], ",") + `]}`}
	tooMany := memory{"kustomization.yaml": "resources: [app.json]", "app.json": `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items[:800], ",") + `]}`}
	overlays := memory{"base/kustomization.yaml": "resources: [app.json]", "base/app.json": `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items[:400], ",") + `]}`}
	for i := range 30 {
		overlays[fmt.Sprintf("o%02d/kustomization.yaml", i)] = "resources: [../base]"
	}
	chain := memory{"k0/kustomization.yaml": "resources: []"}
	for i := 1; i < 600; i++ {
		chain[fmt.Sprintf("k%d/kustomization.yaml", i)] = fmt.Sprintf("resources: [../k%d]", i-1)
	}
	record := memory{"kustomization.yaml": "resources: [app.yaml]\npatches:\n- target: {kind: Pod}\n  patch: '[{\"op\": \"replace\", \"path\": \"/metadata\", \"value\": {\"name\": \"b\", \"annotations\": {\"plimsoll.invalid/origin\": \"99\"}}}]'",
		"app.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: app, annotations: {plimsoll.invalid/origin: '-1', internal.config.kubernetes.io/previousNames: 'a,b', internal.config.kubernetes.io/previousKinds: x, config.kubernetes.io/index: x}}\nspec: {containers: [{name: app, image: x}]}\n"}
	// Operations that each go on where the one before ended.
	var deeper strings.Builder
	for i := range 200 {
		fmt.Fprintf(&deeper, "- {op: add, path: /spec%s/a, value: %s1%s}\n", strings.Repeat("/a", i*50), strings.Repeat("{a: ", 50), strings.Repeat("}", 50))
	}
	deepPatch := memory{"kustomization.yaml": "resources: [app.yaml]\npatches: [{path: patch.yaml, target: {kind: Deployment}}]", "app.yaml": deployment("app"), "patch.yaml": deeper.String()}
	deepLabel := memory{"kustomization.yaml": "resources: [app.yaml]\nlabels: [{pairs: {a: b}, fields: [{path: " + strings.Repeat("a/", 900_000) + "a, create: true}]}]", "app.yaml": deployment("app")}
	for _, test := range []struct {
		name      string
		files     memory
		workloads int
		unread    string // of the only thing unread, a part; empty: nothing is
	}{
		{"bomb", memory{"a.yaml": bomb}, 0, "the aliases of this file stand for more than 20000 values"},
		{"merge bomb", memory{"a.yaml": merges}, 0, "the aliases of this file stand for more than 20000 values"},
		{"ten thousand documents", memory{"a.yaml": strings.Repeat(pod+"---\n", 10_000)}, 0, "more than 1000 documents"},
		{"a thousand documents", memory{"a.yaml": strings.Repeat(pod+"---\n", 1000)}, 1000, ""},
		{"a list of many", memory{"a.json": `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items, ",") + `]}`}, 1000, "more than 1000 resources"},
		{"many files", many, MaxWorkloads, "more than 2000 workloads"},
		{"lists in lists", memory{"a.json": strings.Repeat(`{"apiVersion":"v1","kind":"List","items":[`, 20) + items[0] + strings.Repeat("]}", 20)}, 0, "lists in lists"},
		{"deep", memory{"a.yaml": "apiVersion: v1\nkind: Pod\nspec: " + strings.Repeat("[", 9000)}, 0, "not YAML"},
		{"deep in bounds of the parser", memory{"a.yaml": "apiVersion: v1\nkind: Pod\nspec: " + strings.Repeat("{a: ", 500) + "1" + strings.Repeat("}", 500)}, 0, "nested deeper than 64 levels"},
		{"deep JSON", memory{"a.json": `{"apiVersion":"v1","kind":"Pod","a":` + strings.Repeat("[", 100_000)}, 0, "nested deeper than 64 levels"},
		{"NUL", memory{"a.yaml": pod + "\x00"}, 0, "a NUL byte"},
		{"binary", memory{"a.yaml": "\x7fELF\x00\x01"}, 0, "a NUL byte"},
		{"UTF-16", memory{"a.yaml": "\xff\xfea\x00p\x00i\x00"}, 0, "the file is UTF-16"},
		{"no UTF-8", memory{"a.yaml": pod + "# \xff"}, 0, "is not valid UTF-8"},
		{"8 MiB", memory{"a.yaml": pod + strings.Repeat("# padding\n", 800_000)}, 0, "at most 2097152 are read"},
		{"8 MiB of something else", memory{"package-lock.json": strings.Repeat(" ", 8<<20)}, 0, ""},
		{"20 MiB", memory{"a.yaml": strings.Repeat(" ", 20<<20)}, 0, "at most 2097152 are read"},
		{"bad line breaks", memory{"a.yaml": strings.ReplaceAll(pod, "\n", "\r")}, 0, "a line break that is not LF or CR LF"},
		{"diamonds", diamonds, 0, "more than 200 kustomizations"},
		{"copies", copies, 0, "more than 8 copy operations"},
		{"operations deeper and deeper", deepPatch, 0, "deeper than 64 levels"},
		{"a deep label", deepLabel, 1, ""},
		{"a wide patch", wide, 0, "a list of more than 500 entries"},
		{"a heavy label", heavy, 0, "bytes of patches times resources"},
		{"too many resources", tooMany, 0, "more than 500 workloads and Services"},
		{"many patches of many resources", patched(400, 400, 0), 0, "more than 5000 patches laid upon resources"},
		{"long lists of patches", patched(100, 10, 50), 0, "more than 2000000 entries of lists to be merged"},
		{"long lists of patches of one resource", patched(1, 10, 200), 0, "more than 2000000 entries of lists to be merged"},
		{"patches of one resource each", named(300), 300, ""},
		{"many overlays", overlays, 400, "more than 2500 resources together"},
		{"a long chain", chain, 0, "more than "},
		{"the library's own record", record, 1, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			m := read(t, test.files)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			t.Logf("%s, %d MiB allocated in all", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
			if len(m.Workloads) != test.workloads {
				t.Errorf("%d workloads, expected %d", len(m.Workloads), test.workloads)
			}
			switch {
			case test.unread == "" && len(m.Unread) > 0:
				t.Errorf("unread: %v", m.Unread)
			case test.unread != "" && len(m.Unread) == 0:
				t.Error("nothing is told as unread")
			case test.unread != "" && !strings.Contains(m.Unread[0].Message, test.unread):
				t.Errorf("unread: %v, expected %q", m.Unread[0], test.unread)
			}
		})
	}
}

// failing is a tree whose files can't be read.
type failing struct {
	memory
	err error
}

func (f failing) ReadFile(context.Context, string) ([]byte, error) { return nil, f.err }

func TestTreeThatCannotBeRead(t *testing.T) {
	files := memory{"a.yaml": pod}
	broken := errors.New("connection reset")
	if _, err := Read(context.Background(), failing{files, broken}, kustomizetest.InProcess{}, []string{"a.yaml"}); !errors.Is(err, broken) {
		t.Errorf("got %v, expected the tree's error", err)
	}
	m, err := Read(context.Background(), failing{files, &contracts.Problem{Message: "is kept elsewhere", Hint: "bring it here"}}, kustomizetest.InProcess{}, []string{"a.yaml"})
	if err != nil || len(m.Unread) != 1 || m.Unread[0].Message != "is kept elsewhere" {
		t.Errorf("got %v, %v, expected the problem as unread", m, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, files, kustomizetest.InProcess{}, []string{"a.yaml"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, expected the context's error", err)
	}
}

// A file that the tree does not list (a symbolic link) is told, not followed.
func TestSymbolicLink(t *testing.T) {
	m := read(t, memory{"a.yaml": pod}, "a.yaml", "link.yaml")
	if len(m.Workloads) != 1 || len(m.Unread) != 1 || m.Unread[0].Position.File != "link.yaml" || !strings.Contains(m.Unread[0].Hint, "symbolic link") {
		t.Errorf("got %+v", m)
	}
}

// What is told as unread is bounded, and says how much more there is.
func TestUnreadIsBounded(t *testing.T) {
	files := memory{}
	for i := range 300 {
		files[fmt.Sprintf("%03d.yaml", i)] = "apiVersion: v1\nkind: Pod\nspec: [\n"
	}
	m := read(t, files)
	if len(m.Unread) != MaxUnread+1 || m.Unread[MaxUnread].Message != "100 more things could not be read" {
		t.Errorf("got %d, the last is %v", len(m.Unread), m.Unread[len(m.Unread)-1])
	}
}
