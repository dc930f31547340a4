package deploy

import (
	"testing"

	"plimsoll/contracts"
)

func TestGateReasons(t *testing.T) {
	came := func(answers ...Answer) (courses []Course) {
		for _, a := range answers {
			c := Course{}
			if a != "" {
				c.Verdict = &Verdict{Answer: a}
			}
			courses = append(courses, c)
		}
		return courses
	}
	staging := func(answers ...Answer) []GateEnvironment {
		return []GateEnvironment{{Name: "staging", Courses: came(answers...)}}
	}
	for name, c := range map[string]struct {
		q    GateQuestion
		want GateState
		kind GateReasonKind
	}{
		"no gate":                       {GateQuestion{}, GateApproved, GateOpen},
		"nothing against it":            {GateQuestion{Declared: true, May: contracts.AnswerYes}, GateApproved, GateMayGo},
		"breaks a consumer":             {GateQuestion{Declared: true, May: contracts.AnswerNo}, GateRejected, GateBreaks},
		"can't be told":                 {GateQuestion{Declared: true, May: contracts.AnswerUnknown}, GateApproved, GateUnclear},
		"not every repository was read": {GateQuestion{Declared: true, May: contracts.AnswerYes, Reading: true}, GateHeld, GateUnclear},
		"verified before":               {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging(Verified)}, GateApproved, GateVerified},
		"verified, then superseded":     {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging(Superseded, Verified)}, GateApproved, GateVerified},
		"superseded alone":              {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging(Superseded)}, GateRejected, GateUnverified},
		"still watched":                 {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging("")}, GateHeld, GateWatched},
		"watched again after a failure": {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging("", RollBack)}, GateHeld, GateWatched},
		"to be looked at before":        {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging(Investigate)}, GateRejected, GateUnverified},
		"inconclusive is no pass":       {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging(Inconclusive)}, GateRejected, GateUnverified},
		"not there yet":                 {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging()}, GateHeld, GateNotDeployed},
		"never came there":              {GateQuestion{Declared: true, May: contracts.AnswerYes, Before: staging(), Late: true}, GateRejected, GateNotDeployed},
		"held, and breaks":              {GateQuestion{Declared: true, May: contracts.AnswerNo, Before: staging("")}, GateRejected, GateWatched},
		"goes back":                     {GateQuestion{Declared: true, May: contracts.AnswerNo, Here: came(Superseded, Verified), Before: staging(RollBack)}, GateApproved, GateGoesBack},
		"was rolled back":               {GateQuestion{Declared: true, May: contracts.AnswerYes, Here: came(RollBack, Verified)}, GateRejected, GateBad},
	} {
		t.Run(name, func(t *testing.T) {
			reasons := GateReasons(c.q)
			state := GravestGate(reasons)
			if state != c.want || len(reasons) == 0 || reasons[0].Kind != c.kind {
				t.Errorf("%s %+v, expected %s by %s", state, reasons, c.want, c.kind)
			}
		})
	}
}

func TestHeldBy(t *testing.T) {
	for name, c := range map[string]struct {
		answers []Answer // the newest first
		want    int      // which of them holds; -1: none
	}{
		"nothing known":              {nil, -1},
		"still watched":              {[]Answer{""}, -1},
		"to be rolled back":          {[]Answer{RollBack}, 0},
		"watched again":              {[]Answer{"", RollBack}, 1},
		"verified since":             {[]Answer{Verified, RollBack}, -1},
		"verified before":            {[]Answer{RollBack, Verified}, 0},
		"inconclusive since":         {[]Answer{Inconclusive, RollBack}, 1},
		"to be looked at since":      {[]Answer{Investigate, Superseded, RollBack}, 2},
		"twice":                      {[]Answer{RollBack, RollBack}, 0},
		"verified, then looked at":   {[]Answer{Investigate, Verified, RollBack}, -1},
		"never more than looked at":  {[]Answer{Investigate, Inconclusive}, -1},
		"superseded, then verified":  {[]Answer{Superseded, Verified, RollBack}, -1},
		"rolled back, then verified": {[]Answer{RollBack, Verified, RollBack}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var courses []Course
			for i, a := range c.answers {
				course := Course{Verification: Verification{Deployment: int64(i)}}
				if a != "" {
					course.Verdict = &Verdict{Answer: a}
				}
				courses = append(courses, course)
			}
			got := -1
			if held := HeldBy(courses); held != nil {
				got = int(held.Deployment)
			}
			if got != c.want {
				t.Errorf("held by %d, expected %d", got, c.want)
			}
			if places := HeldPlaces(courses); (len(places) == 1) != (c.want >= 0) {
				t.Errorf("held in %d places", len(places))
			}
		})
	}
}
