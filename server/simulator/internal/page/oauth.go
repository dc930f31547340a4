package page

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plimsoll/server/simulator/internal/model"
)

// Addresses of the web flow by which people authorize the App.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
const (
	authorizePath   = "/login/oauth/authorize"
	accessTokenPath = "/login/oauth/access_token"
)

// authorizeView asks who somebody is and whether the App may act for the person.
type authorizeView struct {
	chrome
	Name    string
	People  []string
	Details map[string]string // of the request, which the buttons send again
}

// authorize shows a page with one button for each person. The parameter login, by which an
// App suggests an account to GitHub, presses that person's button at once.
func (s *Pages) authorize(w http.ResponseWriter, r *http.Request) {
	s.github.Lock()
	defer s.github.Unlock()
	redirect, login := r.FormValue("redirect_uri"), r.FormValue("login")
	app := s.github.App
	switch {
	case r.FormValue("client_id") != app.ClientID:
		http.NotFound(w, r)
		return
	case redirect == "" && len(app.Callbacks) > 0:
		redirect = app.Callbacks[0]
	}
	if !app.CallbackAllowed(redirect) {
		http.Error(w, "Be careful! The redirect_uri is not associated with this application.", http.StatusBadRequest)
		return
	}
	if login == "" {
		v := authorizeView{chrome: s.chrome("Authorize " + app.Name), Name: app.Name, Details: map[string]string{}}
		for key := range r.URL.Query() {
			v.Details[key] = r.FormValue(key)
		}
		for _, key := range slices.Sorted(maps.Keys(s.github.Accounts)) {
			if a := s.github.Accounts[key]; a.Kind == model.User {
				v.People = append(v.People, a.Login)
			}
		}
		s.show(w, "authorize", v)
		return
	}
	back, err := url.Parse(redirect)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	query := back.Query()
	query.Set("state", r.FormValue("state"))
	person := s.github.Accounts[strings.ToLower(login)]
	if person == nil || r.FormValue("cancel") != "" {
		query.Set("error", "access_denied")
		query.Set("error_description", "The user has denied your application access.")
	} else {
		query.Set("code", s.github.Authorize(person, redirect, challengeOf(r)))
	}
	back.RawQuery = query.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// challengeOf is the challenge of PKCE; GitHub knows the method S256 alone.
func challengeOf(r *http.Request) string {
	if r.FormValue("code_challenge_method") != "S256" {
		return ""
	}
	return r.FormValue("code_challenge")
}

// accessToken exchanges a code. GitHub answers errors with the status 200, too.
func (s *Pages) accessToken(w http.ResponseWriter, r *http.Request) {
	s.github.Lock()
	defer s.github.Unlock()
	token, err := s.github.Exchange(r.FormValue("client_id"), r.FormValue("client_secret"), r.FormValue("code"), r.FormValue("redirect_uri"), r.FormValue("code_verifier"))
	body := map[string]any{
		"access_token": token, "expires_in": int(model.UserTokenLife.Seconds()), "refresh_token": "ghr_" + strings.TrimPrefix(token, "ghu_"),
		"refresh_token_expires_in": 15_897_600, "scope": "", "token_type": "bearer",
	}
	if refused, ok := errors.AsType[model.ExchangeError](err); ok {
		body = map[string]any{"error": refused.Word, "error_description": refused.Sentence, "error_uri": "https://docs.github.com"}
	}
	if !strings.Contains(r.Header.Get("Accept"), "application/json") { // the default
		form := url.Values{}
		for key, value := range body {
			if text, ok := value.(string); ok {
				form.Set(key, text)
			}
		}
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		_, _ = w.Write([]byte(form.Encode()))
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(body) // the client has gone
}
