package commandtext

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/markdowntest"
	contracttext "plimsoll/checks/text/contracts"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/checks/text/texttest"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
)

const (
	commit = "c0ffee1111111111111111111111111111111111"
	target = "d00d1e2222222222222222222222222222222222"
)

var (
	repository = contracts.RepositoryRef{ID: 1, Owner: "acme", Name: "orders", Private: true}
	orders     = deploy.Target{Component: "orders", Environment: "production", Production: true}
	// notDeployed is what a gate says of a commit that has skipped an environment.
	notDeployed = []gate.Reason{{Kind: gate.ReasonNotDeployed, State: gate.Held, Target: orders, Environment: "staging"}}
)

func line(about string, a Answer) texttest.Line {
	if a.Refused {
		about += " (refused)"
	}
	return texttest.Line{About: about, Text: a.Text}
}

func TestRefusals(t *testing.T) {
	last := time.Date(2027, 11, 2, 0, 0, 0, 0, time.UTC)
	texttest.Table(t, "refusals", []texttest.Line{
		line("unknown command", UnknownCommand("frobnicate `x`")),
		line("too many commands", TooManyCommands(10)),
		line("not open", NotOpen()),
		line("ack without a target", AckWithoutTarget()),
		line("ack without a reason", AckWithoutReason()),
		line("ack of no fingerprint", AckNoFingerprint("price")),
		line("ack of several", AckSeveral("d12651", 2)),
		line("ack of an unknown one", AckUnknown("d12651")),
		line("ack where nothing blocks", NothingBlocks()),
		line("ack until a bad day", AckBadDate("tomorrow", last)),
		line("button outdated", ButtonOutdated()),
		line("not done", NotDone(failuretext.MissingPermission("contents: read", "72d3162e"))),
		line("override without an environment", OverrideWithoutEnvironment()),
		line("override without a reason", OverrideWithoutReason()),
		line("override refused", OverrideRefused()),
		line("nothing is held", NothingHeld("production", false)),
		line("nothing is held here", NothingHeld("production", true)),
		line("overridden already", OverriddenAlready("production", commit, gate.Override{Login: "mia", Reason: "the database was to blame"})),
		line("nothing to override", NothingToOverride("production", commit)),
		line("can't be overridden", CannotOverride("production")),
		line("gate overridden", GateOverridden("production", commit, notDeployed, false)),
		line("gate overridden while it waits", GateOverridden("production", commit, notDeployed, true)),
		line("recheck: not yours", RecheckNotYours(repository)),
		line("rollback: not yours", RollbackNotYours(repository)),
		line("rollback: nothing", RollbackNothing("")),
		line("rollback: nothing there", RollbackNothing("production")),
		line("rollback: which", RollbackWhich(map[string]bool{"staging": true, "production": true})),
		line("can-remove: usage", CanRemoveUsage()),
		line("can-remove: nothing is provided", CanRemoveNothing()),
		line("can-remove: a bad question", CanRemoveRefused(errors.Join(CommitNeeded(), ReferredTo(&contracts.Problem{Position: contracts.Position{File: "openapi.yaml", Line: 3}, Message: "it is referred to"})))),
	})
}

func TestHelp(t *testing.T) {
	texttest.Table(t, "help", []texttest.Line{
		line("all commands", HelpAnswer([]string{"ack", "recheck", "rollback", "can-remove", "override", "help"})),
		line("some of them", HelpAnswer([]string{"help", "recheck"})),
	})
}

func TestBadQuestions(t *testing.T) {
	texttest.Table(t, "questions", []texttest.Line{
		{About: "commit needed", Text: CommitNeeded().Error()},
		{About: "commit not found", Text: CommitNotFound(commit).Error()},
		{About: "environment needed", Text: EnvironmentNeeded().Error()},
		{About: "component too long", Text: ComponentTooLong().Error()},
		{About: "component not declared", Text: ComponentNotDeclared("oders", commit, []string{"orders", "billing"}).Error()},
		{About: "not in the contract", Text: NotInContract(&impact.NotInContract{Message: "the contract has no operation GET /oders", Nearest: []string{"GET /orders"}}).Error()},
		{About: "referred to", Text: ReferredTo(&contracts.Problem{Position: contracts.Position{File: "openapi.yaml", Line: 3}, Message: "it is referred to"}).Error()},
		{About: "contract not known", Text: ContractNotKnown().Message},
	})
}

func TestAcknowledgementAnswers(t *testing.T) {
	decided := func(component string, hidden bool, owners ...string) Decided {
		ref := contracts.RepositoryRef{ID: 2, Owner: "acme", Name: component}
		return Decided{Impact: contracttext.Impact{Consumer: contracts.Consumer{Component: component, Repository: ref}, Hidden: hidden}, Owners: owners}
	}
	unreadable, unasked := decided("old", false), decided("web", false, "@acme/web")
	unreadable.Unreadable, unasked.Unasked = true, true
	texttest.Table(t, "acknowledgements", []texttest.Line{
		line("by the owner", AcknowledgementAnswer(Decision{Given: []Decided{decided("web", false)}})),
		line("by the owner and overridden", AcknowledgementAnswer(Decision{Given: []Decided{decided("web", false)}, Overridden: []Decided{decided("ios", false), decided("secret", true)}})),
		line("stands already", AcknowledgementAnswer(Decision{Standing: []Decided{decided("web", false)}})),
		line("refused", AcknowledgementAnswer(Decision{Refused: []Decided{decided("web", false, "@acme/web"), decided("app", false), unreadable, unasked, decided("secret", true)}})),
	})
}

func TestCanRemoveReplies(t *testing.T) {
	removal := impact.Removal{Operation: "GET /orders/{id}", Field: "items[].sku"}
	sends := removal
	sends.Sends = true
	web := &contracts.AnswerVersion{Repository: "acme/web", Component: "web", Environment: "production", Commit: commit}
	used := []contracts.AnswerReason{
		{Code: contracts.CodeConsumerBreaks, Answer: contracts.AnswerNo, API: "orders", Consumer: web},
		{Code: contracts.CodeCompatible, Answer: contracts.AnswerYes, API: "orders", Consumer: web},
	}
	var many []contracts.AnswerReason
	for range mostReplied + 1 {
		many = append(many, used[0])
	}
	reply := func(r impact.Removal, answer contracts.Answer, reasons []contracts.AnswerReason) Answer {
		return CanRemoveReply("https://github.com", "acme/orders/orders", r, answer, reasons)
	}
	texttest.Table(t, "can-remove", []texttest.Line{
		line("nobody", reply(removal, contracts.AnswerYes, []contracts.AnswerReason{{Code: contracts.CodeNobodyUses, Answer: contracts.AnswerYes}})),
		line("somebody", reply(removal, contracts.AnswerNo, used)),
		line("a field of the request", reply(sends, contracts.AnswerUnknown, used)),
		line("an operation, many reasons", reply(impact.Removal{Operation: "GET /orders/{id}"}, contracts.AnswerNo, many)),
	})
}

func TestRollbackAnswers(t *testing.T) {
	run := deploy.VerificationRun{Verification: deploy.Verification{Repository: repository, Target: orders, Commit: commit}}
	rollback := deploy.Rollback{Target: orders, Commit: commit, ToCommit: target, By: config.ByDeployment, Made: 12}
	taken, inSpite, refused := rollback, rollback, rollback
	taken.State = deploy.RollbackPerformed
	inSpite.State, inSpite.AskedBy, inSpite.Reasons = deploy.RollbackPerforming, "carol", []deploy.RollbackReason{{Kind: deploy.RollbackIrreversible}}
	refused.State, refused.Reasons = deploy.RollbackRefused, []deploy.RollbackReason{{Kind: deploy.RollbackOfRollback}}
	before, beforeBad := run, run
	fine, bad := taken, taken
	fine.Outcome, bad.Outcome = deploy.Verified, deploy.RollBack
	before.Rollback, beforeBad.Rollback = &fine, &bad
	answer := func(m deploy.Rollback) Answer { return RollbackAnswer("https://github.com", run, m) }
	texttest.Table(t, "rollbacks", []texttest.Line{
		line("taken", answer(taken)),
		line("taken in spite of something", answer(inSpite)),
		line("not taken", answer(refused)),
		line("several", RollbackAnswers([]Answer{answer(taken), answer(refused)})),
		line("rolled back before", RollbackBefore("https://github.com", before)),
		line("rolled back before, and that is bad", RollbackBefore("https://github.com", beforeBad)),
		line("held no more", Overridden([]deploy.Target{orders, {Component: "billing", Environment: "production"}}, commit)),
	})
}

func TestAnswerComment(t *testing.T) {
	done, refused := Answer{Command: "/plimsoll recheck"}, UnknownCommand("x")
	refused.Command = "/plimsoll x"
	if text := AnswerComment("comment/1", []Answer{done}); text != "" {
		t.Errorf("a command that was done needs no words: %q", text)
	}
	text := AnswerComment("comment/1", []Answer{done, refused})
	if want := "`/plimsoll x`\n\n" + refused.Text + "\n\n" + checks.AnswerMarker("comment/1") + "\n"; text != want {
		t.Errorf("got  %q\nwant %q", text, want)
	}
	if got := Reactions([]Answer{done, refused, done}); !slices.Equal(got, []string{"+1", "confused"}) {
		t.Errorf("reactions %v", got)
	}
	long := Answer{Command: strings.Repeat("@everyone ", 100), Text: strings.Repeat("a line\n", 20_000)}
	text = AnswerComment("comment/1", []Answer{long})
	if len(text) > checks.MaxComment || !strings.HasSuffix(text, checks.AnswerMarker("comment/1")+"\n") {
		t.Errorf("%d bytes, ending in %q", len(text), text[len(text)-60:])
	}
	if wrong := markdowntest.Inert(strings.Split(text, "\n")[0]); len(wrong) > 0 {
		t.Error(wrong)
	}
}
