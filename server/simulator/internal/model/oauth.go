package model

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long a code of the web flow and a user access token are good for.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
const (
	codeLife      = 10 * time.Minute
	UserTokenLife = 8 * time.Hour
)

// authorization is a code that a person's browser brings back to our App.
type authorization struct {
	person    *Account
	redirect  string
	challenge string // of PKCE, S256; "": none
	expires   time.Time
}

// CallbackAllowed reports whether people may be sent back to an address after they have
// authorized the App: GitHub compares it with the callback URLs of the App.
func (a *App) CallbackAllowed(address string) bool { return slices.Contains(a.Callbacks, address) }

// Authorize lets a person give our App access, and returns the code for it.
func (g *GitHub) Authorize(person *Account, redirect, challenge string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "code/%d", g.NextID("token")))
	code := hex.EncodeToString(sum[:10])
	g.codes[code] = authorization{person, redirect, challenge, g.TokenNow().Add(codeLife)}
	return code
}

// ExchangeError is why a code gives no token: GitHub's word for it, and a sentence.
type ExchangeError struct{ Word, Sentence string }

func (e ExchangeError) Error() string { return e.Word + ": " + e.Sentence }

// Exchange gives a user access token for a code, once.
func (g *GitHub) Exchange(clientID, secret, code, redirect, verifier string) (token string, err error) {
	if clientID != g.App.ClientID || subtle.ConstantTimeCompare([]byte(secret), []byte(g.App.ClientSecret)) != 1 {
		return "", ExchangeError{"incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."}
	}
	granted, known := g.codes[code]
	delete(g.codes, code)
	switch {
	case !known || !g.TokenNow().Before(granted.expires):
		return "", ExchangeError{"bad_verification_code", "The code passed is incorrect or expired."}
	case redirect != "" && redirect != granted.redirect:
		return "", ExchangeError{"redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application."}
	}
	sum := sha256.Sum256([]byte(verifier))
	if granted.challenge != "" && base64.RawURLEncoding.EncodeToString(sum[:]) != granted.challenge {
		return "", ExchangeError{"bad_verification_code", "The code passed is incorrect or expired."}
	}
	return g.NewBearer("ghu_", &Bearer{Person: granted.person, App: g.App, Expires: g.TokenNow().Add(UserTokenLife)}), nil
}

// RevokeAuthorization takes back what a person has authorized: all tokens that the App has
// for the person. It emits github_app_authorization.revoked, which needs no subscription.
func (g *GitHub) RevokeAuthorization(person *Account) {
	for value, b := range g.Bearers {
		if b.App == g.App && b.Person == person {
			delete(g.Bearers, value)
		}
	}
	g.Emit(Event{Name: "github_app_authorization", Action: "revoked", By: person})
}

// SetMember makes somebody a member of an organisation, with the role admin or member.
func (g *GitHub) SetMember(org, login, role string) {
	o := g.AccountNamed(org, Organization)
	if g.members[o] == nil {
		g.members[o] = map[*Account]string{}
	}
	g.members[o][g.Person(login)] = role
}

// MemberRole is the role of somebody in an organisation: admin, member, or "".
func (g *GitHub) MemberRole(org, person *Account) string { return g.members[org][person] }

// SetSignedOn says whether a person has an active session of an organisation's single
// sign-on. Without one, GitHub shows the person's tokens nothing of the organisation.
func (g *GitHub) SetSignedOn(org, login string, signedOn bool) {
	key := strings.ToLower(org + "/" + login)
	if g.signedOff[key] = !signedOn; signedOn {
		delete(g.signedOff, key)
	}
}

// explicit reports whether a person has more access to a repository than everybody.
func (r *Repository) explicit(a *Account) bool {
	_, granted := r.grants[strings.ToLower(a.Login)]
	return a == r.Owner || granted && r.grants[strings.ToLower(a.Login)] != "none" || r.GitHub.members[r.Owner][a] != ""
}

// UserInstallations lists the installations of the App on accounts where a person has
// access to a repository, or which are the person's own.
func (g *GitHub) UserInstallations(person *Account) []*Installation {
	var list []*Installation
	for _, i := range g.Installations {
		if i.Account == person || len(g.UserRepositories(i, person)) > 0 {
			list = append(list, i)
		}
	}
	return list
}

// UserRepositories lists the repositories of an installation to which a person has access.
func (g *GitHub) UserRepositories(i *Installation, person *Account) []*Repository {
	if g.signedOff[strings.ToLower(i.Account.Login+"/"+person.Login)] {
		return nil
	}
	return slices.DeleteFunc(i.Repositories(), func(r *Repository) bool { return !r.explicit(person) })
}
