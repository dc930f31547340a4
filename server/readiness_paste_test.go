package server_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// applied does what the page says with the patch below a heading: git applies it to the
// files. It returns those that the patch changes or creates; none without such a patch.
func applied(t *testing.T, files map[string]string, check simulator.Check, heading string) map[string]string {
	t.Helper()
	_, rest, _ := strings.Cut(check.Text, "<summary>"+heading+"</summary>")
	_, rest, _ = strings.Cut(rest, "```diff\n")
	patch, _, _ := strings.Cut(rest, "\n```\n")
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if patch == "" {
		return nil
	}
	git := exec.CommandContext(t.Context(), "git", "apply")
	git.Dir, git.Stdin, git.Env = dir, strings.NewReader(patch), append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, patch)
	}
	changed := map[string]string{}
	for line := range strings.Lines(patch) {
		if name, ok := strings.CutPrefix(line, "+++ b/"); ok {
			name = strings.TrimSpace(name)
			content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			changed[name] = string(content)
		}
	}
	return changed
}
