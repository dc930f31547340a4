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
	noOpen     bool // the browser stays closed, or shows the pages already
	pace       *pace
}

// waitingSteps is how often the story waits.
const waitingSteps = 5

// width is how many characters a line has at most, unless one word is longer.
const width = 100

func (t *teller) say(format string, args ...any) {
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		fmt.Fprintln(t.Stdout, wrapped(line, width))
	}
}

func (t *teller) chapter(format string, args ...any) {
	t.step++
	told := fmt.Sprintf(format, args...)
	t.pace.says(strings.TrimSuffix(told, ":"))
	t.say("\n%s %s", t.Paint("1", fmt.Sprintf("%d.", t.step)), told)
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
	t.say("%s: is this change safe to ship?", t.Paint("1", "Plimsoll"))
	t.say("Everything runs on this machine:")
	t.say("   Plimsoll's dashboard     %s (sign in as %s)", t.link(t.testbed.URL()), demo.Visitor)
	t.say("   simulated GitHub         %s", t.link(github.URL()))
	t.say("   simulated metric server  %s", t.link(t.production.MetricsURL()))
	story, err := demo.New(github, t.production)
	if err != nil {
		return "", err
	}
	t.chapter("%s provides the API \"orders\". Its contract is in api/openapi.yaml and api/schemas.yaml.", story.Provider.FullName())
	t.chapter("Three consumers declare what they use, each in its own repository:")
	for _, line := range demo.Consumers {
		t.say("     %-14s %s", line.Name, line.How)
	}
	story.Install()
	if err := t.settle(ctx); err != nil {
		return "", err
	}
	t.chapter("The App is installed on %s. Plimsoll read all %d repositories with %d requests to GitHub.",
		demo.Account, 1+len(story.Consumers), len(github.RequestsSince(0, false)))

	story.DeployAll()
	if err := t.settle(ctx); err != nil {
		return "", err
	}
	t.chapter("All are deployed to production. Plimsoll verifies the deployment of orders:")
	if err := t.watch(ctx, story.Provider, story.Provider.Head("main"), quiet); err != nil {
		return "", err
	}

	before, started := len(github.Requests()), time.Now()
	pull, err := story.OpenPullRequest()
	if err != nil {
		return "", err
	}
	t.chapter("ana opens pull request %d, \"Slim down order lines\". It removes two fields, renames a parameter and adds one.", pull.Number())
	if err := t.settle(ctx); err != nil {
		return "", err
	}
	t.chapter("Plimsoll answers after %d ms and %d requests to GitHub:", time.Since(started).Milliseconds(), len(github.RequestsSince(before, false)))
	for _, check := range pull.Checks() {
		t.check(check)
	}
	t.open(pull.URL())
	if err := t.moves(ctx, story, pull); err != nil {
		return "", err
	}
	if err := t.goesBad(ctx, story, pull); err != nil {
		return "", err
	}
	return pull.URL(), t.faults()
}

// moves tells how the check passes by itself once the consumers have migrated.
func (t *teller) moves(ctx context.Context, story *demo.Scenario, pull *simulator.PullRequest) error {
	billing, checkout := story.Consumer("billing"), story.Consumer("checkout-web")
	steps := []struct {
		next, said string
		do         func() error
	}{
		{"billing migrates", "billing merges a change that no longer reads the field. Production still runs the old commit:", func() error { return story.Move(billing) }},
		{"billing is deployed", "billing is deployed to production:", func() error { story.Deploy(billing); return nil }},
		{"checkout-web migrates", "checkout-web merges the same change and is deployed. Nobody touched the pull request:", func() error {
			if err := story.Move(checkout); err != nil {
				return err
			}
			story.Deploy(checkout)
			return nil
		}},
	}
	for _, step := range steps {
		if err := t.then(ctx, step.next); err != nil {
			return err
		}
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
	if first, _, _ := strings.Cut(check.Summary, "\n"); strings.Contains(first, "migrated.**") {
		t.say("     %s", summaryLines(first)[0])
	}
}

// check prints the conclusion and the summary of a check run.
func (t *teller) check(check simulator.Check) {
	t.verdict(check)
	for _, line := range summaryLines(check.Summary) {
		t.say("     %s", line)
	}
}

// faults tells of calls that GitHub would have refused: that would be a fault of ours.
func (t *teller) faults() error {
	if unknown := t.production.Unknown(); len(unknown) > 0 {
		return fmt.Errorf("the simulated metric server did not understand %d queries; the first: %s", len(unknown), unknown[0])
	}
	if violations := t.testbed.GitHub.Violations(); len(violations) > 0 {
		return fmt.Errorf("%d calls do not match GitHub's API description; the first: %s", len(violations), violations[0])
	}
	return nil
}

// outlook says what to do with repositories of one's own.
func (t *teller) outlook() {
	t.say("\n%s", t.Paint("1", "Try it on your own repositories"))
	t.say("   plimsoll discover          draft .github/plimsoll.yml in a checkout")
	t.say("   plimsoll demo --load DIR   run this demo on your repositories (DIR/OWNER/NAME)")
	t.say("   plimsoll serve             run the server; the README lists the steps")
}
