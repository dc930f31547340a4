package github_test

import (
	"testing"

	"plimsoll/server/github"
)

func TestInTeam(t *testing.T) {
	p := newWorld(t)
	team := p.sim.Team("acme", "checkout", "ana")
	team.Maintainer("max")
	team.Invite("ivan")
	p.sim.Team("acme", "other", "otto")
	p.sim.Organization("elsewhere")
	p.sim.Team("elsewhere", "checkout", "eve")
	for _, test := range []struct {
		account, slug, login string
		want                 bool
	}{
		{"acme", "checkout", "ana", true},
		{"ACME", "Checkout", "ANA", true},
		{"acme", "checkout", "max", true},
		{"acme", "checkout", "ivan", false}, // invited, has not accepted
		{"acme", "checkout", "otto", false},
		{"acme", "checkout", "nobody", false},
		{"acme", "nothing", "ana", false},
		{"elsewhere", "checkout", "eve", false}, // an account that is not the installation's
	} {
		in, err := p.clients.InTeam(t.Context(), p.install.ID(), test.account+"/"+test.slug, test.login)
		if err != nil || in != test.want {
			t.Errorf("%+v: %v, %v", test, in, err)
		}
	}
	team.Remove("ana")
	if in, err := p.clients.InTeam(t.Context(), p.install.ID(), "acme/checkout", "ana"); err != nil || in {
		t.Errorf("removed: %v, %v", in, err)
	}
	for _, bad := range [][3]string{{"acme", "../checkout", "ana"}, {"acme", "..", "ana"}, {"acme", "checkout/../other", "ana"}, {"acme", "checkout", "ana/x"}, {"", "checkout", "ana"}, {"acme", "", "ana"}} {
		if _, err := p.clients.InTeam(t.Context(), p.install.ID(), bad[0]+"/"+bad[1], bad[2]); github.Classify(err) != github.ClassPermanent {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
