package readiness

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Repositories in the shapes of public ones: what the rules about images and
// deployments say of each, reviewed by hand in its PROVENANCE.md.
func TestShapesOfDeployments(t *testing.T) {
	folders, err := filepath.Glob("../../testdata/readiness/*/deployments.txt")
	if err != nil || len(folders) < 4 {
		t.Fatalf("%d repositories, %v", len(folders), err)
	}
	for _, golden := range folders {
		folder := filepath.Dir(golden)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			standing := testCase{file: golden}.evaluate(t, filesOf(t, filepath.Join(folder, "repository")))
			got := describe(standing, "HC006")
			standing.Unread = nil // told once
			got += describe(standing, "DP001") + describe(standing, "DP002")
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

// filesOf reads a folder as a repository.
func filesOf(t *testing.T, folder string) memory {
	t.Helper()
	files := memory{}
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		files[filepath.ToSlash(strings.TrimPrefix(file, folder+string(filepath.Separator)))] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
