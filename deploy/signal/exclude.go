package signal

import "math"

// wilson returns one side of Wilson's score interval of x in n at z standard
// deviations: the upper one for z > 0, the lower one for z < 0.
func wilson(x, n, z float64) float64 {
	if n <= 0 {
		if z > 0 {
			return 1
		}
		return 0
	}
	zz := z * z
	half := z * math.Sqrt(math.Max(0, x*((n-x)/n))+zz/4)
	return math.Min(1, math.Max(0, (x+zz/2+half)/(n+zz)))
}

// upperRise is the upper bound of the rise from x0 of n0 to x1 of n1, at z standard
// deviations: Newcombe's hybrid of Wilson's intervals (his method 10, one-sided).
func upperRise(x0, n0, x1, n1, z float64) float64 {
	if n0 <= 0 || n1 <= 0 {
		return 1
	}
	p0, p1 := x0/n0, x1/n1
	up, down := wilson(x1, n1, z)-p1, p0-wilson(x0, n0, -z)
	return p1 - p0 + math.Hypot(up, down)
}

// excludeRise bounds a Proportion's rise; dispersion widens the bound as far as the
// placebos spread more than independent requests would.
func excludeRise(before, after window, margin, dispersion float64, t Thresholds, perSecond float64) Bound {
	z := normalQuantile(t.Confidence) * dispersion
	b := Bound{Known: before.total > 0 && after.total > 0, Margin: settled(margin), Dispersion: settled(dispersion)}
	if !b.Known {
		return b
	}
	p0 := before.bad / before.total
	b.Upper = settled(upperRise(before.bad, before.total, after.bad, after.total, z))
	b.Reach = settled(upperRise(before.bad, before.total, p0*after.total, after.total, z))
	b.Excluded = b.Upper < b.Margin
	if b.Excluded {
		return b
	}
	// With ever more requests only the baseline's own uncertainty is left.
	floor := p0 - wilson(before.bad, before.total, -z)
	if room := margin*margin - floor*floor; room > 0 {
		need := needsToExclude(p0, math.Sqrt(room), z, 1-t.Confidence)
		if missing := float64(need) - after.total; need > 0 {
			// A rise that is seen already has to go away again; as much again is a guess.
			missing = math.Max(missing, math.Max(1, after.total/4))
			b.Requests = int64(math.Ceil(missing))
			if perSecond > 0 {
				b.Seconds = int64(math.Min(math.Ceil(missing/perSecond), 1e9))
			}
		}
	}
	return b
}

// excludeShift bounds a relative change by how far placebos stray: reach of itself,
// upper with the change that was seen.
func excludeShift(upper, reach, margin float64) Bound {
	b := Bound{Known: true, Upper: settled(upper), Reach: settled(reach), Margin: settled(margin), Dispersion: 1}
	b.Excluded = b.Upper < b.Margin
	return b
}
