package contracts

// EvidenceKind says how a use of an API became known.
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

// Evidence is one line of a file that says that a consumer uses something.
type Evidence struct {
	Kind EvidenceKind `json:"kind"`
	Position
}

// Usage is what one consumer version says that it uses of one API.
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
	// Catalogue is set where the use is known only from a catalogue: hits are
	// Unknown.
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
