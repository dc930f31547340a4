package deploy

// VerdictEntry is the body of the ledger's entry of a verdict: what it was decided by, so
// that the same is decided again from it.
type VerdictEntry struct {
	Verification Verification `json:"verification"`
	// Plan is its hash.
	Plan    string   `json:"plan"`
	Samples []Sample `json:"samples"`
	// History is the SHA-256 of what the signals were before, which is kept beside the
	// ledger; empty: none was needed, or it was never known.
	History string  `json:"history,omitempty"`
	Verdict Verdict `json:"verdict"`
}
