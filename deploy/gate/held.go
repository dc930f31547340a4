package gate

import "plimsoll/deploy"

// HeldBy gives the verification by which a commit is held in a place: the newest one of
// it there that came to a roll back, unless it was verified there since; nil where
// nothing holds it. Courses are those of the commit in the place, the newest first.
func HeldBy(courses []deploy.Course) *deploy.Course {
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

// HeldPlaces gives the verifications by which a commit is held, one for each place.
// Courses are those of the commit everywhere, the newest first.
func HeldPlaces(courses []deploy.Course) []deploy.Course {
	var places []deploy.Place
	at := map[deploy.Place][]deploy.Course{}
	for _, course := range courses {
		place := course.Place
		place.Production = false // its class may have changed since
		if at[place] == nil {
			places = append(places, place)
		}
		at[place] = append(at[place], course)
	}
	var held []deploy.Course
	for _, place := range places {
		if course := HeldBy(at[place]); course != nil {
			held = append(held, *course)
		}
	}
	return held
}

// lastVerdict is the newest verdict that says something of the commit; nil without one.
func lastVerdict(courses []deploy.Course) *deploy.Verdict {
	for _, c := range courses {
		if c.Verdict != nil && c.Verdict.Answer != deploy.Superseded {
			return c.Verdict
		}
	}
	return nil
}
