package kubernetes

import (
	"os"
	"path"
	"reflect"
	"slices"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"plimsoll/config"
)

// TestAgreesWithKustomize holds what is read of the overlays against what kustomize
// makes of the same files when it sees them untouched: the containers with their
// ports and probes are the same.
func TestAgreesWithKustomize(t *testing.T) {
	for _, test := range []struct {
		name     string
		overlays []string
	}{
		{"kustomize-base", []string{"base"}},
		{"kustomize-overlay-adds-a-probe", []string{"overlays/prod", "overlays/dev", "overlays/test"}},
		{"kustomize-overlay-removes-a-probe", []string{"prod"}},
		{"kustomize-json-patches", []string{"prod"}},
		{"kustomize-components", []string{"prod"}},
		{"kustomize-patches-of-all-kinds", []string{"prod"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + test.name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			files := archive(string(data))
			delete(files, wantFile)
			ours := read(t, files)
			for _, overlay := range test.overlays {
				var got []Workload
				for _, w := range ours.Workloads {
					if slices.Contains(w.Overlays, overlay) {
						got = append(got, w)
					}
				}
				want := kustomized(t, files, overlay)
				if len(want) == 0 || len(got) != len(want) {
					t.Fatalf("%s: %d workloads, kustomize makes %d", overlay, len(got), len(want))
				}
				for i := range want {
					if a, b := facts(got[i]), facts(want[i]); !reflect.DeepEqual(a, b) {
						t.Errorf("%s:\n%+v\nkustomize makes\n%+v", overlay, a, b)
					}
				}
			}
		})
	}
}

// kustomized is what kustomize makes of a folder.
func kustomized(t *testing.T, files memory, folder string) []Workload {
	t.Helper()
	system := filesys.MakeFsInMemory()
	for name, content := range files {
		if err := system.WriteFile(path.Join("/", name), []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(system, path.Join("/", folder))
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	manifests, _ := parse("built.yaml", text, false).manifests("built.yaml")
	var workloads []Workload
	for _, m := range manifests {
		if m.runsPods() {
			w, unread := m.workload()
			if len(unread) > 0 {
				t.Fatal(unread)
			}
			workloads = append(workloads, w)
		}
	}
	return workloads
}

// facts are the containers of a workload without places and images.
func facts(w Workload) []Container {
	var containers []Container
	for _, c := range w.Containers {
		c.Image, c.Position, c.NamePosition, c.PortsPosition = "", config.Position{}, config.Position{}, config.Position{}
		c.Ports = slices.Clone(c.Ports)
		for i := range c.Ports {
			c.Ports[i].Position = config.Position{}
		}
		for _, p := range []**Probe{&c.Readiness, &c.Liveness, &c.Startup} {
			if *p != nil {
				bare := **p
				bare.Position, bare.Port.Position, bare.TimeoutPosition, bare.PeriodPosition, bare.PathPosition = config.Position{}, config.Position{}, config.Position{}, config.Position{}, config.Position{}
				*p = &bare
			}
		}
		containers = append(containers, c)
	}
	return containers
}
