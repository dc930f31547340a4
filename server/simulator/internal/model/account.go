package model

import (
	"fmt"
	"strings"
	"time"
)

// Kinds of account, in GitHub's words.
const (
	User         = "User"
	Organization = "Organization"
	Bot          = "Bot"
)

// Account is a person, an organisation, or an App's bot.
type Account struct {
	ID      int64
	Login   string
	Kind    string
	Created time.Time
}

// AccountNamed returns an account and makes it if needed. Without a login it is octocat.
func (g *GitHub) AccountNamed(login, kind string) *Account {
	if login == "" {
		login = "octocat"
	}
	a := g.Accounts[strings.ToLower(login)]
	if a == nil {
		a = &Account{ID: g.NextID("account"), Login: login, Kind: kind, Created: g.Now()}
		g.Accounts[strings.ToLower(login)] = a
	}
	return a
}

// Person returns the account of somebody who acts, made as a user if needed.
func (g *GitHub) Person(login string) *Account { return g.AccountNamed(login, User) }

// MustAccount returns an account that must be there.
func (g *GitHub) MustAccount(login string) *Account {
	a := g.Accounts[strings.ToLower(login)]
	if a == nil {
		panic(fmt.Sprintf("simulator: nobody is called %s", login))
	}
	return a
}

// RenameAccount gives an account another login: the names of all its repositories change
// and the old ones redirect. Where the App is installed, installation_target.renamed is
// emitted, which needs no subscription.
func (g *GitHub) RenameAccount(login, to string) {
	a := g.MustAccount(login)
	if other := g.Accounts[strings.ToLower(to)]; other != nil && other != a {
		panic(fmt.Sprintf("simulator: somebody is called %s already", to))
	}
	before := a.Login
	old := map[*Repository]string{}
	for _, r := range g.repositories {
		if r.Owner == a {
			old[r] = strings.ToLower(r.FullName())
			delete(g.names, old[r])
		}
		if role, ok := r.grants[strings.ToLower(before)]; ok {
			delete(r.grants, strings.ToLower(before))
			r.grants[strings.ToLower(to)] = role
		}
	}
	delete(g.Accounts, strings.ToLower(before))
	a.Login = to
	g.Accounts[strings.ToLower(to)] = a
	for r, name := range old {
		g.moved[name] = r.ID
		g.names[strings.ToLower(r.FullName())] = r.ID
		delete(g.moved, strings.ToLower(r.FullName()))
	}
	if i := g.InstallationOf(a); i != nil {
		g.Emit(Event{Name: "installation_target", Action: "renamed", Installation: i, By: a, Changes: []Change{{"login", before}}})
	}
}
