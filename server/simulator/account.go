package simulator

import (
	"fmt"
	"strings"
	"time"
)

// Kinds of account, in GitHub's words.
const (
	user         = "User"
	organization = "Organization"
	bot          = "Bot"
)

// account is a person, an organisation, or an App's bot.
type account struct {
	id    int64
	login string
	kind  string
	made  time.Time
}

// accountNamed gives an account, made if need be.
func (s *Simulator) accountNamed(login, kind string) *account {
	if login == "" {
		login = "octocat"
	}
	a := s.accounts[strings.ToLower(login)]
	if a == nil {
		a = &account{id: s.id("account"), login: login, kind: kind, made: s.now()}
		s.accounts[strings.ToLower(login)] = a
	}
	return a
}

// person gives the account of somebody who acts, made as a user if need be.
func (s *Simulator) person(login string) *account { return s.accountNamed(login, user) }

func (s *Simulator) mustAccount(login string) *account {
	a := s.accounts[strings.ToLower(login)]
	if a == nil {
		panic(fmt.Sprintf("simulator: nobody is called %s", login))
	}
	return a
}

// Organization makes an organisation without repositories.
func (s *Simulator) Organization(login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accountNamed(login, organization)
}

// RenameAccount gives an account another login: all its repositories' names change,
// the old ones redirect, and where the App is installed installation_target.renamed
// is delivered, which needs no subscription.
func (s *Simulator) RenameAccount(login, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustAccount(login)
	if other := s.accounts[strings.ToLower(to)]; other != nil && other != a {
		panic(fmt.Sprintf("simulator: somebody is called %s already", to))
	}
	before := a.login
	old := map[*Repository]string{}
	for _, r := range s.repos {
		if r.owner == a {
			old[r] = strings.ToLower(r.fullName())
			delete(s.names, old[r])
		}
		if role, ok := r.grants[strings.ToLower(before)]; ok {
			delete(r.grants, strings.ToLower(before))
			r.grants[strings.ToLower(to)] = role
		}
	}
	delete(s.accounts, strings.ToLower(before))
	a.login = to
	s.accounts[strings.ToLower(to)] = a
	for r, name := range old {
		s.moved[name] = r.id
		s.names[strings.ToLower(r.fullName())] = r.id
		delete(s.moved, strings.ToLower(r.fullName()))
	}
	if i := s.installationOf(a); i != nil {
		s.emitTarget(i, before)
	}
}
