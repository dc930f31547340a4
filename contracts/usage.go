package contracts

import (
	"iter"
	"slices"
)

// EvidenceKind says where a use of an API was found.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceDeclared         EvidenceKind = "declared" // .github/plimsoll.yml
	EvidencePact             EvidenceKind = "pact"
	EvidenceKiota            EvidenceKind = "kiota"
	EvidenceAPIManifest      EvidenceKind = "api-manifest"
	EvidenceOpenAPIGenerator EvidenceKind = "openapi-generator"
	EvidenceHeyAPI           EvidenceKind = "hey-api"
	EvidenceBackstage        EvidenceKind = "backstage"
)

// Evidence is a line of a file that shows that a consumer uses something.
type Evidence struct {
	Kind EvidenceKind `json:"kind"`
	Position
}

// Usage is what one consumer version declares to use of one API.
type Usage struct {
	// Via names the client generator ("openapi-generator", "kiota", …) or is
	// empty; it sets what the consumer tolerates.
	Via string `json:"via,omitempty"`
	// Operations empty means every operation, assumed.
	Operations []OperationUse `json:"operations,omitempty"`
	// Baseline is the contract that the use was written against; zero: the
	// provider's default branch when the use was committed.
	Baseline Baseline `json:"baseline,omitzero"`
	// Evidence is where the use of the API as a whole is said.
	Evidence Evidence `json:"evidence"`
	// Catalogue is set where the use is known only from a catalogue: then the verdict on
	// what affects it is Unknown.
	Catalogue bool `json:"catalogue,omitempty"`
}

// Baseline names a version of a contract: a commit of the provider's repository,
// or a copy of the contract in the consumer's own.
type Baseline struct {
	Commit string `json:"commit,omitempty"`
	Path   string `json:"path,omitempty"`
}

// OperationUse is the use of one operation, or of those that a glob matches.
type OperationUse struct {
	// Selector is "GET /orders/{id}" (parameter names do not matter), an
	// operationId, or a glob such as "GET /admin/**".
	Selector string `json:"selector"`
	// Reads are patterns into response bodies. Nil: not listed, the whole
	// response is assumed. Empty: the body is ignored.
	Reads *[]Pattern `json:"reads,omitempty"`
	// Sends are patterns into the request (body properties, parameter names).
	// Nil: not listed.
	Sends *[]Pattern `json:"sends,omitempty"`
	// Status lists the response statuses handled; empty: not listed.
	Status   []string `json:"status,omitempty"`
	Evidence Evidence `json:"evidence"`
}

// Pattern is one usage pattern and the line that states it. The grammar:
// a.b property, [] item, {} map value, * one step, ** any depth, x<Card> one
// variant, suffix ? tolerant, suffix ! exhaustive, x.^ presence only.
type Pattern struct {
	Text     string   `json:"text"`
	Position Position `json:"position"`
	// Values are the literal values read or sent there, where evidence gives
	// them (enum literals of a Pact without a matcher).
	Values []string `json:"values,omitempty"`
}

// Files gives the files that declare the use. A file may come several times.
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

// Within tells whether every change that affects the usage affects other as well: it
// names the same or fewer operations, fields read and statuses, and sends the same
// fields. Positions in files do not matter. False where that cannot be decided.
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
