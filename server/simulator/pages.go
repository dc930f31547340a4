package simulator

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

//go:embed pages
var pageFiles embed.FS

var pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// chrome is what every page has around it.
type chrome struct {
	Title string
	App   string
	Clock string
}

func (s *Simulator) chrome(title string) chrome {
	return chrome{Title: title, App: s.app.slug, Clock: s.now().Format("2 Jan 2006 15:04 MST")}
}

// newPages gives the pages. Buttons are accepted from the pages themselves alone.
func (s *Simulator) newPages() http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.servePage))
}

// servePage finds the page of a path. GitHub's addresses begin with the owner, which
// a pattern of http.ServeMux cannot keep apart from the others.
func (s *Simulator) servePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'unsafe-inline'; style-src 'self'")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if r.Method == http.MethodPost {
		s.servePress(w, r, parts)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.URL.Path == "/":
		s.show(w, "repositories", s.repositoriesPage("Repositories", s.allRepositories()))
	case r.URL.Path == "/-/style.css":
		css, _ := pageFiles.ReadFile("pages/style.css") // embedded
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(css)
	case r.URL.Path == "/-/requests":
		s.show(w, "requests", s.requestsPage())
	case len(parts) == 2 && parts[0] == "avatars":
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = fmt.Fprint(w, avatar(number(parts[1], 0)))
	case len(parts) == 4 && parts[0] == "settings" && parts[1] == "apps":
		s.show(w, "deliveries", s.deliveriesPage())
	case len(parts) == 1:
		a := s.accounts[strings.ToLower(parts[0])]
		if a == nil {
			http.NotFound(w, r)
			return
		}
		var own []*Repository
		for _, repository := range s.allRepositories() {
			if repository.owner == a {
				own = append(own, repository)
			}
		}
		s.show(w, "repositories", s.repositoriesPage(a.login, own))
	default:
		s.serveRepositoryPage(w, r, parts)
	}
}

func (s *Simulator) serveRepositoryPage(w http.ResponseWriter, r *http.Request, parts []string) {
	full := strings.ToLower(parts[0] + "/" + parts[1])
	repository := s.repos[s.names[full]]
	if id, moved := s.moved[full]; moved && s.repos[id] != nil {
		http.Redirect(w, r, "/"+strings.Join(append([]string{s.repos[id].fullName()}, parts[2:]...), "/"), http.StatusMovedPermanently)
		return
	}
	if repository == nil {
		http.NotFound(w, r)
		return
	}
	name, page := s.repositoryPage(repository, parts[2:])
	switch content := page.(type) {
	case nil:
		http.NotFound(w, r)
	case []byte:
		w.Header().Set("Content-Type", name)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(content)
	default:
		s.show(w, name, page)
	}
}

// repositoryPage gives the template and what fills it, or a content type and bytes.
func (s *Simulator) repositoryPage(r *Repository, rest []string) (string, any) {
	kind, arg := "", ""
	if len(rest) > 0 {
		kind = rest[0]
	}
	if len(rest) > 1 {
		arg = rest[1]
	}
	switch {
	case kind == "" || kind == "pulls" || kind == "tree" || kind == "deployments":
		return "repository", s.repositoryOverview(r)
	case kind == "pull":
		if p := r.pull(number(arg, 0)); p != nil {
			tab := "talk"
			if len(rest) > 2 {
				tab = rest[2]
			}
			return "pull", s.pullPage(p, tab)
		}
	case kind == "issues":
		if i := r.issueNumbered(number(arg, 0)); i != nil {
			return "issue", s.issuePage(i)
		}
	case kind == "runs":
		if run := s.runNumbered(r, arg); run != nil {
			return "check", s.checkPage(run)
		}
	case kind == "commit":
		if at, ok := r.resolve(arg); ok {
			return "commit", s.commitPage(r, at)
		}
	case kind == "releases" && len(rest) > 2: // a release has no page of its own: its commit's
		if l := r.publishedRelease(strings.Join(rest[2:], "/")); l != nil {
			return "commit", s.commitPage(r, l.sha)
		}
	case (kind == "blob" || kind == "raw") && len(rest) > 2:
		return s.filePage(r, kind, arg, strings.Join(rest[2:], "/"))
	case kind == "legacy.tar.gz":
		if at, ok := r.resolve(arg); ok {
			return "application/gzip", r.tarball(at)
		}
	}
	return "", nil
}

func (s *Simulator) runNumbered(r *Repository, text string) *checkRun {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || s.runs[id] == nil || s.runs[id].suite.repo != r {
		return nil
	}
	return s.runs[id]
}

func (s *Simulator) show(w http.ResponseWriter, name string, page any) {
	var out bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&out, name, page); err != nil {
		s.violate("simulator: page %s: %v", name, err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}

// servePress does what a button or a form of a page asks, as the user "octocat".
func (s *Simulator) servePress(w http.ResponseWriter, r *http.Request, parts []string) {
	const visitor = "octocat"
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	back := r.URL.Path[:strings.LastIndexByte(r.URL.Path, '/')]
	if len(parts) == 5 && parts[0] == "settings" {
		s.mu.Lock()
		if d := s.delivery(int64(number(parts[4], 0))); d != nil {
			s.redeliver(d)
		}
		s.mu.Unlock()
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	if len(parts) != 5 {
		http.NotFound(w, r)
		return
	}
	repository := s.FindRepository(parts[0] + "/" + parts[1])
	if repository == nil {
		http.NotFound(w, r)
		return
	}
	switch {
	case parts[2] == "pull" && parts[4] == "comment":
		if p := repository.PullRequest(number(parts[3], 0)); p != nil && strings.TrimSpace(r.FormValue("body")) != "" {
			p.Comment(visitor, r.FormValue("body"))
		}
	case parts[2] == "pull" && parts[4] == "merge":
		if p := repository.PullRequest(number(parts[3], 0)); p != nil {
			if _, err := p.Merge(MergeCommit); err != nil {
				http.Error(w, err.Error(), http.StatusConflict)
				return
			}
		}
	case parts[2] == "runs":
		s.pressRun(repository, parts[3], parts[4], r.FormValue("identifier"), visitor)
	default:
		http.NotFound(w, r)
		return
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

func (s *Simulator) pressRun(r *Repository, id, button, identifier, visitor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := s.runNumbered(r, id)
	switch {
	case run == nil:
	case button == "rerequest":
		s.emitRun(run, "rerequested", s.person(visitor), nil)
	case button == "press":
		s.emitRun(run, "requested_action", s.person(visitor), object{"requested_action": object{"identifier": identifier}})
	}
}

// avatar draws a sign for an account: two shapes, coloured by its id.
func avatar(id int) string {
	hue := id * 137 % 360
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(%d 45%% 82%%)"/><circle cx="20" cy="15" r="7" fill="hsl(%d 40%% 45%%)"/><path d="M6 40a14 14 0 0 1 28 0z" fill="hsl(%d 40%% 45%%)"/></svg>`, hue, hue, hue)
}
