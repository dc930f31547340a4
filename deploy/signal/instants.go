package signal

import (
	"maps"
	"slices"
)

// cuts says which cells of a grid something happened in.
type cuts struct {
	first int
	all   []int // running count of cells that are cut
	other []int // the same without deployments that were verified
	// settled are the cells in which a deployment that was verified restarted instances.
	settled []int
}

func layCuts(in Input, step int64, guard int64, first, last int) cuts {
	cells := last - first + 1
	c := cuts{first: first, all: make([]int, cells+1), other: make([]int, cells+1), settled: make([]int, cells+1)}
	mark := func(marks []int, from, to int64) {
		to = min(to, farthest) + guard
		a := min(max(stepsUp(since(in.Deployed, from), step)-first, 0), cells)
		b := min(max(stepsUp(since(in.Deployed, to), step)-first+1, 0), cells)
		if a < b {
			marks[a]++
			marks[b]--
		}
	}
	for _, cut := range in.Cuts {
		mark(c.all, cut.From, cut.To)
		if cut.From != cut.To || !slices.Contains(in.Verified, cut.From) {
			mark(c.other, cut.From, cut.To)
		}
	}
	for _, at := range in.Verified {
		mark(c.all, at, at)
	}
	for _, own := range in.settledCuts() {
		mark(c.settled, own.From, own.To)
	}
	c.all, c.other, c.settled = running(c.all), running(c.other), running(c.settled)
	return c
}

// settledCuts are the roll-outs of earlier deployments that were verified.
func (in Input) settledCuts() []Cut {
	own := map[int64]Cut{}
	for _, at := range in.Verified {
		own[at] = Cut{From: farthest, To: at}
	}
	for _, cut := range in.Cuts {
		// A time that nobody can trust may end where a deployment begins that was verified: of two
		// cuts, the later one is the deployment's own.
		if d, verified := own[cut.To]; verified && (d.From == farthest || cut.From > d.From) {
			own[cut.To] = cut
		}
	}
	var all []Cut
	for _, at := range slices.Sorted(maps.Keys(own)) {
		if own[at].From == farthest {
			own[at] = Cut{From: at, To: at}
		}
		all = append(all, own[at])
	}
	return all
}

// withoutSettled returns the cuts of what was never verified, and of incidents.
func (c cuts) withoutSettled(in Input, step, guard int64, last int) cuts {
	own := in.settledCuts()
	in.Cuts = slices.DeleteFunc(slices.Clone(in.Cuts), func(cut Cut) bool {
		return slices.ContainsFunc(own, func(d Cut) bool { return d.From == cut.From && d.To == cut.To })
	})
	in.Verified = nil
	return layCuts(in, step, guard, c.first, last)
}

// running turns marks of where cuts begin and end into a running count of cut cells.
func running(marks []int) []int {
	sums := make([]int, len(marks))
	depth := 0
	for i := range len(marks) - 1 {
		depth += marks[i]
		sums[i+1] = sums[i]
		if depth > 0 {
			sums[i+1]++
		}
	}
	return sums
}

// free says whether nothing happened in the cells after from, up to to.
func (c cuts) free(from, to int) bool { return c.none(c.all, from, to) }

func (c cuts) none(sums []int, from, to int) bool {
	a := min(max(from+1-c.first, 0), len(sums)-1)
	b := min(max(to+1-c.first, 0), len(sums)-1)
	return sums[a] == sums[b]
}

// instants are where placebos are: evenly over the history, nothing cut within
// their windows, all over before the deployment; then the verified deployments, of
// which the second result is the number.
func (c cuts) instants(in Input, step int64, oldest int, ref reference, window, most int) (instants []int, verified int) {
	first, last := oldest-1-ref.begins(), -window
	free := func(sums []int, at int) bool {
		for _, s := range ref {
			if !c.none(sums, at+s.from, at+s.to) {
				return false
			}
		}
		return c.none(sums, at, at+window)
	}
	if last < first {
		return nil, 0
	}
	spacing := (last - first + most) / most
	for at := last; at >= first; at -= spacing {
		if free(c.all, at) {
			instants = append(instants, at)
		}
	}
	for _, t := range in.Verified {
		at := stepsUp(since(in.Deployed, t), step)
		if at >= first && at <= last && free(c.other, at) && !slices.Contains(instants[len(instants)-verified:], at) {
			instants = append(instants, at)
			verified++
		}
	}
	return instants, verified
}
