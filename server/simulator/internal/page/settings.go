package page

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plimsoll/server/simulator/internal/model"
)

// newAppView asks whether an App is to be registered from a manifest.
type newAppView struct {
	chrome
	Name, Owner, Manifest, State, Action string
}

// newApp answers the form with the manifest, and the button of the page that asks.
func (s *Pages) newApp(w http.ResponseWriter, r *http.Request, parts []string) {
	s.github.Lock()
	defer s.github.Unlock()
	owner := s.github.Person(visitor)
	if parts[0] == "organizations" {
		if owner = s.github.Accounts[strings.ToLower(parts[1])]; owner == nil || owner.Kind != model.Organization {
			http.NotFound(w, r)
			return
		}
	}
	manifest, err := model.ReadManifest(r.PostFormValue("manifest"))
	if err != nil {
		http.Error(w, "Invalid GitHub App configuration: "+err.Error(), http.StatusUnprocessableEntity)
		return
	}
	state := r.FormValue("state")
	if r.PostFormValue("create") == "" {
		s.show(w, "newapp", newAppView{s.chrome("Create GitHub App"), manifest.Name, owner.Login, r.PostFormValue("manifest"), state, r.URL.Path})
		return
	}
	s.hook.SetURL(manifest.Hook.URL)
	back, err := url.Parse(manifest.RedirectURL)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	query := back.Query()
	query.Set("code", s.github.RegisterManifest(manifest, owner))
	query.Set("state", state)
	back.RawQuery = query.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// installView offers the accounts that the App can be installed on.
type installView struct {
	chrome
	Name, Action string
	Accounts     []string
}

// install shows the App's installation page and answers its buttons.
func (s *Pages) install(w http.ResponseWriter, r *http.Request) {
	s.github.Lock()
	defer s.github.Unlock()
	if account := s.github.Accounts[strings.ToLower(r.PostFormValue("account"))]; r.Method == http.MethodPost && account != nil && s.github.InstallationOf(account) == nil {
		s.github.Install(account.Login)
		to := "/" + account.Login
		if s.github.App.SetupURL != "" {
			to = s.github.App.SetupURL
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	v := installView{chrome: s.chrome("Install " + s.github.App.Name), Name: s.github.App.Name, Action: r.URL.Path}
	for _, repository := range s.github.Repositories() {
		if owner := repository.Owner; s.github.InstallationOf(owner) == nil && !slices.Contains(v.Accounts, owner.Login) {
			v.Accounts = append(v.Accounts, owner.Login)
		}
	}
	s.show(w, "install", v)
}
