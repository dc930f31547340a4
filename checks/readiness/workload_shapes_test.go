package readiness

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestWorkloadsOfRealShapes evaluates the manifests of repositories in the shapes of
// public ones. What is found was reviewed by hand: see the README.md beside each.
func TestWorkloadsOfRealShapes(t *testing.T) {
	for _, name := range []string{"microservices-demo", "kubernetes-examples", "argocd-example-apps"} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join("..", "..", "testdata", "readiness", name)
			files := memory{}
			at := os.DirFS(filepath.Join(root, "repository"))
			err := fs.WalkDir(at, ".", func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				content, err := fs.ReadFile(at, path)
				files[path] = string(content)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			standing := testCase{file: name}.evaluate(t, files)
			var got string
			unread := standing.Unread
			standing.Unread = nil
			for _, rule := range []string{"HC003", "HC004", "HC005"} {
				got += describe(standing, rule)
			}
			standing.Components, standing.Unread = nil, unread
			got += describe(standing, "")
			golden := filepath.Join(root, "workloads.golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
