package rollback

import (
	"slices"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// cameTo is a run of a commit; no answer: it is still watched.
func cameTo(deployment int64, commit string, answer deploy.Answer) deploy.VerificationRun {
	c := deploy.VerificationRun{Verification: deploy.Verification{Deployment: deployment, Commit: commit, Began: noon, Target: deploy.Target{Component: "orders", Environment: "production"}}}
	if answer != "" {
		c.Verdict = &deploy.Verdict{Answer: answer}
	}
	return c
}

// wentBad is a question to which the answer is to go back: nothing is against it.
func wentBad() Question {
	bad := cameTo(9, "bad", deploy.RollBack)
	bad.Plan.Response = deploy.Response{Do: []config.OnFailure{config.FailRollback}, By: config.ByDeployment}
	return Question{Run: bad, Runs: []deploy.VerificationRun{bad, cameTo(8, "good", deploy.Verified)}, Current: true, May: contracts.AnswerYes, FilesKnown: true, Now: noon}
}

// rollbackGuard puts one thing in the way.
type rollbackGuard struct {
	kind deploy.RollbackReasonKind
	set  func(q *Question)
	// most that is done by itself, and when somebody asks who may.
	most, asked Decision
	// alone: nothing else is looked at.
	alone bool
}

var rollbackGuards = []rollbackGuard{
	{deploy.RollbackOfRollback, func(q *Question) { q.Run.Task = deploy.TaskRollback }, None, None, true},
	{deploy.RollbackNoTarget, func(q *Question) { q.Runs = q.Runs[:1] }, None, None, true},
	{deploy.RollbackNotCurrent, func(q *Question) { q.Current, q.Newer = false, 10 }, None, None, false},
	{deploy.RollbackForbidden, func(q *Question) { q.Run.Plan.Response.By = config.ByNone }, Propose, None, false},
	{deploy.RollbackNotDeclared, func(q *Question) { q.Run.Plan.Response.Do = []config.OnFailure{config.FailComment} }, Propose, Perform, false},
	{deploy.RollbackBreaks, func(q *Question) { q.May = contracts.AnswerNo }, Propose, Perform, false},
	{deploy.RollbackMigration, func(q *Question) { q.Migrations = []string{"db/migrate/1.rb"} }, Propose, Perform, false},
	{deploy.RollbackFilesUnknown, func(q *Question) { q.FilesKnown = false }, Propose, Perform, false},
	{deploy.RollbackIrreversible, func(q *Question) { q.Run.Plan.Response.Irreversible = true }, Propose, Perform, false},
	{deploy.RollbackOthersToo, func(q *Question) { q.Beside = []string{"mail"} }, Propose, Perform, false},
	{deploy.RollbackFar, func(q *Question) { q.Run.Began = q.Run.Began.Add(MostAge + time.Second) }, Propose, Perform, false},
	{deploy.RollbackSecond, func(q *Question) {
		q.Rollbacks = []deploy.Rollback{{Verification: "other", Deployment: 5, Intended: noon.Add(time.Second - AutomaticInterval)}}
	}, Propose, Perform, false},
	{deploy.RollbackDryRun, func(q *Question) {
		q.Run.Plan.Response.Do = append(slices.Clone(q.Run.Plan.Response.Do), config.FailDryRun)
	}, Propose, Perform, false},
}

// Every guard alone and in every combination, asked for and not: what nobody overrides
// is never done, what somebody may override is proposed, and each reason is told.
func TestDecide(t *testing.T) {
	for set := range 1 << len(rollbackGuards) {
		q := wentBad()
		most := map[bool]Decision{false: Perform, true: Perform}
		var kinds []deploy.RollbackReasonKind
		alone := false
		for i, guard := range rollbackGuards {
			if set&(1<<i) == 0 {
				continue
			}
			guard.set(&q)
			most[false], most[true] = lesser(most[false], guard.most), lesser(most[true], guard.asked)
			// Whether it is declared says nothing where the repository forbids it.
			if !alone && (guard.kind != deploy.RollbackNotDeclared || !slices.Contains(kinds, deploy.RollbackForbidden)) {
				kinds = append(kinds, guard.kind)
			}
			alone = alone || guard.alone
		}
		for asked, want := range most {
			q.Asked = asked
			got, reasons := Decide(q)
			var given []deploy.RollbackReasonKind
			for _, r := range reasons {
				given = append(given, r.Kind)
			}
			if got != want || !slices.Equal(given, kinds) {
				t.Fatalf("guards %v, asked %v: %s by %v, expected %s", kinds, asked, got, given, want)
			}
		}
	}
}

func lesser(a, b Decision) Decision {
	order := []Decision{None, Propose, Perform}
	return order[min(slices.Index(order, a), slices.Index(order, b))]
}

// A signal with a dry run rolls nothing back alone. With any other evidence, it does.
func TestDryRunOfASignal(t *testing.T) {
	of := func(name string, code signal.Code, dry bool) deploy.Reason {
		return deploy.Reason{Kind: deploy.ReasonSignal, Subject: name, Signal: &signal.Reason{Code: code, Metric: name}, DryRun: dry}
	}
	for name, c := range map[string]struct {
		reasons []deploy.Reason
		want    Decision
	}{
		"it alone":            {[]deploy.Reason{of("orders placed", signal.Alarm, true)}, Propose},
		"several of them":     {[]deploy.Reason{of("orders placed", signal.RollBackLimit, true), of("refunds", signal.Alarm, true)}, Propose},
		"another one as well": {[]deploy.Reason{of("orders placed", signal.Alarm, true), of("errors", signal.Alarm, false)}, Perform},
		"another one agrees":  {[]deploy.Reason{of("orders placed", signal.Alarm, true), of("errors", signal.Suspicious, false)}, Perform},
		"a probe as well":     {[]deploy.Reason{{Kind: deploy.ReasonProbeFails, Subject: "GET /healthz"}, of("orders placed", signal.Alarm, true)}, Perform},
		"one without history": {[]deploy.Reason{of("orders placed", signal.Alarm, true), of("errors", signal.NoHistory, false)}, Propose},
		"none with a dry run": {[]deploy.Reason{of("errors", signal.Alarm, false)}, Perform},
	} {
		t.Run(name, func(t *testing.T) {
			q := wentBad()
			q.Run.Verdict.Reasons = c.reasons
			if got, reasons := Decide(q); got != c.want || (len(reasons) == 1) != (c.want == Propose) {
				t.Errorf("%s by %+v, expected %s", got, reasons, c.want)
			}
		})
	}
}

// The edges of single guards.
func TestRollbackGuards(t *testing.T) {
	second := func(r deploy.Rollback) func(q *Question) {
		return func(q *Question) { q.Rollbacks = []deploy.Rollback{r} }
	}
	ours := deploy.Rollback{Verification: "other", Deployment: 5, Commit: "worse", State: deploy.RollbackPerformed, ToCommit: "bad", Target: deploy.Target{Component: "orders", Environment: "production"}}
	byOurs := func(made int64, by config.RollbackBy) func(q *Question) {
		r := ours
		r.Made, r.By, r.Intended, r.AskedBy = made, by, noon, "carol"
		return func(q *Question) { q.Rollbacks, q.Run.Began = []deploy.Rollback{r}, noon }
	}
	for name, c := range map[string]struct {
		set  func(q *Question)
		want Decision
		kind deploy.RollbackReasonKind
	}{
		"nothing against it":                {func(*Question) {}, Perform, ""},
		"by workflow":                       {func(q *Question) { q.Run.Plan.Response.By = config.ByWorkflow }, Perform, ""},
		"how is not said":                   {func(q *Question) { q.Run.Plan.Response.By = "" }, Propose, deploy.RollbackNotDeclared},
		"nothing is said":                   {func(q *Question) { q.Run.Plan.Response = deploy.Response{} }, Propose, deploy.RollbackNotDeclared},
		"can-i-deploy does not know":        {func(q *Question) { q.May = contracts.AnswerUnknown }, Propose, deploy.RollbackUnclear},
		"a day and more ago":                {second(deploy.Rollback{Deployment: 5, Intended: noon.Add(-AutomaticInterval)}), Perform, ""},
		"somebody asked for the one before": {second(deploy.Rollback{Deployment: 5, Intended: noon.Add(-time.Hour), AskedBy: "carol"}), Perform, ""},
		"the one before was only proposed":  {second(deploy.Rollback{Deployment: 5, State: deploy.RollbackProposed}), Perform, ""},
		"the same deployment elsewhere":     {second(deploy.Rollback{Deployment: 9, Intended: noon.Add(-time.Hour)}), Perform, ""},
		"made by us":                        {byOurs(9, config.ByDeployment), None, deploy.RollbackOfRollback},
		"made by somebody else":             {byOurs(7, config.ByDeployment), Perform, ""},
		"brought by our workflow":           {byOurs(0, config.ByWorkflow), None, deploy.RollbackOfRollback},
		"not known to be ours":              {byOurs(0, config.ByDeployment), Perform, ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := wentBad()
			c.set(&q)
			got, reasons := Decide(q)
			if got != c.want || (c.kind != "") != (len(reasons) == 1) || c.kind != "" && reasons[0].Kind != c.kind {
				t.Errorf("%s by %+v, expected %s by %q", got, reasons, c.want, c.kind)
			}
		})
	}
}

func TestTargetOf(t *testing.T) {
	for name, c := range map[string]struct {
		runs []deploy.VerificationRun
		want string
	}{
		"nothing known":                        {nil, ""},
		"the last verified one":                {[]deploy.VerificationRun{cameTo(8, "b", deploy.Verified), cameTo(7, "a", deploy.Verified)}, "b"},
		"not what was merely deployed":         {[]deploy.VerificationRun{cameTo(8, "c", deploy.Superseded), cameTo(7, "b", ""), cameTo(6, "a", deploy.Verified)}, "a"},
		"not what somebody should look at":     {[]deploy.VerificationRun{cameTo(8, "b", deploy.Investigate), cameTo(7, "a", deploy.Verified)}, "a"},
		"not what nobody could tell":           {[]deploy.VerificationRun{cameTo(8, "b", deploy.Inconclusive), cameTo(7, "a", deploy.Verified)}, "a"},
		"never the bad commit itself":          {[]deploy.VerificationRun{cameTo(8, "bad", deploy.Verified), cameTo(7, "a", deploy.Verified)}, "a"},
		"not what was found bad since":         {[]deploy.VerificationRun{cameTo(8, "b", deploy.RollBack), cameTo(7, "b", deploy.Verified), cameTo(6, "a", deploy.Verified)}, "a"},
		"what was bad, and then was mended":    {[]deploy.VerificationRun{cameTo(8, "b", deploy.Verified), cameTo(7, "b", deploy.RollBack)}, "b"},
		"looked at again, and verified before": {[]deploy.VerificationRun{cameTo(8, "b", deploy.Investigate), cameTo(7, "b", deploy.Verified)}, "b"},
		"nothing but bad ones":                 {[]deploy.VerificationRun{cameTo(8, "b", deploy.RollBack), cameTo(7, "bad", deploy.Verified)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := TargetOf(cameTo(9, "bad", deploy.RollBack).Verification, c.runs); got.Commit != c.want || got.Unverified {
				t.Errorf("to %+v, expected %q", got, c.want)
			}
		})
	}
}

// How far back it goes, and what ran for a day although nothing could be verified.
func TestTargetOfWhatRan(t *testing.T) {
	at := func(hours int, c deploy.VerificationRun) deploy.VerificationRun {
		c.Began = noon.Add(-time.Duration(hours) * time.Hour)
		return c
	}
	back := func(c deploy.VerificationRun) deploy.VerificationRun {
		c.Task = deploy.TaskRollback
		return c
	}
	bad := at(0, cameTo(9, "bad", deploy.RollBack))
	for name, c := range map[string]struct {
		runs []deploy.VerificationRun
		want Target
	}{
		"inconclusive, and ran for a day": {
			[]deploy.VerificationRun{at(24, cameTo(8, "b", deploy.Inconclusive)), at(50, cameTo(7, "a", deploy.Verified))},
			Target{Commit: "b", Unverified: true, Began: noon.Add(-24 * time.Hour), Since: 1},
		},
		"inconclusive, and ran for less": {
			[]deploy.VerificationRun{at(23, cameTo(8, "b", deploy.Inconclusive)), at(50, cameTo(7, "a", deploy.Verified))},
			Target{Commit: "a", Began: noon.Add(-50 * time.Hour), Since: 2},
		},
		"to be investigated, and ran for a day": {
			[]deploy.VerificationRun{at(30, cameTo(8, "b", deploy.Investigate)), at(60, cameTo(7, "a", deploy.Verified))},
			Target{Commit: "a", Began: noon.Add(-60 * time.Hour), Since: 2},
		},
		"replaced within a day, and long ago": {
			[]deploy.VerificationRun{at(90, cameTo(8, "c", deploy.Superseded)), at(100, cameTo(7, "b", deploy.Inconclusive))}, Target{},
		},
		"ran for a day, and was rolled back by a person": {
			[]deploy.VerificationRun{at(2, back(cameTo(8, "a", deploy.Inconclusive))), at(40, cameTo(7, "b", deploy.Inconclusive)), at(90, cameTo(6, "a", deploy.Inconclusive))},
			Target{Commit: "a", Unverified: true, Began: noon.Add(-90 * time.Hour), Since: 3},
		},
		"ran for a day, and failed since": {
			[]deploy.VerificationRun{at(2, cameTo(8, "b", deploy.RollBack)), at(90, cameTo(7, "b", deploy.Inconclusive))}, Target{},
		},
	} {
		if got := TargetOf(bad.Verification, append([]deploy.VerificationRun{bad}, c.runs...)); got != c.want {
			t.Errorf("%s: %+v, expected %+v", name, got, c.want)
		}
	}
	var runs []deploy.VerificationRun
	for i := range MostDeployments + 1 {
		runs = append(runs, at(i, cameTo(int64(50-i), "x", deploy.Superseded)))
	}
	runs[0] = bad
	for more, want := range map[int]Decision{0: Perform, 1: Propose} {
		q := wentBad()
		q.Run.Verification.Began, q.Runs = noon, append(slices.Clone(runs[:MostDeployments+more]), at(12, cameTo(3, "good", deploy.Verified)))
		if got, reasons := Decide(q); got != want {
			t.Errorf("the verified one is %d deployments back: %s, %+v", MostDeployments+more, got, reasons)
		}
	}
}
