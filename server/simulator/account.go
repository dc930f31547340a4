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

// JobTokenWith returns a token of a job whose workflow asks for permissions, such as
// "pull_requests": "write". What it comments is github-actions[bot]'s.
func (r *Repository) JobTokenWith(permissions map[string]string) string {
	defer r.sim.lock()()
	return r.sim.github.NewBearer("ghs_", &model.Bearer{Job: r.model, Permissions: permissions})
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

// Member makes somebody a member of an organisation: an owner with the role admin, or a
// member, who may read its repositories.
func (s *Simulator) Member(org, login, role string) {
	defer s.lock()()
	s.github.SetMember(org, login, role)
}

// SignedOn says whether somebody has an active session of an organisation's single sign-on.
func (s *Simulator) SignedOn(org, login string, signedOn bool) {
	defer s.lock()()
	s.github.SetSignedOn(org, login, signedOn)
}

// AppUserToken returns a user access token that somebody has authorized the App to use.
func (s *Simulator) AppUserToken(login string) string {
	defer s.lock()()
	return s.github.NewBearer("ghu_", &model.Bearer{Person: s.github.Person(login), App: s.github.App})
}

// RevokeAuthorization takes back that somebody has authorized the App: its tokens for the
// person are void. It delivers github_app_authorization.revoked.
func (s *Simulator) RevokeAuthorization(login string) {
	defer s.lock()()
	s.github.RevokeAuthorization(s.github.Person(login))
}

// SetCallbacks replaces the addresses to which people are sent back after a login.
func (s *Simulator) SetCallbacks(addresses ...string) {
	defer s.lock()()
	s.github.App.Callbacks = addresses
}

// ManifestCode is a code that GitHub gives at the end of the manifest flow.
func (s *Simulator) ManifestCode() string {
	defer s.lock()()
	return s.github.ConversionCode()
}

// ClientID and ClientSecret are the App's OAuth client.
func (s *Simulator) ClientID() string { return s.github.App.ClientID }

// ClientSecret is the secret of the App's OAuth client.
func (s *Simulator) ClientSecret() string { return s.github.App.ClientSecret }

// SetClientSecret replaces the secret of the App's OAuth client: the one before is deleted.
func (s *Simulator) SetClientSecret(secret string) {
	defer s.lock()()
	s.github.App.ClientSecret = secret
}
