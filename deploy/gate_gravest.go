package deploy

// lastVerdict is the newest verdict that says something of the commit; nil without one.
func lastVerdict(courses []Course) *Verdict {
	for _, c := range courses {
		if c.Verdict != nil && c.Verdict.Answer != Superseded {
			return c.Verdict
		}
	}
	return nil
}

// GravestGate is the answer of several reasons; without any, nothing is in the way.
func GravestGate(reasons []GateReason) GateState {
	state := GateApproved
	for _, r := range reasons {
		switch {
		case r.State == GateRejected:
			return GateRejected
		case r.State == GateHeld:
			state = GateHeld
		}
	}
	return state
}
