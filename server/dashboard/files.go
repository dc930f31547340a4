package dashboard

import (
	_ "embed"
	"html/template"
	"net/http"
	"sync"
)

//go:embed frame.html
var frameText string

//go:embed refused.html
var refusedText string

//go:embed style.css
var style []byte

//go:embed icon.svg
var icon []byte

// iconPath is where browsers find the icon. stylePath is where the style sheet is that the dashboard adds to that of evidence pages.
const (
	iconPath  = "/icon.svg"
	stylePath = "/dashboard.css"
)

var refusedTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("refused").Parse(refusedText)) })

func file(kind string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(content)
	}
}

// refusal is what a page says that is not shown.
type refusal struct{ Title, Text string }

var refusals = map[int]refusal{
	http.StatusNotFound:            {"Not found", "There is no such page, or GitHub does not let you read what it shows."},
	http.StatusForbidden:           {"Not allowed", "The form was not sent from this page, or it is too old. Go back, reload the page and try again."},
	http.StatusTooManyRequests:     {"Too many requests", "You asked for more pages than the server gives one person. Try again in a minute."},
	http.StatusRequestURITooLong:   {"The address is too long", "Ask for less at once."},
	http.StatusInternalServerError: {"Something went wrong", "The page could not be made. Try again; if it fails again, tell the operator of the server."},
}

// refuse says that there is no page, and gives no reason but the status.
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = refusedTemplate().Execute(w, refusals[status])
}
