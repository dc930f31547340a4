package benchmark

// Effect is a regression that a deployment brings.
type Effect struct {
	Name   string
	apply  func(now rates, strength float64) rates
	creeps bool // one in four grows over 15 minutes
}

// beyond says whether an effect, in full, harms a service by more than the margins
// that "verified" excludes by default.
func (e Effect) beyond(base rates) bool {
	base.traffic = 1
	now := e.apply(base, 1)
	return now.errors-base.errors > max(0.002, 0.5*base.errors)+1e-9 || now.slow > 1.5*base.slow+1e-9 || now.traffic < 0.7-1e-9
}

// Harmless is a deployment that only restarts.
var Harmless = Effect{Name: "harmless", apply: func(r rates, _ float64) rates { return r }}

// Effects are the regressions of the table.
var Effects = []Effect{
	errorsTimes("errors ×2", 2),
	errorsPlus("errors +1 point", 0.01),
	errorsPlus("errors +5 points", 0.05),
	slowTimes("slow ×1.5", 1.5),
	slowTimes("slow ×2", 2),
	slowTimes("slow ×4", 4),
	traffic("traffic −30 %", 0.7),
	traffic("traffic −60 %", 0.4),
}

// gross is a deployment after which seven of ten requests fail.
var gross = Effect{Name: "gross harm", apply: func(r rates, s float64) rates { r.errors = max(r.errors, 0.7*s); return r }}

func errorsTimes(name string, factor float64) Effect {
	return Effect{name, func(r rates, s float64) rates { r.errors *= 1 + s*(factor-1); return r }, true}
}

func errorsPlus(name string, points float64) Effect {
	return Effect{name, func(r rates, s float64) rates { r.errors += s * points; return r }, true}
}

func slowTimes(name string, factor float64) Effect {
	return Effect{name, func(r rates, s float64) rates { r.slow *= 1 + s*(factor-1); return r }, true}
}

func traffic(name string, left float64) Effect {
	return Effect{name, func(r rates, s float64) rates { r.traffic *= 1 - s*(1-left); return r }, false}
}
