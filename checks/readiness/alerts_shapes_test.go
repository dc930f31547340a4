package readiness

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Repositories in the shapes of public ones, evaluated by the rules on alerts: what is
// found was reviewed by hand and is kept in alerts.golden.
func TestAlertsInRealShapes(t *testing.T) {
	goldens, err := filepath.Glob("../../testdata/readiness/*/alerts.golden")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no repositories: %v", err)
	}
	for _, golden := range goldens {
		folder := filepath.Dir(golden)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			standing := testCase{file: folder, metrics: []string{
				"up", "istio_requests_total", "kube_deployment_status_replicas_available",
				"mail_router_sent_total", "mail_router_failed_total", "mail_router_reload_successful", "object_metrics_shards",
			}}.evaluate(t, folderOf(t, folder))
			got := ""
			for _, rule := range []string{"AL001", "AL002", "AL003", "AL004"} {
				got += describe(standing, rule)
			}
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
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

// folderOf reads a folder into memory.
func folderOf(t *testing.T, folder string) memory {
	t.Helper()
	files := memory{}
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, name)
		files[filepath.ToSlash(relative)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
