package story

import (
	"context"
	"fmt"
	"strings"
	"time"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/demo"
	"plimsoll/server/demo/production"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
)

// teller tells the story while it goes.
type teller struct {
	*terminal.Terminal
	testbed    *testbed.Testbed
	clock      *demo.Clock
	production *production.Production
	step       int
}

func (t *teller) say(format string, args ...any) {
	fmt.Fprintf(t.Stdout, format+"\n", args...)
}

func (t *teller) chapter(format string, args ...any) {
	t.step++
	t.say("\n%s %s", t.Paint("1", fmt.Sprintf("%d.", t.step)), fmt.Sprintf(format, args...))
}

func (t *teller) link(url string) string { return t.Paint("36", url) }

// onContracts is the check run about who breaks.
const onContracts = "plimsoll/contracts"

func (t *teller) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	return t.testbed.Settle(ctx)
}

// story plays the demo's story and gives the address of the pull request.
func (t *teller) story(ctx context.Context) (string, error) {
	github := t.testbed.GitHub
	t.say("%s: who breaks if this API change goes out?", t.Paint("1", "Plimsoll"))
	t.say("A simulated GitHub at %s, a simulated service with a simulated metric server at %s,", t.link(github.URL()), t.link(t.production.MetricsURL()))
	t.say("and the real server at %s; all of it on this machine.", t.link(t.testbed.URL()))
	story, err := demo.New(github, t.production)
	if err != nil {
		return "", err
	}
	t.chapter("%s provides the API \"orders\"; its contract spans api/openapi.yaml and api/schemas.yaml.", story.Provider.FullName())
	t.chapter("Three consumers registered, each through files in its own repository:")
	for _, line := range demo.Consumers {
		t.say("     %-14s %s", line.Name, line.How)
	}
	story.Install()
	if err := t.settle(ctx); err != nil {
		return "", err
	}
	t.chapter("The App was installed on %s. Plimsoll read all %d repositories: %d requests to GitHub.",
		demo.Account, 1+len(story.Consumers), len(github.RequestsSince(0, false)))

	story.DeployAll()
	if err := t.settle(ctx); err != nil {
		return "", err
	}
	t.chapter("Each is deployed to production; GitHub's own deployments say what runs where. orders declares how that is verified:")
	if err := t.watch(ctx, story.Provider, story.Provider.Head("main"), quiet); err != nil {
		return "", err
	}

	before, started := len(github.Requests()), time.Now()
	pull, err := story.OpenPullRequest()
	if err != nil {
		return "", err
	}
	t.chapter("ana opens pull request %d, \"Slim down order lines\": it drops two fields, renames a parameter and adds one.", pull.Number())
	if err := t.settle(ctx); err != nil {
		return "", err
	}
	t.chapter("Plimsoll answered after %d ms and %d requests:", time.Since(started).Milliseconds(), len(github.RequestsSince(before, false)))
	for _, check := range pull.Checks() {
		t.check(check)
	}
	if err := t.moves(ctx, story, pull); err != nil {
		return "", err
	}
	if err := t.goesBad(ctx, story, pull); err != nil {
		return "", err
	}
	return pull.URL(), t.faults()
}

// moves tells how the pull request lets go by itself.
func (t *teller) moves(ctx context.Context, story *demo.Scenario, pull *simulator.PullRequest) error {
	billing, checkout := story.Consumer("billing"), story.Consumer("checkout-web")
	steps := []struct {
		said string
		do   func() error
	}{
		{"billing merges that it does not read the field any more. Production still runs the commit before:", func() error { return story.Move(billing) }},
		{"billing is deployed to production:", func() error { story.Deploy(billing); return nil }},
		{"checkout-web merges the same, and is deployed. Nobody has touched the pull request:", func() error {
			if err := story.Move(checkout); err != nil {
				return err
			}
			story.Deploy(checkout)
			return nil
		}},
	}
	for _, step := range steps {
		t.chapter("%s", step.said)
		if err := step.do(); err != nil {
			return err
		}
		if err := t.settle(ctx); err != nil {
			return err
		}
		for _, check := range pull.Checks(onContracts) {
			t.verdict(check)
		}
	}
	return nil
}

// verdict prints a check run's conclusion and title, and how many have moved.
func (t *teller) verdict(check simulator.Check) {
	color := map[string]string{"success": "32", "failure": "31"}[check.Conclusion]
	t.say("\n   %s  %s", t.Paint(color, check.Name+": "+check.Conclusion), t.Paint("1", check.Title))
	if first, _, _ := strings.Cut(check.Summary, "\n"); strings.Contains(first, "moved.**") {
		t.say("     %s", summaryLines(first)[0])
	}
}

// check prints what a check run says in short.
func (t *teller) check(check simulator.Check) {
	t.verdict(check)
	for _, line := range summaryLines(check.Summary) {
		t.say("     %s", line)
	}
}

// faults tells of calls that GitHub would have refused: that would be a fault of ours.
func (t *teller) faults() error {
	if unknown := t.production.Unknown(); len(unknown) > 0 {
		return fmt.Errorf("the simulated metric server was asked %d queries that it does not understand; the first: %s", len(unknown), unknown[0])
	}
	if violations := t.testbed.GitHub.Violations(); len(violations) > 0 {
		return fmt.Errorf("%d calls were not as GitHub's description has them; the first: %s", len(violations), violations[0])
	}
	return nil
}

// next says what to do on a real organisation.
func (t *teller) next() {
	t.say("\n%s", t.Paint("1", "On your own organisation"))
	t.say("   plimsoll discover          in a checkout: drafts .github/plimsoll.yml from what lies there")
	t.say("   plimsoll demo --load DIR   your own repositories on the simulated GitHub, as DIR/OWNER/NAME")
	t.say("   plimsoll serve             the server; app.yml lists the App's permissions, the README the steps")
}
