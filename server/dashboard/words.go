package dashboard

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// functions are what templates call.
func (f *Frame) functions() template.FuncMap {
	return template.FuncMap{
		"short": checks.Short, "since": since, "number": checks.Grouped[int], "count": Count,
		"repo": func(r contracts.RepositoryRef) string { return f.deps.WebURL + "/" + r.FullName() },
		"commit": func(r contracts.RepositoryRef, sha string) string {
			return f.deps.WebURL + "/" + r.FullName() + "/commit/" + sha
		},
		"pull": func(r contracts.RepositoryRef, n int) string {
			return fmt.Sprintf("%s/%s/pull/%d", f.deps.WebURL, r.FullName(), n)
		},
		"line": func(r contracts.RepositoryRef, commit string, at contracts.Position) string {
			return LineURL(f.deps.WebURL, r, commit, at)
		},
		"fileline": func(r contracts.RepositoryRef, commit, file string) string {
			return LineURL(f.deps.WebURL, r, commit, contracts.Position{File: file})
		},
		"rollbackpath": func(path string) string { return strings.Replace(path, "?", "/rollback?", 1) },
		"markof": func(state, verification, answer string) string {
			if verification == "" {
				if state == "failure" || state == "error" {
					return "bad"
				}
				return "open"
			}
			return LevelOf(answer)
		},
		"moment": func(ms int64) time.Time { return time.UnixMilli(ms).UTC() },
		"runof": func(r contracts.RepositoryRef, deployment int64, component, environment, instance string) string {
			return RunPath(r.Installation, r.ID, deployment, component, environment, instance)
		},
		"component": ComponentPath, "api": APIPath, "verdict": verdict, "level": LevelOf, "person": f.person,
	}
}

// parsed parses a page within the frame.
func (f *Frame) parsed(text string) *template.Template {
	t := template.Must(template.New("frame").Funcs(f.functions()).Parse(frameText))
	return template.Must(t.Parse(text))
}

func (f *Frame) person(login string) string {
	if login == "" || strings.HasSuffix(login, "[bot]") {
		return ""
	}
	return f.deps.WebURL + "/" + url.PathEscape(login)
}

// Count writes a number with its noun.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return checks.Grouped(n) + " " + many
}

// LineURL is the address of a line of a file at a commit.
func LineURL(webURL string, repo contracts.RepositoryRef, commit string, at contracts.Position) string {
	if commit == "" || at.File == "" {
		return ""
	}
	parts := strings.Split(at.File, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	address := webURL + "/" + repo.FullName() + "/blob/" + commit + "/" + strings.Join(parts, "/")
	if at.Line > 0 {
		address += "#L" + strconv.Itoa(at.Line)
	}
	return address
}

// ComponentPath is the path of a component's page.
func ComponentPath(repo contracts.RepositoryRef, name string) string {
	return "/components/" + url.PathEscape(repo.Owner) + "/" + url.PathEscape(repo.Name) + "/" + url.PathEscape(name)
}

// APIPath is the path of an API's page.
func APIPath(repo contracts.RepositoryRef, name string) string {
	return "/apis/" + url.PathEscape(repo.Owner) + "/" + url.PathEscape(repo.Name) + "/" + url.PathEscape(name)
}

// RunPath is the path of the page of a verification.
func RunPath(installation, repository, deployment int64, component, environment, instance string) string {
	query := url.Values{"component": {component}, "environment": {environment}}
	if instance != "" {
		query.Set("instance", instance)
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	return "/verifications/" + number(installation) + "/" + number(repository) + "/" + number(deployment) + "?" + query.Encode()
}

// since writes how long ago something was, with the time for who needs it.
func since(now, at time.Time) template.HTML {
	if at.IsZero() || at.Unix() == 0 {
		return ""
	}
	at = at.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s UTC">%s</time>`, at.Format(time.RFC3339), at.Format("2006-01-02 15:04:05"), Ago(now.Sub(at))))
}

// Ago writes how long ago something was.
func Ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// LevelOf is how bad the outcome of a deployment is: good, warn, bad or open.
func LevelOf(answer string) string {
	switch answer {
	case string(deploy.Verified), string(deploy.Success):
		return "good"
	case string(deploy.RollBack), "failure", "error":
		return "bad"
	case string(deploy.Investigate), string(deploy.Inconclusive):
		return "warn"
	}
	return "open"
}

// verdict writes the outcome of a verification.
func verdict(answer string) string {
	switch answer {
	case "":
		return "watching"
	case string(deploy.RollBack):
		return "roll back"
	}
	return answer
}
