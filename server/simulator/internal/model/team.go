package model

import (
	"fmt"
	"strings"
)

// Team is a team of an organisation.
type Team struct {
	ID      int64
	Org     *Account
	Slug    string
	Members map[*Account]Membership
}

// Membership is how somebody belongs to a team, in GitHub's words.
type Membership struct {
	Role  string // member, maintainer
	State string // active, or pending until the invitation is accepted
}

// MakeTeam makes a team of an organisation, or finds it by its slug.
func (g *GitHub) MakeTeam(org, slug string) *Team {
	owner := g.AccountNamed(org, Organization)
	if owner.Kind != Organization {
		panic(fmt.Sprintf("simulator: %s is a person and has no teams", org))
	}
	t := g.Team(owner, slug)
	if t == nil {
		t = &Team{ID: g.NextID("team"), Org: owner, Slug: slug, Members: map[*Account]Membership{}}
		g.teams = append(g.teams, t)
	}
	return t
}

// Team returns a team of an organisation, nil if there is none.
func (g *GitHub) Team(org *Account, slug string) *Team {
	for _, t := range g.teams {
		if t.Org == org && strings.EqualFold(t.Slug, slug) {
			return t
		}
	}
	return nil
}
