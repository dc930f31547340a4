package kubernetes

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"plimsoll/checks/readiness/kustomize/kustomizetest"
	"plimsoll/contracts"
)

// memory is a tree in memory: content by path.
type memory map[string]string

var _ contracts.Tree = memory(nil)

func (m memory) Files(context.Context) ([]contracts.File, error) {
	var files []contracts.File
	for _, name := range slices.Sorted(maps.Keys(m)) {
		files = append(files, contracts.File{Path: name, SHA: name, Size: int64(len(m[name]))})
	}
	return files, nil
}

func (m memory) ReadFile(_ context.Context, name string) ([]byte, error) {
	content, ok := m[name]
	if !ok {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	return []byte(content), nil
}

func (m memory) paths() []string { return slices.Sorted(maps.Keys(m)) }

// archive parses files written one behind the other, each below a line "-- path --".
func archive(text string) memory {
	files := memory{}
	name := ""
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(strings.TrimRight(rest, "\n"), " --") {
			name = strings.TrimSuffix(strings.TrimRight(rest, "\n"), " --")
			files[name] = ""
			continue
		}
		if name != "" {
			files[name] += line
		}
	}
	return files
}

func read(t testing.TB, files memory, paths ...string) Manifests {
	t.Helper()
	if paths == nil {
		paths = files.paths()
	}
	m, err := Read(context.Background(), files, kustomizetest.InProcess{}, paths)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// dump writes what was read, one fact to a line.
func dump(m Manifests) string {
	var out strings.Builder
	for _, w := range m.Workloads {
		fmt.Fprintf(&out, "%s: %s %s", contracts.Position(w.Position), w.Kind, w.Name)
		for _, extra := range []struct {
			say  string
			when bool
		}{{" namespace=" + w.Namespace, w.Namespace != ""}, {" served", w.Served}, {" ends", w.Ends}, {" overlays=" + strings.Join(w.Overlays, ","), len(w.Overlays) > 0}} {
			if extra.when {
				out.WriteString(extra.say)
			}
		}
		out.WriteByte('\n')
		for _, c := range w.Containers {
			fmt.Fprintf(&out, "  %s: container %s image=%s", contracts.Position(c.Position), c.Name, c.Image)
			if c.Init {
				out.WriteString(" init")
			}
			if c.Sidecar {
				out.WriteString(" sidecar")
			}
			fmt.Fprintf(&out, " below=%d/%d\n", c.NamePosition.Line, c.PortsPosition.Line)
			for _, p := range c.Ports {
				fmt.Fprintf(&out, "    %s: port %s %d %s\n", contracts.Position(p.Position), p.Name, p.Number, p.Protocol)
			}
			for _, p := range []struct {
				name string
				*Probe
			}{{"readiness", c.Readiness}, {"liveness", c.Liveness}, {"startup", c.Startup}} {
				if p.Probe != nil {
					fmt.Fprintf(&out, "    %s: %s %s path=%s port=%s%d scheme=%s host=%s timeout=%d period=%d lines=%d/%d/%d/%d\n", contracts.Position(p.Position), p.name, p.Handler, p.Path, p.Port.Name, p.Port.Number, p.Scheme, p.Host,
						p.Timeout, p.Period, p.PathPosition.Line, p.Port.Position.Line, p.TimeoutPosition.Line, p.PeriodPosition.Line)
				}
			}
		}
	}
	for _, r := range m.Rules {
		fmt.Fprintf(&out, "%s: rules %s, spec on line %d\n", contracts.Position(r.Position), r.Name, r.Node.Line)
	}
	for _, u := range m.Unread {
		fmt.Fprintf(&out, "unread %s: %s\n", contracts.Position(u.Position), u.Message)
		if u.Hint != "" {
			fmt.Fprintf(&out, "  hint: %s\n", u.Hint)
		}
	}
	return out.String()
}
