package kubernetes

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"plimsoll/config"
)

const renderHint = "render it into the repository (helm template … > manifests.yaml), or waive the rule with a reason and an end"

// charts knows the folders of a repository that are Helm charts.
type charts map[string]bool

func chartsOf(r *reader) charts {
	folders := charts{}
	for file := range r.sizes {
		if path.Base(file) == "Chart.yaml" {
			folders[path.Dir(file)] = true
		}
	}
	return folders
}

// part tells what a file is to a chart: one of its templates, or its own file that
// is no manifest (Chart.yaml, values.yaml). The folder is that of the outermost
// chart; empty: the file belongs to none.
func (c charts) part(file string) (folder string, template bool) {
	for at := path.Dir(file); ; at = path.Dir(at) {
		if c[at] {
			inside := strings.TrimPrefix(file, at+"/")
			if at == "." {
				inside = file
			}
			switch {
			case strings.HasPrefix(inside, "templates/"):
				folder, template = at, true
			case !strings.Contains(inside, "/") && ownFile(inside):
				folder = at
			case template && strings.HasPrefix(inside, "charts/"):
				folder = at // a chart in a chart counts as one
			}
		}
		if at == "." || at == "/" {
			return folder, template
		}
	}
}

// ownFile tells that a file beside Chart.yaml belongs to Helm.
func ownFile(name string) bool {
	return name == "Chart.yaml" || name == "requirements.yaml" || strings.HasPrefix(name, "values")
}

// tell says of each chart that its templates are not evaluated.
func (c charts) tell(templates map[string]int) []Unread {
	var unread []Unread
	for _, folder := range slices.Sorted(maps.Keys(templates)) {
		files := "its template can't be checked before it is"
		if n := templates[folder]; n > 1 {
			files = fmt.Sprintf("its %d templates can't be checked before they are", n)
		}
		unread = append(unread, Unread{Position: config.Position{File: path.Join(folder, "Chart.yaml")},
			Message: "is a Helm chart: " + files + " rendered", Hint: renderHint})
	}
	return unread
}
