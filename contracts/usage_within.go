package contracts

import "slices"

// Within tells whether the usage is hit by no change that does not hit other as
// well: it names the same or fewer operations, fields read and statuses, and sends
// the same. Where they stand in files does not matter. False where that can't be
// said.
func (u Usage) Within(other Usage) bool {
	if u.Via != other.Via || u.Baseline != other.Baseline || u.Catalogue != other.Catalogue {
		return false
	}
	if len(other.Operations) == 0 { // every operation, assumed
		return true
	}
	if len(u.Operations) == 0 {
		return false
	}
	for i := range u.Operations {
		if !slices.ContainsFunc(other.Operations, func(o OperationUse) bool { return u.Operations[i].within(o) }) {
			return false
		}
	}
	return true
}

func (o OperationUse) within(other OperationUse) bool {
	return o.Selector == other.Selector &&
		patternsWithin(o.Reads, other.Reads) && samePatterns(o.Sends, other.Sends) &&
		statusWithin(o.Status, other.Status)
}

// patternsWithin tells whether a list holds nothing that the other does not; no
// list stands for everything.
func patternsWithin(list, other *[]Pattern) bool {
	if other == nil {
		return true
	}
	if list == nil {
		return false
	}
	return !slices.ContainsFunc(*list, func(p Pattern) bool {
		return !slices.ContainsFunc(*other, p.same)
	})
}

func samePatterns(list, other *[]Pattern) bool {
	if list == nil || other == nil {
		return list == nil && other == nil
	}
	return patternsWithin(list, other) && patternsWithin(other, list)
}

func (p Pattern) same(other Pattern) bool {
	return p.Text == other.Text && slices.Equal(p.Values, other.Values)
}

// statusWithin: no list stands for every status.
func statusWithin(list, other []string) bool {
	if len(other) == 0 {
		return true
	}
	return len(list) > 0 && !slices.ContainsFunc(list, func(s string) bool { return !slices.Contains(other, s) })
}
