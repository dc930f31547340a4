package readycheck

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// inFolder writes files into a new working directory.
func inFolder(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	gittest.Write(t, dir, files)
	t.Chdir(dir)
	return dir
}

func TestRemoteName(t *testing.T) {
	for address, want := range map[string]string{
		"https://github.com/acme/orders.git": "acme/orders", "git@github.com:acme/orders.git": "acme/orders", "ssh://git@github.com/acme/or.ders/": "acme/or.ders",
		"https://github.com/acme/orders": "acme/orders", "/srv/git": "srv/git", "orders": "",
	} {
		got := ""
		if m := remoteName.FindStringSubmatch(address); m != nil {
			got = m[1] + "/" + m[2]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestReadinessMetricsToken(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"success","data":["up"]}`))
	}))
	defer server.Close()
	metrics, err := metricServer(server.URL, func(name string) string { return map[string]string{MetricsToken: "s3cret"}[name] })
	if err != nil {
		t.Fatal(err)
	}
	defer metrics.Close()
	missing, err := metrics.Missing(t.Context(), "whatever it is called", []string{"up", "down"})
	if err != nil || !slices.Equal(missing, []string{"down"}) || asked != "Bearer s3cret" {
		t.Errorf("missing %v, %v; asked with %q", missing, err, asked)
	}
}

// Git's ignored files are no part of what is evaluated, links are not followed, and a file
// that may not be read is told and does not end the rest.
func TestReadinessReadsWhatGitWouldCommit(t *testing.T) {
	files := map[string]string{".github/plimsoll.yml": "version: 1\n", "orders/openapi.yaml": "openapi: 3.0.3\n"}
	files[".gitignore"] = "build/\n"
	files["build/plimsoll.yml"] = "x"
	files["tracked.log"] = "x"
	dir := inFolder(t, files)
	gittest.Commit(t, dir)
	gittest.Write(t, dir, map[string]string{".gitignore": "build/\n*.log\n"})
	if err := os.Symlink(filepath.Join(dir, "orders"), "link"); err != nil {
		t.Fatal(err)
	}
	folder, err := openFolder(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	all, err := folder.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Path)
	}
	if want := []string{".github/plimsoll.yml", ".gitignore", "orders/openapi.yaml", "tracked.log"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

// A commit's tree lists regular files alone, sorted as paths are, and gives no link's
// content; one more byte than is read is a problem of that file.
func TestReadinessTrees(t *testing.T) {
	dir := inFolder(t, map[string]string{"a.yml": "1", "a/b.yml": "2", "a-b.yml": "3", "run.sh": "4"})
	if err := os.Symlink("a.yml", "link.yml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod("run.sh", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int64{"most.bin": git.LargestBlob, "over.bin": git.LargestBlob + 1} {
		gittest.Write(t, dir, map[string]string{name: ""})
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
	}
	rev := gittest.Commit(t, dir)
	folder, err := openFolder(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	commit, err := folder.commit(t.Context(), rev)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := folder.git.Tree(t.Context(), commit, rev, folder.git.Within())
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]contracts.Tree{"commit": tree, "folder": folder} {
		files, err := source.Files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			names = append(names, f.Path)
		}
		if want := []string{"a-b.yml", "a.yml", "a/b.yml", "most.bin", "over.bin", "run.sh"}; !slices.Equal(names, want) {
			t.Errorf("%s: %v, want %v", name, names, want)
		}
		if data, err := source.ReadFile(t.Context(), "a/b.yml"); string(data) != "2" || err != nil {
			t.Errorf("%s: %q, %v", name, data, err)
		}
		if data, err := source.ReadFile(t.Context(), "most.bin"); len(data) != git.LargestBlob || err != nil {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		if _, err := source.ReadFile(t.Context(), "over.bin"); err == nil || !strings.Contains(err.Error(), "over.bin: too large to read") {
			t.Errorf("%s: one byte more: %v", name, err)
		}
		for _, missing := range []string{"nowhere.yml", "nowhere/a.yml", "../a.yml", "a", "/a.yml"} {
			if _, err := source.ReadFile(t.Context(), missing); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %s: %v", name, missing, err)
			}
		}
	}
	if data, err := tree.ReadFile(t.Context(), "link.yml"); err == nil {
		t.Errorf("a link's content: %q", data)
	}
}

// What has changed since it was evaluated is left as it is.
func TestFixOfWhatChangedMeanwhile(t *testing.T) {
	dir := inFolder(t, map[string]string{
		".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: orders\n    environments:\n      production: {} # live\n",
		"deploy/app.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n  template:\n    spec:\n      containers:\n      - name: app\n" +
			"        ports: [{containerPort: 8080}]\n        image: orders:1\n",
		".github/workflows/deploy.yml": "on: workflow_dispatch\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    environment: production\n    steps:\n      - uses: actions/checkout@v4\n      - run: ./deploy\n",
	})
	evaluated, err := Evaluate(t.Context(), &terminal.Terminal{}, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	gittest.Write(t, dir, map[string]string{"deploy/app.yaml": "kind: List\n"})
	if err := os.Remove(".github/workflows/deploy.yml"); err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	if err := evaluated.fix(t.Context(), &terminal.Terminal{Stderr: &told}, "."); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile("deploy/app.yaml")
	if err != nil || string(content) != "kind: List\n" {
		t.Errorf("changed all the same: %q, %v", content, err)
	}
	if !strings.Contains(told.String(), "did not change deploy/app.yaml: it changed after the check\n") || !strings.Contains(told.String(), "did not change .github/workflows/deploy.yml: it no longer exists\n") {
		t.Errorf("told:\n%s", told.String())
	}
}
