package dashboard_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/store/storetest"
)

const page = `{{define "main"}}<h1>{{.}}</h1>{{end}}`

// A form counts only with its token, and only from a person who has logged in.
func TestForms(t *testing.T) {
	w := dashboardtest.Open(t, storetest.SQLite(t), false)
	w.Shop()
	sent := 0
	w.Frame.Form("/form", page, func(r *dashboard.Request) (string, *dashboard.Page, error) {
		sent++
		return "/done?by=" + r.Visitor.Login(), nil, nil
	})
	for _, form := range []url.Values{{}, {"csrf": {"forged"}}} {
		if got := w.Post("ana", "/form", form); got.Code != http.StatusForbidden {
			t.Errorf("%v: %d", form, got.Code)
		}
	}
	if got := w.Post("", "/form", url.Values{"csrf": {dashboardtest.Token}}); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/login?next=%2F" {
		t.Errorf("nobody: %d to %s", got.Code, got.Header().Get("Location"))
	}
	if got := w.Get("ana", "/form"); got.Code != http.StatusNotFound && got.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", got.Code)
	}
	if sent != 0 {
		t.Errorf("%d forms counted", sent)
	}
	if got := w.Post("ana", "/form", url.Values{"csrf": {dashboardtest.Token}}); got.Header().Get("Location") != "/done?by=ana" || sent != 1 {
		t.Errorf("%d to %s", got.Code, got.Header().Get("Location"))
	}
}

// One person who asks for too much is held up, and nobody else.
func TestTooManyPages(t *testing.T) {
	w := dashboardtest.Open(t, storetest.SQLite(t), true)
	w.Shop()
	w.Frame.Page("/page", page, func(*dashboard.Request) (dashboard.Page, error) {
		return dashboard.Page{Title: "Page", Data: "Page"}, nil
	})
	refused := false
	for range 1000 {
		if got := w.Get("ana", "/page"); got.Code == http.StatusTooManyRequests {
			refused = got.Header().Get("Retry-After") != ""
			break
		}
	}
	if !refused {
		t.Error("ana is never refused")
	}
	if got := w.Get("bob", "/page"); got.Code != http.StatusOK {
		t.Errorf("bob gets %d", got.Code)
	}
	if got := w.Get("bob", "/page?q="+strings.Repeat("x", 5000)); got.Code != http.StatusRequestURITooLong {
		t.Errorf("a long question gets %d", got.Code)
	}
}
