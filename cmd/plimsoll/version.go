package main

import (
	"cmp"
	"fmt"
	"runtime/debug"
)

// Set by the linker for a build outside a git repository, such as of a source archive:
// -ldflags "-X main.version=v1.4.0 -X main.commit=… -X main.date=…".
var version, commit, date string

// versionText gives version, commit and date of the program, as far as its build knows
// them.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision != "" && settings["vcs.modified"] == "true" {
		revision += " with local changes"
	}
	return fmt.Sprintf("%s, commit %s, %s",
		cmp.Or(version, info.Main.Version, "(devel)"), cmp.Or(commit, revision, "unknown"), cmp.Or(date, settings["vcs.time"], "date unknown"))
}
