package main

import (
	"runtime/debug"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

func TestVersion(t *testing.T) {
	version, commit, date = "v1.4.0", "3f2a91c04d7be5a1c1d5e8f0a9b8c7d6e5f4a3b2", "2026-11-02T12:00:00Z"
	defer func() { version, commit, date = "", "", "" }()
	got := plimsoll(t, "--version")
	if want := "plimsoll version v1.4.0, commit 3f2a91c04d7be5a1c1d5e8f0a9b8c7d6e5f4a3b2, 2026-11-02T12:00:00Z\n"; got.status != terminal.Fine || got.stdout != want || got.stderr != "" {
		t.Errorf("%+v, want %q", got, want)
	}
}

// Without the linker's word, what Go has recorded counts.
func TestVersionOfABuild(t *testing.T) {
	stamped := func(modified string) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261102120000-3f2a91c04d7b"}, Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "3f2a91c"}, {Key: "vcs.time", Value: "2026-11-02T12:00:00Z"}, {Key: "vcs.modified", Value: modified}}}
	}
	for want, info := range map[string]*debug.BuildInfo{
		"v0.0.0-20261102120000-3f2a91c04d7b, commit 3f2a91c, 2026-11-02T12:00:00Z":                    stamped("false"),
		"v0.0.0-20261102120000-3f2a91c04d7b, commit 3f2a91c with local changes, 2026-11-02T12:00:00Z": stamped("true"),
		"(devel), commit unknown, date unknown":                                                       {},
	} {
		if got := versionOf(info); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
