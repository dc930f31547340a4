package setup

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"sync"
)

//go:embed setup.html
var pageText string

//go:embed style.css
var styleText []byte

var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("setup").Parse(pageText)) })

// view is what the page shows: one step.
type view struct {
	Step, Problem, CSRF                      string
	WebURL, Organisation, Name, PublicURL    string
	NewApp, Manifest, Install, File, AppSlug string
	Retry, Lost                              string
	Commands                                 []string // that install the server with the Secret
}

func csrf(session string) string {
	mac := hmac.New(sha256.New, []byte(session))
	mac.Write([]byte("plimsoll setup csrf"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// show shows the step that comes next to who asks. It needs the lock.
func (s *Setup) show(w http.ResponseWriter, r *http.Request, status int, problem string) {
	c := s.chosen
	v := view{Problem: problem, WebURL: c.WebURL, Organisation: c.Organisation, Name: c.Name, PublicURL: c.PublicURL, File: s.deps.Target.Name()}
	switch {
	case !s.mine(r) && s.used:
		v.Step = "taken"
	case !s.mine(r) && s.attempts >= mostAttempts:
		v.Step = "closed"
	case !s.mine(r):
		v.Step = "token"
	case s.written:
		v.Step, v.Install, v.AppSlug = "done", s.installURL(), s.app.Slug
		if s.deps.Target.Secret != "" {
			v.Commands = commands(s.deps.Target.Secret, c, *s.app)
		}
	case s.app != nil:
		v.Step, v.AppSlug = "write", s.app.Slug
	case s.lost != nil:
		v.Step, v.Lost = "lost", s.lostURL()
	case s.state != "" && s.retry != "":
		v.Step, v.Retry, s.retry = "retry", s.retry, ""
	case s.state != "":
		var err error
		if v.Manifest, err = manifest(s.deps.Manifest, c, s.deps.Paths); err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		v.Step, v.NewApp = "register", newAppURL(c, s.state)
	default:
		v.Step = "choose"
	}
	if s.mine(r) {
		v.CSRF = csrf(s.session)
	}
	var page bytes.Buffer
	if err := pageTemplate().Execute(&page, v); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

func (s *Setup) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "private, max-age=3600") // the last page needs it when nobody serves it any more
	_, _ = w.Write(styleText)
}
