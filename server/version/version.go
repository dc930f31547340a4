// Package version says which build of Plimsoll runs.
package version

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Set by the linker for a release, and for a build outside a git repository:
// -ldflags "-X plimsoll/server/version.release=v1.4.0 -X plimsoll/server/version.commit=…
// -X plimsoll/server/version.date=…".
var release, commit, date string

// Version of a build, as far as the build knows it.
type Version struct {
	Release string `json:"version"`
	Commit  string `json:"commit"`
	Date    string `json:"date"`
	Go      string `json:"go"`
}

// Current is the version of the program that runs.
func Current() Version {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return of(info)
}

// of completes what the linker has set with what Go has recorded.
func of(info *debug.BuildInfo) Version {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision != "" && settings["vcs.modified"] == "true" {
		revision += " with local changes"
	}
	return Version{
		Release: cmp.Or(release, info.Main.Version, "(devel)"), Commit: cmp.Or(commit, revision, "unknown"),
		Date: cmp.Or(date, settings["vcs.time"], "date unknown"), Go: cmp.Or(info.GoVersion, runtime.Version()),
	}
}

// String is one line: version, commit and date.
func (v Version) String() string {
	return fmt.Sprintf("%s, commit %s, %s", v.Release, v.Commit, v.Date)
}

// Header carries the server's version in its answers to the command line.
const Header = "Plimsoll-Version"

// Differs reports whether two releases may not understand each other: their major versions
// differ. Builds that are no release are compared with nothing.
func Differs(a, b string) bool {
	first, ok := major(a)
	second, known := major(b)
	return ok && known && first != second
}

// major is the first number of a release. Go's pseudo-version of a commit without a tag
// begins with v0.0.0- and names none.
func major(release string) (int, bool) {
	text, ok := strings.CutPrefix(release, "v")
	number, _, dotted := strings.Cut(text, ".")
	n, err := strconv.Atoi(number)
	return n, ok && dotted && err == nil && !strings.HasPrefix(release, "v0.0.0-")
}

// Collector is the metric plimsoll_build_info: 1, with the version in its labels.
func (v Version) Collector() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "plimsoll_build_info", Help: "1. The labels name the version, commit and date of the build, and the version of Go.",
		ConstLabels: prometheus.Labels{"version": v.Release, "commit": v.Commit, "date": v.Date, "goversion": v.Go},
	}, func() float64 { return 1 })
}
