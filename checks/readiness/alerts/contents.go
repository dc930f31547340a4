package alerts

import (
	"net/url"
	"path"
	"strings"
)

// severities are the labels that say how urgent an alert is. Prometheus' own
// documentation, the mixins and Alertmanager's examples use severity; priority and
// level are what routes to paging services are found to match as well.
var severities = []string{"severity", "priority", "level"}

// Severity gives the label that says how urgent the alert is, of the rule or its group.
func (r Rule) Severity() (Pair, bool) {
	for _, name := range severities {
		for _, l := range r.Labels {
			if l.Key == name && strings.TrimSpace(l.Value.Value) != "" {
				return l, true
			}
		}
	}
	return Pair{}, false
}

// Waits tells whether the alert says how long its condition must hold. One that says
// 0s has decided it. An expression without any metric (a heartbeat such as vector(1))
// has nothing to wait for.
func (r Rule) Waits() bool {
	return r.For.Value != "" || r.parsed != nil && r.Language == "" && len(r.parsed.matchers) == 0
}

// runbookNames are the annotations that hold a runbook link, in small letters and
// without "_" and "-".
var runbookNames = map[string]bool{
	"runbook": true, "runbookurl": true, "runbooklink": true, "runbookuri": true,
	"playbook": true, "playbookurl": true, "playbooklink": true, "playbookuri": true,
	"sop": true, "sopurl": true,
}

// Runbook is where an alert's runbook link leads.
type Runbook struct {
	Pair
	// Paths of the repository that it may mean, one of which must be there; none where
	// it leads elsewhere.
	Paths []string
	// NoLink: the text is neither an URL nor a path.
	NoLink bool
}

// Repository is the repository that a rule file lies in.
type Repository struct {
	// Web is GitHub's own address, https://github.com if empty.
	Web         string
	Owner, Name string
}

// Runbook gives the alert's runbook link: the annotation runbook_url, runbook,
// playbook_url or the like that is not empty. A path is looked for from the root of
// the repository and from the rule file's folder; so is an URL of a file in this
// repository. A link with a template in it can't be followed and leads elsewhere.
func (r Rule) Runbook(repository Repository) (Runbook, bool) {
	for _, a := range r.Annotations {
		key := strings.NewReplacer("_", "", "-", "", ".", "", "/", "").Replace(strings.ToLower(a.Key))
		text := strings.TrimSpace(a.Value.Value)
		if !runbookNames[key] || text == "" {
			continue
		}
		link := Runbook{Pair: a}
		link.follow(text, r.File, repository)
		return link, true
	}
	return Runbook{}, false
}

func (l *Runbook) follow(text, file string, repository Repository) {
	if strings.Contains(text, "{{") {
		return
	}
	if strings.ContainsAny(text, " \t\n") {
		l.NoLink = !strings.Contains(text, "https://") && !strings.Contains(text, "http://")
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "":
		l.NoLink = true
	case u.Scheme == "http" || u.Scheme == "https":
		l.NoLink = u.Host == ""
		l.Paths = repository.paths(u)
	case u.Scheme != "" || u.Host != "":
		l.NoLink = true
	case u.Path == "" || !strings.ContainsAny(u.Path, "./"):
		l.NoLink = true
	default:
		if root, isAbsolute := strings.CutPrefix(u.Path, "/"); isAbsolute {
			l.add(root)
			return
		}
		l.add(u.Path)
		l.add(path.Join(path.Dir(file), u.Path))
	}
	l.NoLink = l.NoLink || u != nil && u.Scheme == "" && len(l.Paths) == 0
}

// add notes a path that stays inside the repository.
func (l *Runbook) add(name string) {
	clean := path.Clean(name)
	if clean == "." || clean == ".." || strings.HasPrefix(clean, "../") || strings.HasPrefix(clean, "/") {
		return
	}
	l.Paths = append(l.Paths, clean)
}

// paths gives the files of the repository that an URL of GitHub's may mean: a branch's
// name may hold slashes, so that it may be one of several. None: the URL leads elsewhere.
func (repository Repository) paths(u *url.URL) []string {
	web, err := url.Parse(repository.Web)
	host := "github.com"
	if err == nil && web.Host != "" {
		host = web.Host
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	raw := host == "github.com" && strings.EqualFold(u.Host, "raw.githubusercontent.com")
	if !raw && !strings.EqualFold(u.Host, host) && !strings.EqualFold(u.Host, "www."+host) || len(parts) < 4 ||
		!strings.EqualFold(parts[0], repository.Owner) || !strings.EqualFold(parts[1], repository.Name) {
		return nil
	}
	rest := parts[2:]
	if !raw {
		switch parts[2] {
		case "blob", "tree", "raw", "blame", "edit":
			rest = parts[3:]
		default:
			return nil
		}
	}
	var all []string
	for i := 1; i < len(rest); i++ {
		all = append(all, path.Clean(strings.Join(rest[i:], "/")))
	}
	return all
}
