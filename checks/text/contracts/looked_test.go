package contracttext

import (
	"strings"
	"testing"

	"plimsoll/checks"
)

// A public pull request counts the private repositories that can't be read, and says neither
// their names, nor why, nor how many repositories there are.
func TestUnreadableRepositoriesOnAPublicPullRequest(t *testing.T) {
	r := unreadableIn(nobody())
	r.Repository.Private = false
	run := ContractReport(r)
	text := run.Title + run.Summary + run.Text
	for _, secret := range []string{"vault", "odd", "403", "43", "40 of"} {
		if strings.Contains(text, secret) {
			t.Errorf("it says %q:\n%s", secret, text)
		}
	}
	for _, said := range []string{"3 repositories", "`acme/site`", "2 private repositories"} {
		if !strings.Contains(text, said) {
			t.Errorf("it does not say %q:\n%s", said, text)
		}
	}
	if run.Conclusion != checks.Neutral {
		t.Errorf("it concludes %s", run.Conclusion)
	}
}
