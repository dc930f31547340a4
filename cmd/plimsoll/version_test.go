package main

import (
	"encoding/json"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/version"
)

// The command, the flag and the JSON say the same.
func TestVersion(t *testing.T) {
	want := "plimsoll version " + version.Current().String() + "\n"
	for _, line := range []string{"--version", "version"} {
		if got := plimsoll(t, line); got.status != terminal.Fine || got.stdout != want || got.stderr != "" {
			t.Errorf("%s: %+v, want %q", line, got, want)
		}
	}
	var written version.Version
	if got := plimsoll(t, "version", "--format", "json"); json.Unmarshal([]byte(got.stdout), &written) != nil || written != version.Current() {
		t.Errorf("%+v", got)
	}
}
