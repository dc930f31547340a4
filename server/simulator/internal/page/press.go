package page

import (
	"net/http"
	"net/url"
	"strings"

	"plimsoll/server/simulator/internal/model"
)

// visitor is who presses the buttons of pages.
const visitor = "octocat"

// nextPath is where the button of the presentation posts to.
const nextPath = "/-/next"

// pathOf is the path of one of the pages, from its whole address.
func pathOf(page string) string {
	if address, err := url.Parse(page); err == nil && strings.HasPrefix(address.Path, "/") && !strings.HasPrefix(address.Path, "//") {
		return address.EscapedPath()
	}
	return "/"
}

// servePress does what a button or a form of a page asks.
func (s *Pages) servePress(w http.ResponseWriter, r *http.Request, parts []string) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	back := r.URL.Path[:strings.LastIndexByte(r.URL.Path, '/')]
	body, identifier := r.FormValue("body"), r.FormValue("identifier")
	if r.URL.Path == nextPath && s.options.Presentation != nil {
		s.options.Presentation.Next()
		http.Redirect(w, r, pathOf(r.Referer()), http.StatusSeeOther)
		return
	}
	s.github.Lock()
	defer s.github.Unlock()
	if len(parts) == 5 && parts[0] == "settings" {
		if d := s.hook.Delivery(int64(number(parts[4], 0))); d != nil {
			s.hook.Redeliver(d)
		}
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	if len(parts) != 5 {
		http.NotFound(w, r)
		return
	}
	repository := s.github.Repository(parts[0] + "/" + parts[1])
	if repository == nil {
		http.NotFound(w, r)
		return
	}
	switch {
	case parts[2] == "pull" && parts[4] == "comment":
		if p := repository.Pull(number(parts[3], 0)); p != nil && strings.TrimSpace(body) != "" {
			p.AddComment(s.github.Person(visitor), body)
		}
	case parts[2] == "pull" && parts[4] == "merge":
		if p := repository.Pull(number(parts[3], 0)); p != nil {
			if _, err := p.Merge(model.MergeCommit); err != nil {
				http.Error(w, err.Error(), http.StatusConflict)
				return
			}
		}
	case parts[2] == "runs":
		s.pressRun(s.runNumbered(repository, parts[3]), parts[4], identifier)
	default:
		http.NotFound(w, r)
		return
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

func (s *Pages) pressRun(run *model.CheckRun, button, identifier string) {
	switch {
	case run == nil:
	case button == "rerequest":
		run.Rerequest(s.github.Person(visitor))
	case button == "press":
		run.Press(s.github.Person(visitor), identifier)
	}
}
