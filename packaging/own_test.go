package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"
)

// Plimsoll's own chart, as Helm renders it, passes Plimsoll's own readiness check.
func TestOwnReadiness(t *testing.T) {
	program := filepath.Join(t.TempDir(), "plimsoll")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-C", "..", "-o", program, "./cmd/plimsoll").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for name, given := range map[string]values{"sqlite": least(nil), "postgresql": least(values{"database": values{"type": "postgresql"}, "replicaCount": 2})} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for _, file := range []string{"plimsoll.yml", "packaging/monitoring/alerts.yaml", "docs/install.md", "server/api/openapi.json", "packaging/Dockerfile"} {
				content, err := os.ReadFile(filepath.Join("..", file))
				if err != nil {
					t.Fatal(err)
				}
				put(t, folder, file, content)
			}
			objects, err := render(given)
			if err != nil {
				t.Fatal(err)
			}
			for kind, object := range objects {
				content, err := yaml.Marshal(object)
				if err != nil {
					t.Fatal(err)
				}
				put(t, folder, "deploy/"+kind+".yaml", content)
			}
			cmd := exec.CommandContext(t.Context(), program, "check", "--readiness", folder)
			output, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v:\n%s", err, output)
			}

		})
	}
}

func put(t *testing.T, folder, name string, content []byte) {
	t.Helper()
	to := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
