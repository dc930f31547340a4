package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSystemdUnit has systemd read the unit, and judge how far it is confined.
func TestSystemdUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		const missing = "systemd-analyze is missing (Debian: apt-get install systemd): the unit was not checked"
		if os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	unit, err := os.ReadFile("plimsoll.service")
	if err != nil {
		t.Fatal(err)
	}
	// It also looks for the program, which is not installed here.
	name := filepath.Join(t.TempDir(), "plimsoll.service")
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(unit), "/usr/bin/plimsoll", "/bin/true")), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", name).CombinedOutput(); err != nil || strings.Contains(string(out), "plimsoll.service:") {
		t.Errorf("verify: %v\n%s", err, out)
	}
	// 0 is confined, 10 is not at all; a service without any of this has 9.6.
	if out, err := exec.Command(analyze, "security", "--offline=yes", "--threshold=20", name).CombinedOutput(); err != nil {
		t.Errorf("security: %v\n%s", err, out)
	}
}
