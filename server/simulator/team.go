package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// Team is a team of an organisation.
type Team struct {
	sim     *Simulator
	id      int64
	org     *account
	slug    string
	members map[*account]membership
}

// membership is how somebody stands to a team, in GitHub's words.
type membership struct {
	role  string // member, maintainer
	state string // active, or pending until the invitation is accepted
}

// Team makes a team of an organisation, or finds it by its slug, with these members.
func (s *Simulator) Team(org, slug string, members ...string) *Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.accountNamed(org, organization)
	if owner.kind != organization {
		panic(fmt.Sprintf("simulator: %s is a person and has no teams", org))
	}
	t := s.team(owner, slug)
	if t == nil {
		t = &Team{sim: s, id: s.id("team"), org: owner, slug: slug, members: map[*account]membership{}}
		s.teams = append(s.teams, t)
	}
	for _, login := range members {
		t.members[s.person(login)] = membership{"member", "active"}
	}
	return t
}

func (s *Simulator) team(org *account, slug string) *Team {
	for _, t := range s.teams {
		if t.org == org && strings.EqualFold(t.slug, slug) {
			return t
		}
	}
	return nil
}

// Maintainer makes somebody a maintainer of the team.
func (t *Team) Maintainer(login string) { t.set(login, membership{"maintainer", "active"}) }

// Invite asks somebody to join, who is not yet in the organisation: the membership is
// pending.
func (t *Team) Invite(login string) { t.set(login, membership{"member", "pending"}) }

func (t *Team) set(login string, m membership) {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	t.members[t.sim.person(login)] = m
}

// Remove takes somebody out of the team.
func (t *Team) Remove(login string) {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	delete(t.members, t.sim.mustAccount(login))
}

// getMembership answers 404 for whoever is not in the team, and for teams that are
// not there or that the installation, being another account's, does not see.
func (c *call) getMembership() reply {
	org, member := c.accounts[strings.ToLower(c.vars["org"])], c.accounts[strings.ToLower(c.vars["username"])]
	if org != c.who.token.installation.account {
		return notFound()
	}
	t := c.team(org, c.vars["team_slug"])
	if t == nil {
		return notFound()
	}
	m, in := t.members[member]
	if !in {
		return notFound()
	}
	return answer(http.StatusOK, object{
		"url":  c.api("/organizations/%d/team/%d/memberships/%s", org.id, t.id, member.login),
		"role": m.role, "state": m.state,
	})
}
