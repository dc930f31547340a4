package ledger

import "plimsoll/deploy"

// VerdictEntry is the body of the ledger's entry of a verdict: what it was decided by, so
// that the same is decided again from it.
type VerdictEntry struct {
	Verification deploy.Verification `json:"verification"`
	// Plan is its hash.
	Plan    string          `json:"plan"`
	Samples []deploy.Sample `json:"samples"`
	// History is the SHA-256 of what the signals were before, which is kept beside the
	// ledger; empty: none was needed, or it was never known.
	History string         `json:"history,omitempty"`
	Verdict deploy.Verdict `json:"verdict"`
}
