package version

import (
	"runtime/debug"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// What the linker has set counts before what Go has recorded.
func TestVersionOfARelease(t *testing.T) {
	release, commit, date = "v1.4.0", "3f2a91c04d7be5a1c1d5e8f0a9b8c7d6e5f4a3b2", "2026-11-02T12:00:00Z"
	defer func() { release, commit, date = "", "", "" }()
	got := of(&debug.BuildInfo{Main: debug.Module{Version: "v1.3.0"}, GoVersion: "go1.26.8"})
	if want := (Version{"v1.4.0", "3f2a91c04d7be5a1c1d5e8f0a9b8c7d6e5f4a3b2", "2026-11-02T12:00:00Z", "go1.26.8"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(got.Collector())
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "plimsoll_build_info" {
		t.Fatalf("%v, %v", families, err)
	}
	labels := map[string]string{}
	for _, label := range families[0].Metric[0].Label {
		labels[label.GetName()] = label.GetValue()
	}
	if labels["version"] != got.Release || labels["commit"] != got.Commit || labels["date"] != got.Date || labels["goversion"] != got.Go {
		t.Errorf("%v", labels)
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
		if got := of(info).String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestDiffers(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"v1.4.0", "v1.9.3", false},
		{"v1.4.0", "v2.0.0", true},
		{"v2.0.0-rc.1", "v1.9.0", true},
		{"v10.0.0", "v1.0.0", true},
		{"v0.3.0", "v0.4.0", false},
		{"(devel)", "v2.0.0", false},
		{"v1.0.0", "v0.0.0-20261102120000-3f2a91c04d7b", false},
		{"v1.0.0", "", false},
		{"v1.0.0", "1.0", false},
		{"v1.0.0", "v2", false},
	} {
		if Differs(c.a, c.b) != c.want || Differs(c.b, c.a) != c.want {
			t.Errorf("Differs(%q, %q) is not %t", c.a, c.b, c.want)
		}
	}
}
