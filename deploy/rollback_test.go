package deploy

import (
	"slices"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
)

var rollbackNow = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// cameTo is a course of a commit; no answer: it is still watched.
func cameTo(deployment int64, commit string, answer Answer) Course {
	c := Course{Verification: Verification{Deployment: deployment, Commit: commit, Place: Place{Component: "orders", Environment: "production"}}}
	if answer != "" {
		c.Verdict = &Verdict{Answer: answer}
	}
	return c
}

// wentBad is a question to which the answer is to go back: nothing is against it.
func wentBad() RollbackQuestion {
	bad := cameTo(9, "bad", RollBack)
	bad.Plan.Response = Response{Do: []config.OnFailure{config.FailRollback}, By: config.ByDeployment}
	return RollbackQuestion{Course: bad, Courses: []Course{bad, cameTo(8, "good", Verified)}, Current: true, May: contracts.AnswerYes, FilesKnown: true, Now: rollbackNow}
}

// rollbackGuard puts one thing in the way.
type rollbackGuard struct {
	kind RollbackKind
	set  func(q *RollbackQuestion)
	// most that is done by itself, and when somebody asks who may.
	most, asked RollbackDecision
	// alone: nothing else is looked at.
	alone bool
}

var rollbackGuards = []rollbackGuard{
	{RollbackOfRollback, func(q *RollbackQuestion) { q.Course.Task = TaskRollback }, RollbackNone, RollbackNone, true},
	{RollbackNoTarget, func(q *RollbackQuestion) { q.Courses = q.Courses[:1] }, RollbackNone, RollbackNone, true},
	{RollbackNotCurrent, func(q *RollbackQuestion) { q.Current, q.Newer = false, 10 }, RollbackNone, RollbackNone, false},
	{RollbackForbidden, func(q *RollbackQuestion) { q.Course.Plan.Response.By = config.ByNone }, RollbackPropose, RollbackNone, false},
	{RollbackNotDeclared, func(q *RollbackQuestion) { q.Course.Plan.Response.Do = []config.OnFailure{config.FailComment} }, RollbackPropose, RollbackPerform, false},
	{RollbackBreaks, func(q *RollbackQuestion) { q.May = contracts.AnswerNo }, RollbackPropose, RollbackPerform, false},
	{RollbackMigration, func(q *RollbackQuestion) { q.Migrations = []string{"db/migrate/1.rb"} }, RollbackPropose, RollbackPerform, false},
	{RollbackFilesUnknown, func(q *RollbackQuestion) { q.FilesKnown = false }, RollbackPropose, RollbackPerform, false},
	{RollbackIrreversible, func(q *RollbackQuestion) { q.Course.Plan.Response.Irreversible = true }, RollbackPropose, RollbackPerform, false},
	{RollbackSecond, func(q *RollbackQuestion) {
		q.Remedies = []Remedy{{Verification: "other", Deployment: 5, Intended: rollbackNow.Add(time.Second - RollbackAgain)}}
	}, RollbackPropose, RollbackPerform, false},
}

// Every guard alone and in every combination, asked for and not: what nobody overrides
// is never done, what somebody may override is proposed, and each reason is told.
func TestDecideRollback(t *testing.T) {
	for set := range 1 << len(rollbackGuards) {
		q := wentBad()
		most := map[bool]RollbackDecision{false: RollbackPerform, true: RollbackPerform}
		var kinds []RollbackKind
		alone := false
		for i, guard := range rollbackGuards {
			if set&(1<<i) == 0 {
				continue
			}
			guard.set(&q)
			most[false], most[true] = lesser(most[false], guard.most), lesser(most[true], guard.asked)
			// Whether it is declared says nothing where the repository forbids it.
			if !alone && (guard.kind != RollbackNotDeclared || !slices.Contains(kinds, RollbackForbidden)) {
				kinds = append(kinds, guard.kind)
			}
			alone = alone || guard.alone
		}
		for asked, want := range most {
			q.Asked = asked
			got, reasons := DecideRollback(q)
			var told []RollbackKind
			for _, r := range reasons {
				told = append(told, r.Kind)
			}
			if got != want || !slices.Equal(told, kinds) {
				t.Fatalf("guards %v, asked %v: %s by %v, expected %s", kinds, asked, got, told, want)
			}
		}
	}
}

func lesser(a, b RollbackDecision) RollbackDecision {
	order := []RollbackDecision{RollbackNone, RollbackPropose, RollbackPerform}
	return order[min(slices.Index(order, a), slices.Index(order, b))]
}

// The edges of single guards.
func TestRollbackGuards(t *testing.T) {
	second := func(m Remedy) func(q *RollbackQuestion) {
		return func(q *RollbackQuestion) { q.Remedies = []Remedy{m} }
	}
	ours := Remedy{Verification: "other", Deployment: 5, Commit: "worse", State: RemedyPerformed, Target: "bad", Place: Place{Component: "orders", Environment: "production"}}
	byOurs := func(made int64, by config.RollbackBy) func(q *RollbackQuestion) {
		m := ours
		m.Made, m.By, m.Intended, m.AskedBy = made, by, rollbackNow, "carol"
		return func(q *RollbackQuestion) { q.Remedies, q.Course.Began = []Remedy{m}, rollbackNow }
	}
	for name, c := range map[string]struct {
		set  func(q *RollbackQuestion)
		want RollbackDecision
		kind RollbackKind
	}{
		"nothing against it":                {func(*RollbackQuestion) {}, RollbackPerform, ""},
		"by workflow":                       {func(q *RollbackQuestion) { q.Course.Plan.Response.By = config.ByWorkflow }, RollbackPerform, ""},
		"how is not said":                   {func(q *RollbackQuestion) { q.Course.Plan.Response.By = "" }, RollbackPropose, RollbackNotDeclared},
		"nothing is said":                   {func(q *RollbackQuestion) { q.Course.Plan.Response = Response{} }, RollbackPropose, RollbackNotDeclared},
		"can-i-deploy does not know":        {func(q *RollbackQuestion) { q.May = contracts.AnswerUnknown }, RollbackPropose, RollbackUnclear},
		"a day and more ago":                {second(Remedy{Deployment: 5, Intended: rollbackNow.Add(-RollbackAgain)}), RollbackPerform, ""},
		"somebody asked for the one before": {second(Remedy{Deployment: 5, Intended: rollbackNow.Add(-time.Hour), AskedBy: "carol"}), RollbackPerform, ""},
		"the one before was only proposed":  {second(Remedy{Deployment: 5, State: RemedyProposed}), RollbackPerform, ""},
		"the same deployment elsewhere":     {second(Remedy{Deployment: 9, Intended: rollbackNow.Add(-time.Hour)}), RollbackPerform, ""},
		"made by us":                        {byOurs(9, config.ByDeployment), RollbackNone, RollbackOfRollback},
		"made by somebody else":             {byOurs(7, config.ByDeployment), RollbackPerform, ""},
		"brought by our workflow":           {byOurs(0, config.ByWorkflow), RollbackNone, RollbackOfRollback},
		"not known to be ours":              {byOurs(0, config.ByDeployment), RollbackPerform, ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := wentBad()
			c.set(&q)
			got, reasons := DecideRollback(q)
			if got != c.want || (c.kind != "") != (len(reasons) == 1) || c.kind != "" && reasons[0].Kind != c.kind {
				t.Errorf("%s by %+v, expected %s by %q", got, reasons, c.want, c.kind)
			}
		})
	}
}

func TestRollbackTarget(t *testing.T) {
	for name, c := range map[string]struct {
		courses []Course
		want    string
	}{
		"nothing known":                        {nil, ""},
		"the last verified one":                {[]Course{cameTo(8, "b", Verified), cameTo(7, "a", Verified)}, "b"},
		"not what was merely deployed":         {[]Course{cameTo(8, "c", Superseded), cameTo(7, "b", ""), cameTo(6, "a", Verified)}, "a"},
		"not what somebody should look at":     {[]Course{cameTo(8, "b", Investigate), cameTo(7, "a", Verified)}, "a"},
		"not what nobody could tell":           {[]Course{cameTo(8, "b", Inconclusive), cameTo(7, "a", Verified)}, "a"},
		"never the bad commit itself":          {[]Course{cameTo(8, "bad", Verified), cameTo(7, "a", Verified)}, "a"},
		"not what was found bad since":         {[]Course{cameTo(8, "b", RollBack), cameTo(7, "b", Verified), cameTo(6, "a", Verified)}, "a"},
		"what was bad, and then was mended":    {[]Course{cameTo(8, "b", Verified), cameTo(7, "b", RollBack)}, "b"},
		"looked at again, and verified before": {[]Course{cameTo(8, "b", Investigate), cameTo(7, "b", Verified)}, "b"},
		"nothing but bad ones":                 {[]Course{cameTo(8, "b", RollBack), cameTo(7, "bad", Verified)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := RollbackTarget(cameTo(9, "bad", RollBack).Verification, c.courses); got != c.want {
				t.Errorf("to %q, expected %q", got, c.want)
			}
		})
	}
}
