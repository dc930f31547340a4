package checkout

import (
	"testing"

	"plimsoll/cmd/plimsoll/internal/git/gittest"
)

func TestRepositoryOfRemote(t *testing.T) {
	for address, want := range map[string]string{
		"git@github.com:acme/shop.git": "acme/shop", "https://github.com/acme/shop": "acme/shop", "https://github.com/acme/shop.git/": "acme/shop",
		"ssh://git@ghe.example:2222/acme/shop.git": "acme/shop", "/srv/git/shop.git": "", "https://example.com/a/b/c": "", "": "", "../shop": "",
	} {
		if got := ofRemote(address); got != want {
			t.Errorf("%s: %q, expected %q", address, got, want)
		}
	}
}

// Repository and commit are those of the git repository at hand.
func TestAtHand(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	none := func(string) string { return "" }
	if _, err := Repository(t.Context(), none, ""); err == nil {
		t.Error("a repository was found where there is none")
	}
	gittest.Write(t, dir, map[string]string{"README.md": "x"})
	head := gittest.Commit(t, dir)
	gittest.Run(t, dir, "remote", "add", "origin", "git@github.com:acme/shop.git")
	gittest.Run(t, dir, "tag", "v1")
	repository, err := Repository(t.Context(), none, "")
	if err != nil || repository != "acme/shop" {
		t.Errorf("repository %q, %v", repository, err)
	}
	for _, written := range []string{"", "HEAD", "v1"} {
		if commit, err := Commit(t.Context(), written); err != nil || commit != head {
			t.Errorf("commit %q: %q, %v", written, commit, err)
		}
	}
	if _, err := Commit(t.Context(), "nothing"); err == nil {
		t.Error("a revision that is not there was found")
	}
}
