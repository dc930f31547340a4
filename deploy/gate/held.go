package gate

import "plimsoll/deploy"

// HeldBy gives the verification that holds a commit in a target: its newest one there with
// the verdict to roll back, unless the commit was verified there since; nil if none does.
// It takes the verifications of the commit in the target, newest first.
func HeldBy(courses []deploy.VerificationRun) *deploy.VerificationRun {
	for i := range courses {
		switch verdict := courses[i].Verdict; {
		case verdict == nil:
		case verdict.Answer == deploy.Verified:
			return nil
		case verdict.Answer == deploy.RollBack:
			return &courses[i]
		}
	}
	return nil
}

// HeldPlaces gives the verifications that hold a commit, one for each target. It takes
// the verifications of the commit in all targets, newest first.
func HeldTargets(courses []deploy.VerificationRun) []deploy.VerificationRun {
	var places []deploy.Target
	at := map[deploy.Target][]deploy.VerificationRun{}
	for _, course := range courses {
		place := course.Target
		place.Production = false // its class may have changed since
		if at[place] == nil {
			places = append(places, place)
		}
		at[place] = append(at[place], course)
	}
	var held []deploy.VerificationRun
	for _, place := range places {
		if course := HeldBy(at[place]); course != nil {
			held = append(held, *course)
		}
	}
	return held
}

// lastVerdict is the newest verdict about the commit; nil without one.
func lastVerdict(courses []deploy.VerificationRun) *deploy.Verdict {
	for _, c := range courses {
		if c.Verdict != nil && c.Verdict.Answer != deploy.Superseded {
			return c.Verdict
		}
	}
	return nil
}
