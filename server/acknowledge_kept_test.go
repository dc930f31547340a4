package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

func TestAcknowledgementEnds(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.say("ana", "/plimsoll ack all until 2026-11-30 the page goes away")
		a.expect(a.pull, "neutral", "until 2026-11-30")
		a.clock.set(time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC))
		a.Server.Queue().Wake()
		a.Settle()
		a.expect(a.pull, "neutral")
		a.clock.set(time.Date(2026, 12, 1, 0, 1, 0, 0, time.UTC))
		a.Server.Queue().Wake()
		a.Settle()
		a.expect(a.pull, "failure", "The acknowledgement by `ana` ended on 2026-11-30.")
		testbedtest.Outcome(t, a.GitHub.Render(a.pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot] (edited 2×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web ana commit1 price web 2026 11 30
			comment by ana: /plimsoll ack all until 2026-11-30 the page goes away; :+1:
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: neutral (replaced)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web ana commit1 price web 2026 11 30; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		a.say("ana", "/plimsoll ack all until 2026-12-24 a little longer")
		a.expect(a.pull, "neutral", "until 2026-12-24")
	})
}

// The acknowledgement is of the change: it outlives a push, a re-run and a restart,
// holds for another pull request that makes the same change, and covers no other.
func TestAcknowledgementIsKept(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		twin := a.world.pull("twin", map[string]string{"openapi.yaml": without("price"), "README.md": "twin"})
		a.expect(twin, "failure")
		a.say("ana", "/plimsoll ack "+priceGone+" fine")
		a.expect(a.pull, "neutral")
		a.expect(twin, "neutral", "Acknowledged by `ana`")

		a.pull.Push("Words", map[string]string{"README.md": "more words"})
		a.Settle()
		a.expect(a.pull, "neutral", "Acknowledged by `ana`")
		before := a.expect(a.pull, "neutral")
		a.pull.Rerequest("plimsoll/contracts")
		a.Settle()
		if after := a.expect(a.pull, "neutral", "Acknowledged by `ana`"); after.ID == before.ID {
			t.Error("no new run")
		}
		if err := a.StopServer(); err != nil {
			t.Fatal(err)
		}
		a.Testbed = testbedtest.Open(t, testbed.Options{DSN: dsn, GitHub: a.GitHub, Clock: a.clock.Now})
		a.pull.Rerequest("plimsoll/contracts")
		a.Settle()
		a.expect(a.pull, "neutral", "Acknowledged by `ana`")

		a.pull.Push("Drop the name too", map[string]string{"openapi.yaml": strings.Replace(without("price"), "                  name:\n                    type: string\n", "", 1)})
		a.Settle()
		a.expect(a.pull, "failure", "1 consumer breaks: web")
		a.expect(twin, "neutral")
	})
}

// On a public pull request a private consumer is not named, not to its owner either.
func TestPrivateConsumerOfAPublicProviderIsNotNamed(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.shop.SetPrivate(false)
		a.Settle()
		a.say("max", "/plimsoll recheck")
		a.expect(a.pull, "failure", "1 private consumer breaks")
		a.expectReactions(a.say("stranger", "/plimsoll ack all please"), "confused")
		a.expectAnswers(1, "Not acknowledged for 1 private consumer")
		a.expectReactions(a.say("max", "/plimsoll ack all an incident"), "+1")
		a.expectAnswers(2, "**Overridden** for 1 private consumer")
		a.expectReactions(a.say("ana", "/plimsoll ack all agreed"), "+1")
		a.expect(a.pull, "neutral", "1 private consumer breaks (acknowledged)")
		for _, answer := range append(a.answers(), a.expect(a.pull, "neutral").Summary) {
			for _, secret := range []string{"`web`", "acme/web", "@ana", "ops@"} {
				if strings.Contains(answer, secret) {
					t.Errorf("tells %q:\n%s", secret, answer)
				}
			}
		}
		testbedtest.Outcome(t, a.GitHub.Render(a.pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot] (edited 3×): ⚠️ 1; ☑️ 1; 1
			comment by max: /plimsoll recheck; :+1:
			comment by stranger: /plimsoll ack all please; :confused:
			comment by plimsoll[bot]: /plimsoll ack all please; ❌ 1
			comment by max: /plimsoll ack all an incident; :+1:
			comment by plimsoll[bot]: /plimsoll ack all an incident; ⚠️ 1
			comment by ana: /plimsoll ack all agreed; :+1:
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: neutral (replaced)
			check plimsoll/contracts: neutral: 1; ☑️ 1; #☑️; openapi.yaml:17 warning; [recheck]
			check plimsoll/readiness: success (replaced)
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}

func TestEditedCommentsGiveNoCommand(t *testing.T) {
	a := newAgreeing(t, testbed.Options{})
	id := a.say("ana", "Hello.")
	a.shop.EditComment(id, "/plimsoll ack all fine")
	a.Settle()
	a.expect(a.pull, "failure")
	a.expectReactions(id, "")
}

// A delivery that comes twice, under one name or two, is one command.
func TestCommandIsDoneOnce(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if d.Event == "issue_comment" {
				return simulator.Double
			}
			return simulator.Send
		})
		first := a.say("ana", "/plimsoll ack all until 2026-11-30 fine")
		refused := a.say("stranger", "/plimsoll ack all x\n/plimsoll frobnicate\n/plimsoll help")
		a.expectAnswers(1, "There is no command `frobnicate`", "/plimsoll recheck")
		a.expectReactions(refused, "confused +1")
		a.expectReactions(a.say("ana", "/plimsoll ack all until 2026-12-24 longer"), "+1")
		a.expect(a.pull, "neutral", "until 2026-12-24. Reason: longer")
		for _, delivery := range a.GitHub.Deliveries() {
			if delivery.Event == "issue_comment" && strings.Contains(string(delivery.Payload), fmt.Sprintf(`"id":%d`, first)) {
				a.GitHub.Redeliver(delivery.ID)
			}
		}
		a.Settle()
		a.expect(a.pull, "neutral", "until 2026-12-24. Reason: longer")
		a.expectAnswers(1)
	})
}

// A push between reading and commenting: what was read is acknowledged, and not what the
// push has brought since.
func TestAcknowledgingAllOfAnotherHead(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		read := a.pull.HeadSHA()
		both := strings.Replace(without("price"), "                  name:\n                    type: string\n", "", 1)
		a.pull.Push("Drop the name as well", map[string]string{"openapi.yaml": both})
		early := a.pull.Comment("ana", "/plimsoll ack all fine") // before or while the push is evaluated
		a.Settle()
		a.expectReactions(early, "confused")
		for _, text := range []string{"all fine", "all@" + read[:7] + " fine", "all@" + read + " fine"} {
			a.expectReactions(a.say("ana", "/plimsoll ack "+text), "confused")
		}
		a.expect(a.pull, "failure")
		a.expectReactions(a.say("ana", "/plimsoll ack all@"+a.pull.HeadSHA()[:7]+" both are fine"), "+1")
		a.expect(a.pull, "neutral", "both are fine")
	})
}

// One person has only so many commands in an hour, is told so once, and keeps nobody else
// from giving theirs.
func TestBudgetOfCommands(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn, Commands: 3})
		a.expectReactions(a.say("eve", "/plimsoll recheck\n/plimsoll help"), "+1")
		a.expectAnswers(1, "/plimsoll recheck")
		a.say("eve", "/plimsoll help\n/plimsoll help\n/plimsoll help")
		a.expectAnswers(2, "the limit of 3 commands an hour")
		for range 3 {
			var id int64
			used := a.Used(func() { id = a.say("eve", "/plimsoll recheck\n/plimsoll help") })
			if len(used) != 0 {
				t.Errorf("a refused command cost %v", used)
			}
			a.expectReactions(id, "")
		}
		a.expectAnswers(2)
		a.expectReactions(a.say("ana", "/plimsoll ack all it is fine"), "+1")
		a.expect(a.pull, "neutral", "it is fine")
		a.clock.set(testbedtest.Noon.Add(time.Hour + time.Minute))
		a.expectReactions(a.say("eve", "/plimsoll help"), "+1")
		a.expectAnswers(3)
	})
}

func TestHostileReason(t *testing.T) {
	a := newAgreeing(t, testbed.Options{})
	a.expectReactions(a.say("ana", "/plimsoll ack all @everyone ![x](https://evil.example/x.png) <img src=x> </details> | `x` #1 "+strings.Repeat("long ", 2000)), "+1")
	check := a.expect(a.pull, "neutral", "Acknowledged by `ana`")
	for _, text := range []string{check.Summary, check.Text, a.pull.Comments()[0].Body} {
		for _, bad := range []string{"@everyone", "](https://evil", "<img", "</details> |", strings.Repeat("long ", 50)} {
			if strings.Contains(text, bad) {
				t.Errorf("shows %q:\n%s", bad, text)
			}
		}
	}
	testbedtest.Outcome(t, a.GitHub.Render(a.pull), `
		acme/shop pull 1 (open)
		comment by plimsoll[bot] (edited 1×): ⚠️ 1; ☑️ .github/plimsoll.yml:9 @acme/web ana commit1 price web 1
		comment by ana: /plimsoll ack all @everyone ![x] <img src=x> </details> | 'x; :+1:
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: neutral: 1; ☑️ .github/plimsoll.yml:9 @acme/web ana commit1 price web 1; #☑️; openapi.yaml:17 warning; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
}

func TestArchivedConsumerNeedsOnlyAnAcknowledgement(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.web.Archive()
		a.Settle()
		a.expect(a.pull, "action_required", "(needs acknowledgement)", "**Needs acknowledgement:**")
		testbedtest.Outcome(t, a.GitHub.Render(a.pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot] (edited 1×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: action_required: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		a.say("ana", "/plimsoll ack all nobody runs it")
		a.expect(a.pull, "neutral", "Acknowledged by `ana`")
	})
}

func TestRefusedCommands(t *testing.T) {
	a := newAgreeing(t, testbed.Options{})
	for i, test := range []struct{ command, answer string }{
		{"ack", "The fingerprint is missing"},
		{"ack xyz fine", "is not a fingerprint"},
		{"ack d12 fine", "is not a fingerprint"},
		{"ack aaaaaa fine", "No blocking change"},
		{"ack " + priceGone, "The reason is missing"},
		{"ack " + priceGone + " …", "The reason is missing"},
		{"ack all until 2026-11-02 today", "not a date from tomorrow to 2027-11-02"},
		{"ack all until 2027-11-03 too late", "not a date from tomorrow to 2027-11-02"},
		{"ack all until they move", "not a date from tomorrow"},
		{"rollback", "needs write access"},
	} {
		a.expectReactions(a.say("ana", "/plimsoll "+test.command), "confused")
		a.expectAnswers(i+1, test.answer)
	}
	a.expect(a.pull, "failure")
	a.pull.Push("Bring it back", map[string]string{"openapi.yaml": shopContract, "README.md": "x"})
	a.Settle()
	a.expectReactions(a.say("ana", "/plimsoll ack all fine"), "confused")
	a.expectAnswers(11, "Nothing blocks this pull request")
	a.pull.Close()
	a.Settle()
	a.expectReactions(a.say("ana", "/plimsoll ack all fine"), "confused")
	a.expectAnswers(12, "is not open")
}
