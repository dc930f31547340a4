package server_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// clock is a server's clock that stands still until it is set, or moves by step each
// time that somebody looks.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	step time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(c.step)
	return c.now
}

// move has it move by itself.
func (c *clock) move(step time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step = step
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// agreeing is a world in which people may agree to what hits web: ana owns its
// registration file by CODEOWNERS, tom is in the team that it declares as its owner,
// max maintains the provider, and eve and ivan may not.
type agreeing struct {
	*world
	clock *clock
	pull  *simulator.PullRequest
}

func newAgreeing(t *testing.T, o testbed.Options) *agreeing {
	t.Helper()
	a := &agreeing{clock: &clock{now: testbedtest.Noon}}
	o.Clock = a.clock.Now
	a.world = newWorld(t, o)
	a.web.CommitAs("ana", "main", "Say who owns it", map[string]string{"CODEOWNERS": "* @acme/nobody\n.github/ ops@acme.example @ana\n"})
	a.GitHub.Team("acme", "web", "tom").Invite("ivan")
	a.GitHub.Team("acme", "shop", "max")
	a.shop.Grant("max", "maintain")
	a.shop.Grant("eve", "write")
	a.web.Grant("eve", "admin")
	a.Settle()
	a.pull = a.world.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
	a.expect(a.pull, "failure", "/plimsoll ack "+priceGone)
	return a
}

// priceGone is the short fingerprint of the change that blocks.
const priceGone = "d12651"

// say comments and settles.
func (a *agreeing) say(login, text string) int64 {
	a.t.Helper()
	id := a.pull.Comment(login, text)
	a.Settle()
	return id
}

// reactions that a comment got.
func (a *agreeing) reactions(id int64) string {
	for _, comment := range a.pull.Comments() {
		if comment.ID == id {
			return strings.Join(comment.Reactions, " ")
		}
	}
	return "no such comment"
}

// answers are the comments of the App but for the first, which says who is hit.
func (a *agreeing) answers() []string {
	var texts []string
	for _, comment := range a.pull.Comments() {
		if strings.HasSuffix(comment.Author, "[bot]") && !strings.Contains(comment.Body, "<!-- plimsoll:contracts -->") {
			texts = append(texts, comment.Body)
		}
	}
	return texts
}

// expectAnswers holds the number of answers, and the last one to texts.
func (a *agreeing) expectAnswers(n int, texts ...string) {
	a.t.Helper()
	answers := a.answers()
	if len(answers) != n {
		a.t.Fatalf("%d answers, expected %d:\n%s", len(answers), n, strings.Join(answers, "\n---\n"))
	}
	for _, text := range texts {
		if !strings.Contains(answers[n-1], text) {
			a.t.Errorf("the answer does not say %q:\n%s", text, answers[n-1])
		}
	}
}

func (a *agreeing) expectReactions(id int64, want string) {
	a.t.Helper()
	if got := a.reactions(id); got != want {
		a.t.Errorf("reactions %q, expected %q", got, want)
	}
}

func TestOwnerAcknowledges(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		id := a.say("ana", "Fine with me.\r\n/plimsoll ack "+priceGone+" the page goes away on Monday\r\n")
		check := a.expect(a.pull, "neutral", "1 consumer breaks (acknowledged): web", "Acknowledged by `ana` (an owner). Reason: the page goes away on Monday.")
		a.expectReactions(id, "+1")
		a.expectAnswers(0)
		if slices.Contains(check.Actions, "ack") {
			t.Error("there is a button for what nobody has to press")
		}
		testbedtest.Golden(t, "acknowledge/owner.txt", testbedtest.About(onContracts, a.GitHub.Render(a.pull)))
	})
}

func TestTeamAcknowledges(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.expectReactions(a.say("tom", "/plimsoll ack all until 2027-01-31 we drop it in January"), "+1")
		a.expect(a.pull, "neutral", "Acknowledged by `tom` (an owner) until 2027-01-31. Reason: we drop it in January.", "ends after 2027-01-31 (UTC)")
	})
}

func TestWhoMayNotAcknowledge(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.pull = a.world.shop.PullRequest(a.pull.Number())
		for i, login := range []string{"eve", "ivan", "stranger"} { // admin of web, invited to its team, nobody
			id := a.say(login, "/plimsoll ack "+priceGone+" let me through")
			a.expectReactions(id, "confused")
			a.expectAnswers(i+1, "Not acknowledged for `web`", "`@acme/web`", "`@ana`")
		}
		a.expect(a.pull, "failure", "1 consumer breaks: web")
		testbedtest.Outcome(t, a.GitHub.Render(a.pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; cc @acme/web
			comment by eve: /plimsoll ack d12651 let me through; :confused:
			comment by plimsoll[bot]: /plimsoll ack d12651 let me through; ❌ @acme/web @ana web
			comment by ivan: /plimsoll ack d12651 let me through; :confused:
			comment by plimsoll[bot]: /plimsoll ack d12651 let me through; ❌ @acme/web @ana web
			comment by stranger: /plimsoll ack d12651 let me through; :confused:
			comment by plimsoll[bot]: /plimsoll ack d12651 let me through; ❌ @acme/web @ana web
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}

func TestAuthorHasNoRightsByBeingTheAuthor(t *testing.T) {
	a := newAgreeing(t, testbed.Options{})
	a.web.CommitAs("ana", "main", "Others own it", map[string]string{"CODEOWNERS": ".github/ @otto\n"})
	a.Settle()
	a.expectReactions(a.say("ana", "/plimsoll ack all it is mine"), "confused") // ana opened the pull request
	a.expect(a.pull, "failure")
	a.expectReactions(a.say("otto", "/plimsoll ack all it is fine"), "+1")
	a.expect(a.pull, "neutral", "Acknowledged by `otto`")
}

// What the head says of owners is no authority.
func TestOwnersOfTheHeadDoNotCount(t *testing.T) {
	a := newAgreeing(t, testbed.Options{})
	a.web.CommitAs("eve", "mine", "I own it", map[string]string{"CODEOWNERS": "* @eve\n", ".github/plimsoll.yml": strings.Replace(webFile, "@acme/web", "@eve", 1)})
	a.web.OpenPullRequest(simulator.PullRequestOptions{Head: "mine", Author: "eve"})
	a.pull.Push("I own it", map[string]string{"CODEOWNERS": "* @eve\n", "openapi.yaml": without("price")})
	a.Settle()
	a.expectReactions(a.say("eve", "/plimsoll ack all it is mine"), "confused")
	a.expect(a.pull, "failure")
}

func TestMaintainerOfTheProviderOverrides(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.expectReactions(a.say("max", "/plimsoll ack all the incident can't wait"), "+1")
		a.expect(a.pull, "neutral", "1 consumer breaks (overridden): web", "⚠️ **Overridden** by `max`, a maintainer of the provider, without an owner's agreement. Reason: the incident can't wait.")
		a.expectAnswers(1, "**Overridden** for `web`")
		testbedtest.Outcome(t, a.GitHub.Render(a.pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot] (edited 1×): ⚠️ 1; ⚠️ .github/plimsoll.yml:9 @acme/web commit1 max price web
			comment by max: /plimsoll ack all the incident can't wait; :+1:
			comment by plimsoll[bot]: /plimsoll ack all the incident can't wait; ⚠️ web
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: neutral: 1; ⚠️ .github/plimsoll.yml:9 @acme/web commit1 max price web; #⚠️; openapi.yaml:17 warning; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)

		a.expectReactions(a.say("ana", "/plimsoll ack all now I agree too"), "+1")
		a.expect(a.pull, "neutral", "(acknowledged): web", "Acknowledged by `ana`")
		a.expectReactions(a.say("max", "/plimsoll ack all once more"), "+1")
		a.expectAnswers(2, "No change for `web`")
		a.expect(a.pull, "neutral", "Acknowledged by `ana`")
	})
}

// Where nobody is declared as an owner, who maintains the consumer's repository is one.
func TestMaintainerOfAConsumerWithoutAnOwner(t *testing.T) {
	a := newAgreeing(t, testbed.Options{})
	a.web.CommitAs("ana", "main", "Nobody owns it", map[string]string{
		"CODEOWNERS": "*.go @acme/web\n", ".github/plimsoll.yml": strings.Replace(webFile, "    owner: \"@acme/web\"\n", "", 1),
	})
	a.Settle()
	a.expectReactions(a.say("tom", "/plimsoll ack all x"), "confused")
	a.expectAnswers(1, "it has no declared owner, so only a maintainer of `acme/web` can acknowledge")
	a.expectReactions(a.say("eve", "/plimsoll ack all I look after it"), "+1")
	a.expect(a.pull, "neutral", "Acknowledged by `eve`")
}

func TestAcknowledgeButton(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.pull.Press("eve", "plimsoll/contracts", "ack")
		a.Settle()
		a.expect(a.pull, "failure")
		a.expectAnswers(1, "`eve pressed Acknowledge`", "Not acknowledged for `web`")
		a.pull.Press("ana", "plimsoll/contracts", "ack")
		a.Settle()
		a.expect(a.pull, "neutral", "Acknowledged by `ana` (an owner). Reason: by the button.")
		a.expectAnswers(1)
		testbedtest.Outcome(t, a.GitHub.Render(a.pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot] (edited 1×): ⚠️ 1; ☑️ .github/plimsoll.yml:9 @acme/web ana commit1 price web
			comment by plimsoll[bot]: ❌ @acme/web @ana web
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: neutral: 1; ☑️ .github/plimsoll.yml:9 @acme/web ana commit1 price web; #☑️; openapi.yaml:17 warning; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}

func TestRecheck(t *testing.T) {
	a := newAgreeing(t, testbed.Options{})
	first := a.expect(a.pull, "failure")
	a.pull.Press("stranger", "plimsoll/contracts", "recheck")
	a.Settle()
	second := a.expect(a.pull, "failure")
	a.expectReactions(a.say("stranger", "/plimsoll recheck"), "confused")
	a.expectAnswers(1, "A recheck needs write access")
	if again := a.expect(a.pull, "failure"); again.ID != second.ID {
		t.Error("an outsider has the pull request evaluated again")
	}
	a.expectReactions(a.say("max", "/plimsoll recheck"), "+1") // he may write
	third := a.expect(a.pull, "failure")
	a.expectReactions(a.say("ana", "/plimsoll recheck"), "+1")
	fourth := a.expect(a.pull, "failure")
	if first.ID == second.ID || second.ID == third.ID || third.ID == fourth.ID {
		t.Errorf("runs %d, %d, %d, %d: each was asked for anew", first.ID, second.ID, third.ID, fourth.ID)
	}
	a.expectAnswers(1)
}

// A button on a check run that has been replaced agrees to nothing: what the person
// has seen is not what is there.
func TestButtonOfAnOldRunAgreesToNothing(t *testing.T) {
	a := newAgreeing(t, testbed.Options{})
	a.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
		if d.Event == "check_run" && d.Action == "requested_action" {
			return simulator.Hold
		}
		return simulator.Send
	})
	a.pull.Press("ana", "plimsoll/contracts", "ack")
	a.pull.Push("Drop the name too", map[string]string{"openapi.yaml": strings.Replace(without("price"), "                  name:\n                    type: string\n", "", 1)})
	a.Settle()
	a.GitHub.Release()
	a.Settle()
	a.expect(a.pull, "failure", "web")
	a.expectAnswers(1, "This check run has been replaced")
}
