package simulator

import "plimsoll/server/simulator/internal/model"

// Organization makes an organisation without repositories.
func (s *Simulator) Organization(login string) {
	defer s.lock()()
	s.github.AccountNamed(login, model.Organization)
}

// RenameAccount gives an account another login: all its repositories' names change,
// the old ones redirect, and where the App is installed installation_target.renamed
// is delivered, which needs no subscription.
func (s *Simulator) RenameAccount(login, to string) {
	defer s.lock()()
	s.github.RenameAccount(login, to)
}

// UserToken returns a personal access token of somebody, made as a user if needed. It can
// read the repositories that the user can, and the user's own account; nothing else.
func (s *Simulator) UserToken(login string) string {
	defer s.lock()()
	return s.github.NewBearer("ghp_", &model.Bearer{Person: s.github.Person(login)})
}

// JobToken returns a token such as a job of GitHub Actions has (GITHUB_TOKEN): it reads
// its own repository and what is public, and belongs to nobody.
func (r *Repository) JobToken() string {
	defer r.sim.lock()()
	return r.sim.github.NewBearer("ghs_", &model.Bearer{Job: r.model})
}

// RevokeToken makes a token of UserToken or JobToken void.
func (s *Simulator) RevokeToken(value string) {
	defer s.lock()()
	delete(s.github.Bearers, value)
}

// Team is a team of an organisation.
type Team struct {
	sim   *Simulator
	model *model.Team
}

// Team makes a team of an organisation, or finds it by its slug, with these members.
func (s *Simulator) Team(org, slug string, members ...string) *Team {
	defer s.lock()()
	t := s.github.MakeTeam(org, slug)
	for _, login := range members {
		t.Members[s.github.Person(login)] = model.Membership{Role: "member", State: "active"}
	}
	return &Team{s, t}
}

// Maintainer makes somebody a maintainer of the team.
func (t *Team) Maintainer(login string) {
	t.set(login, model.Membership{Role: "maintainer", State: "active"})
}

// Invite asks somebody who is not yet in the organisation to join: the membership is
// pending.
func (t *Team) Invite(login string) {
	t.set(login, model.Membership{Role: "member", State: "pending"})
}

func (t *Team) set(login string, m model.Membership) {
	defer t.sim.lock()()
	t.model.Members[t.sim.github.Person(login)] = m
}

// Remove takes somebody out of the team.
func (t *Team) Remove(login string) {
	defer t.sim.lock()()
	delete(t.model.Members, t.sim.github.MustAccount(login))
}
