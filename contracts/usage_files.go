package contracts

import "iter"

// Files gives the files that state the use, perhaps several times.
func (u Usage) Files() iter.Seq[string] {
	return func(yield func(string) bool) {
		if u.Evidence.File != "" && !yield(u.Evidence.File) {
			return
		}
		for _, operation := range u.Operations {
			if operation.Evidence.File != "" && !yield(operation.Evidence.File) {
				return
			}
		}
	}
}
