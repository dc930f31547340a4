package gate

import (
	"slices"
	"testing"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

func TestGateReasons(t *testing.T) {
	came := func(answers ...deploy.Answer) (runs []deploy.VerificationRun) {
		for _, a := range answers {
			c := deploy.VerificationRun{}
			if a != "" {
				c.Verdict = &deploy.Verdict{Answer: a}
			}
			runs = append(runs, c)
		}
		return runs
	}
	unknown := func(code contracts.AnswerCode) []contracts.AnswerReason {
		return []contracts.AnswerReason{{Code: code, Answer: contracts.AnswerUnknown}}
	}
	staging := func(answers ...deploy.Answer) []Environment {
		return []Environment{{Name: "staging", Runs: came(answers...)}}
	}
	for name, c := range map[string]struct {
		q    Question
		want State
		kind ReasonKind
	}{
		"no gate":                       {Question{}, Approved, ReasonOpen},
		"nothing against it":            {Question{Declared: true, May: contracts.AnswerYes}, Approved, ReasonMayGo},
		"breaks a consumer":             {Question{Declared: true, May: contracts.AnswerNo}, Rejected, ReasonBreaks},
		"can't be asked":                {Question{Declared: true, May: contracts.AnswerUnknown, AllowUnknown: true}, Held, ReasonUnclear},
		"unknown":                       {Question{Declared: true, May: contracts.AnswerUnknown, CanDeploy: unknown(contracts.CodeProviderNotDeployed)}, Held, ReasonUnclear},
		"unknown and allowed":           {Question{Declared: true, May: contracts.AnswerUnknown, CanDeploy: unknown(contracts.CodeProviderNotDeployed), AllowUnknown: true}, Approved, ReasonUnclear},
		"never known":                   {Question{Declared: true, May: contracts.AnswerUnknown, CanDeploy: unknown(contracts.CodeExternalConsumers)}, Approved, ReasonUnclear},
		"may break":                     {Question{Declared: true, May: contracts.AnswerUnknown, CanDeploy: unknown(contracts.CodeConsumerMayBreak)}, Approved, ReasonUnclear},
		"made unknowable":               {Question{Declared: true, May: contracts.AnswerUnknown, CanDeploy: unknown(contracts.CodeComponentMissing), AllowUnknown: true}, Held, ReasonUnclear},
		"declares nothing":              {Question{Declared: true, May: contracts.AnswerUnknown, CanDeploy: unknown(contracts.CodeNotRegistered), AllowUnknown: true}, Held, ReasonUnclear},
		"not every repository was read": {Question{Declared: true, May: contracts.AnswerYes, Reading: true}, Held, ReasonUnclear},
		"verified before":               {Question{Declared: true, May: contracts.AnswerYes, Before: staging(deploy.Verified)}, Approved, ReasonVerified},
		"verified, then superseded":     {Question{Declared: true, May: contracts.AnswerYes, Before: staging(deploy.Superseded, deploy.Verified)}, Approved, ReasonVerified},
		"superseded alone":              {Question{Declared: true, May: contracts.AnswerYes, Before: staging(deploy.Superseded)}, Rejected, ReasonUnverified},
		"still watched":                 {Question{Declared: true, May: contracts.AnswerYes, Before: staging("")}, Held, ReasonWatched},
		"watched again after a failure": {Question{Declared: true, May: contracts.AnswerYes, Before: staging("", deploy.RollBack)}, Held, ReasonWatched},
		"to be looked at before":        {Question{Declared: true, May: contracts.AnswerYes, Before: staging(deploy.Investigate)}, Rejected, ReasonUnverified},
		"inconclusive is no pass":       {Question{Declared: true, May: contracts.AnswerYes, Before: staging(deploy.Inconclusive)}, Rejected, ReasonUnverified},
		"not there yet":                 {Question{Declared: true, May: contracts.AnswerYes, Before: staging()}, Held, ReasonNotDeployed},
		"never came there":              {Question{Declared: true, May: contracts.AnswerYes, Before: staging(), Late: true}, Rejected, ReasonNotDeployed},
		"held, and breaks":              {Question{Declared: true, May: contracts.AnswerNo, Before: staging("")}, Rejected, ReasonWatched},
		"runs there already":            {Question{Declared: true, May: contracts.AnswerNo, Here: came(deploy.Verified), Before: staging(deploy.Verified)}, Rejected, ReasonVerified},
		"rolls back":                    {Question{Declared: true, Back: true, May: contracts.AnswerNo, Here: came(deploy.Superseded, deploy.Verified), Before: staging(deploy.RollBack)}, Approved, ReasonGoesBack},
		"was rolled back":               {Question{Declared: true, May: contracts.AnswerYes, Here: came(deploy.RollBack, deploy.Verified)}, Rejected, ReasonBad},
	} {
		t.Run(name, func(t *testing.T) {
			reasons := Reasons(c.q)
			state := MostSevere(reasons)
			if state != c.want || len(reasons) == 0 || reasons[0].Kind != c.kind {
				t.Errorf("%s %+v, expected %s by %s", state, reasons, c.want, c.kind)
			}
		})
	}
}

func TestHeldBy(t *testing.T) {
	for name, c := range map[string]struct {
		answers []deploy.Answer // the newest first
		want    int             // which of them holds; -1: none
	}{
		"nothing known":              {nil, -1},
		"still watched":              {[]deploy.Answer{""}, -1},
		"to be rolled back":          {[]deploy.Answer{deploy.RollBack}, 0},
		"watched again":              {[]deploy.Answer{"", deploy.RollBack}, 1},
		"verified since":             {[]deploy.Answer{deploy.Verified, deploy.RollBack}, -1},
		"verified before":            {[]deploy.Answer{deploy.RollBack, deploy.Verified}, 0},
		"inconclusive since":         {[]deploy.Answer{deploy.Inconclusive, deploy.RollBack}, 1},
		"to be looked at since":      {[]deploy.Answer{deploy.Investigate, deploy.Superseded, deploy.RollBack}, 2},
		"twice":                      {[]deploy.Answer{deploy.RollBack, deploy.RollBack}, 0},
		"verified, then looked at":   {[]deploy.Answer{deploy.Investigate, deploy.Verified, deploy.RollBack}, -1},
		"never more than looked at":  {[]deploy.Answer{deploy.Investigate, deploy.Inconclusive}, -1},
		"superseded, then verified":  {[]deploy.Answer{deploy.Superseded, deploy.Verified, deploy.RollBack}, -1},
		"rolled back, then verified": {[]deploy.Answer{deploy.RollBack, deploy.Verified, deploy.RollBack}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var runs []deploy.VerificationRun
			for i, a := range c.answers {
				run := deploy.VerificationRun{Verification: deploy.Verification{Deployment: int64(i)}}
				if a != "" {
					run.Verdict = &deploy.Verdict{Answer: a}
				}
				runs = append(runs, run)
			}
			got := -1
			if held := HeldBy(runs); held != nil {
				got = int(held.Deployment)
			}
			if got != c.want {
				t.Errorf("held by %d, expected %d", got, c.want)
			}
			if runs := HeldTargets(runs); (len(runs) == 1) != (c.want >= 0) {
				t.Errorf("held in %d places", len(runs))
			}
		})
	}
}

// What a reason is about decides its id: the same facts in another order have the same one, any
// other verdict, rule, artifact, consumer or change another.
func TestReasonID(t *testing.T) {
	breaks := func(repository int64, fingerprint string) contracts.AnswerReason {
		return contracts.AnswerReason{
			Code: contracts.CodeConsumerBreaks, Answer: contracts.AnswerNo, Consumer: &contracts.AnswerVersion{RepositoryID: repository}, Change: &contracts.Change{Fingerprint: fingerprint},
		}
	}
	of := func(change func(*Reason)) string {
		r := Reason{Kind: ReasonBreaks, State: Rejected, Rules: []string{"RB001", "HC001"}, CanDeploy: []contracts.AnswerReason{breaks(7, "a"), breaks(8, "b")}}
		change(&r)
		return r.ID("c0ffee")
	}
	same := of(func(*Reason) {})
	if other := of(func(r *Reason) {
		slices.Reverse(r.Rules)
		slices.Reverse(r.CanDeploy)
		r.CanDeploy[0].Text = "in words"
	}); other != same {
		t.Errorf("the same facts have the ids %s and %s", same, other)
	}
	for name, change := range map[string]func(*Reason){
		"kind": func(r *Reason) { r.Kind = ReasonUnclear }, "target": func(r *Reason) { r.Target.Component = "mail" }, "verdict": func(r *Reason) { r.VerdictAt = r.VerdictAt.AddDate(1, 0, 0) },
		"environment": func(r *Reason) { r.Environment = "staging" }, "artifact": func(r *Reason) { r.Artifact = "sha256:1" }, "rule": func(r *Reason) { r.Rules = append(r.Rules, "AL001") },
		"consumer": func(r *Reason) { r.CanDeploy = append(r.CanDeploy, breaks(9, "b")) }, "change": func(r *Reason) { r.CanDeploy[0] = breaks(7, "c") },
	} {
		if of(change) == same {
			t.Errorf("another %s has the same id", name)
		}
	}
}
