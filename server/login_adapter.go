package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"plimsoll/config"
	"plimsoll/handlers/answers"
	"plimsoll/server/dashboard"
	"plimsoll/server/github"
	"plimsoll/server/github/oauth"
	"plimsoll/server/login"
	"plimsoll/server/store"
)

// wirePages makes the login of people and the pages for those who have signed in; none if
// the operator has set no OAuth client.
func (s *Server) wirePages(b base, answerer *answers.Answerer, d deployments) (err error) {
	visitors := s.options.Visitors
	if b.conf.GitHub.OAuth.ClientID != "" {
		if s.login, err = newLogin(b, s.options.Transport); err != nil {
			return err
		}
		if visitors == nil {
			visitors = signedIn{s.login}
		}
	}
	if visitors != nil {
		s.dashboard, err = newDashboard(b, visitors, answerer, d)
	}
	return err
}

func newLogin(b base, transport http.RoundTripper) (*login.People, error) {
	credentials, err := credentialsOf(b.conf, b.github, transport)
	if err != nil {
		return nil, err
	}
	return login.New(login.Deps{
		Credentials: credentials, GitHub: b.github, Store: b.store, PublicURL: string(b.conf.PublicURL), Now: b.store.Now,
		Rights: rights{githubAdapter: b.github, tenants: b.tenants, store: b.store},
	})
}

// credentialsOf makes what people sign in with.
func credentialsOf(conf *config.Server, h githubAdapter, transport http.RoundTripper) (login.Credentials, error) {
	client := conf.GitHub.OAuth
	signer, err := oauth.New(oauth.Config{
		WebURL: h.WebURL(), APIURL: h.APIURL(), ClientID: client.ClientID, Secret: client.ClientSecret.Reveal(), Transport: transport,
	})
	if err != nil {
		return login.Credentials{}, err
	}
	secrets, err := sessionSecrets(conf)
	return login.Credentials{OAuth: signer, Secrets: secrets}, err
}

// prepareLogin makes what people sign in with by a configuration that is to follow.
func (s *Server) prepareLogin(conf *config.Server) (replace func(), err error) {
	if s.login == nil {
		return nil, nil
	}
	credentials, err := credentialsOf(conf, s.github, s.options.Transport)
	if err != nil {
		return nil, err
	}
	return s.login.Prepare(credentials)
}

// signedIn tells the dashboard who has signed in.
type signedIn struct{ *login.People }

// Visitor returns the person.
func (s signedIn) Visitor(r *http.Request) (dashboard.Visitor, error) {
	person, err := s.People.Visitor(r)
	if errors.Is(err, login.ErrEnded) {
		return nil, dashboard.ErrEnded
	}
	if errors.Is(err, login.ErrNobody) {
		return nil, dashboard.ErrNobody
	}
	if err != nil {
		return nil, err
	}
	return person, nil
}

// sessionSecrets are what sessions are sealed with: what the operator configures, otherwise
// the App's private key.
func sessionSecrets(conf *config.Server) ([][]byte, error) {
	var secrets [][]byte
	for _, secret := range conf.SessionSecrets {
		secrets = append(secrets, []byte(secret.Reveal()))
	}
	if len(secrets) > 0 {
		return secrets, nil
	}
	return keySecret(conf)
}

// rights says what people who have signed in may do.
type rights struct {
	githubAdapter
	tenants *tenants
	store   *store.Store
}

var _ login.Rights = rights{}

// Operates reports whether a person is an operator: named in the operator's file, or in a
// team that is. Where none is named, whether the person owns the App, or is an owner of the
// organisation that does.
func (r rights) Operates(ctx context.Context, person github.Person) (operates, settled bool, err error) {
	if operators := r.tenants.rules.Load().operators; len(operators) > 0 {
		return r.named(ctx, operators, person)
	}
	owner, err := r.tenants.ownerOfApp(ctx)
	if err != nil {
		return false, false, err
	}
	if owner.OwnerType != "Organization" {
		return owner.OwnerID == person.ID, true, nil
	}
	installation, err := r.installationOf(ctx, owner.Owner)
	if err != nil || installation == 0 {
		return false, false, err
	}
	role, err := r.OrganisationRole(ctx, installation, owner.Owner, person.Login)
	if github.Classify(err) == github.ClassPermission {
		return false, true, nil // the account has not granted members: read
	}
	return role == "admin", true, err
}

// named reports whether the operator's file names a person, or a team that the person is in.
func (r rights) named(ctx context.Context, operators []config.Operator, person github.Person) (operates, settled bool, err error) {
	settled = true
	for _, operator := range operators {
		organisation, _, team := strings.Cut(string(operator), "/")
		if !team {
			if strings.EqualFold(organisation, person.Login) {
				return true, true, nil
			}
			continue
		}
		installation, err := r.installationOf(ctx, organisation)
		if err != nil {
			return false, false, err
		}
		if installation == 0 {
			settled = false // nobody can be asked who is in the team; the operators after it still count
			continue
		}
		in, err := r.Clients.InTeam(ctx, installation, string(operator), person.Login)
		if in || err != nil && github.Classify(err) != github.ClassPermission {
			return in, true, err
		}
	}
	return false, settled, nil
}

// installationOf finds the installation on an account by its name; 0 if there is none.
func (r rights) installationOf(ctx context.Context, account string) (int64, error) {
	installations, err := r.store.Installations(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the installation of %s: %w", account, err)
	}
	for _, i := range installations {
		if i.State == store.Active && strings.EqualFold(i.Account, account) {
			return i.ID, nil
		}
	}
	return 0, nil
}
