// Package page shows the simulated GitHub to people: HTML pages such as GitHub's, with
// buttons that do what they do there, and the same as text that does not change from run to
// run, for golden files.
//
// It must not know of the API's handlers. Pages fetch nothing from elsewhere.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"plimsoll/server/simulator/internal/api"
	"plimsoll/server/simulator/internal/hook"
	"plimsoll/server/simulator/internal/model"
)

//go:embed templates
var files embed.FS

var templates = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(files, "templates/*.html")) })

// Traffic is what the pages show of the App's calls.
type Traffic interface {
	Exchanges() []api.Exchange
	Violations() []string
	Violate(format string, args ...any)
}

// Pages are the HTML pages.
type Pages struct {
	github  *model.GitHub
	hook    *hook.Hook
	traffic Traffic
	handler http.Handler
	options Options
}

// Options of [New].
type Options struct {
	// Live pages reload themselves.
	Live bool
	// Presentation is shown at the bottom of every page; nil: nothing is.
	Presentation Presentation
}

// Presentation is a story that goes on step by step while somebody looks at the pages.
type Presentation interface {
	// Shown returns what has just happened and what comes next; next is empty while a step
	// is under way, and after the last one.
	Shown() (happened, next string)
	// Next begins the next step.
	Next()
}

// New returns the pages of a GitHub. They accept buttons only from the pages themselves.
func New(github *model.GitHub, hook *hook.Hook, traffic Traffic, options Options) *Pages {
	s := &Pages{github: github, hook: hook, traffic: traffic, options: options}
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("POST /settings/apps/new") // manifests come from Apps
	protection.AddInsecureBypassPattern("POST /organizations/{org}/settings/apps/new")
	s.handler = protection.Handler(http.HandlerFunc(s.serve))
	return s
}

// ServeHTTP shows a page or does what a button asks.
func (s *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// chrome is what every page has around it.
type chrome struct {
	Title string
	App   string
	Clock string
	Live  bool
	// Happened and Next are the presentation's; both are empty without one.
	Happened, Next string
}

func (s *Pages) chrome(title string) chrome {
	c := chrome{Title: title, App: s.github.App.Slug, Clock: s.github.Now().Format("2 Jan 2006 15:04 MST"), Live: s.options.Live}
	if s.options.Presentation != nil {
		c.Happened, c.Next = s.options.Presentation.Shown()
	}
	return c
}

// serve finds the page of a path. GitHub's addresses begin with the owner, which a pattern
// of http.ServeMux cannot tell from the others.
func (s *Pages) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'unsafe-inline'; style-src 'self'")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == authorizePath:
		s.authorize(w, r)
		return
	case r.URL.Path == accessTokenPath && r.Method == http.MethodPost:
		s.accessToken(w, r)
		return
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/settings/apps/new") && (len(parts) == 3 || len(parts) == 5 && parts[0] == "organizations"):
		s.newApp(w, r, parts)
		return
	case len(parts) == 4 && parts[0] == "apps" && parts[2] == "installations" && parts[3] == "new":
		s.install(w, r)
		return
	}
	if r.Method == http.MethodPost {
		s.servePress(w, r, parts)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	s.github.Lock()
	defer s.github.Unlock()
	switch {
	case r.URL.Path == "/":
		s.show(w, "repositories", s.repositoriesPage("Repositories", s.github.Repositories()))
	case r.URL.Path == "/-/style.css":
		css, _ := files.ReadFile("templates/style.css") // embedded
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
		a := s.github.Accounts[strings.ToLower(parts[0])]
		if a == nil {
			http.NotFound(w, r)
			return
		}
		var own []*model.Repository
		for _, repository := range s.github.Repositories() {
			if repository.Owner == a {
				own = append(own, repository)
			}
		}
		s.show(w, "repositories", s.repositoriesPage(a.Login, own))
	default:
		s.serveRepositoryPage(w, r, parts)
	}
}

func (s *Pages) serveRepositoryPage(w http.ResponseWriter, r *http.Request, parts []string) {
	full := parts[0] + "/" + parts[1]
	if to := s.github.Moved(full); to != nil {
		http.Redirect(w, r, "/"+strings.Join(append([]string{to.FullName()}, parts[2:]...), "/"), http.StatusMovedPermanently)
		return
	}
	repository := s.github.Repository(full)
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

// repositoryPage returns the template and what fills it, or a content type and bytes.
func (s *Pages) repositoryPage(r *model.Repository, rest []string) (string, any) {
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
		if p := r.Pull(number(arg, 0)); p != nil {
			tab := "talk"
			if len(rest) > 2 {
				tab = rest[2]
			}
			return "pull", s.pullPage(p, tab)
		}
	case kind == "issues":
		if i := r.Issue(number(arg, 0)); i != nil {
			return "issue", s.issuePage(i)
		}
	case kind == "runs":
		if run := s.runNumbered(r, arg); run != nil {
			return "check", s.checkPage(run)
		}
	case kind == "commit":
		if at, ok := r.Resolve(arg); ok {
			return "commit", s.commitPage(r, at)
		}
	case kind == "releases" && len(rest) > 2: // a release has no page of its own: its commit's
		if l := r.PublishedRelease(strings.Join(rest[2:], "/")); l != nil {
			return "commit", s.commitPage(r, l.SHA)
		}
	case (kind == "blob" || kind == "raw") && len(rest) > 2:
		return s.filePage(r, kind, arg, strings.Join(rest[2:], "/"))
	case kind == "legacy.tar.gz":
		if at, ok := r.Resolve(arg); ok {
			return "application/gzip", tarball(r, at)
		}
	}
	return "", nil
}

func (s *Pages) runNumbered(r *model.Repository, text string) *model.CheckRun {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || s.github.CheckRuns[id] == nil || s.github.CheckRuns[id].Suite.Repo != r {
		return nil
	}
	return s.github.CheckRuns[id]
}

func (s *Pages) show(w http.ResponseWriter, name string, page any) {
	var out bytes.Buffer
	if err := templates().ExecuteTemplate(&out, name, page); err != nil {
		s.traffic.Violate("simulator: page %s: %v", name, err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

// avatar draws a picture of an account: two shapes, coloured by its id.
func avatar(id int) string {
	hue := id * 137 % 360
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(%d 45%% 82%%)"/><circle cx="20" cy="15" r="7" fill="hsl(%d 40%% 45%%)"/><path d="M6 40a14 14 0 0 1 28 0z" fill="hsl(%d 40%% 45%%)"/></svg>`, hue, hue, hue)
}
