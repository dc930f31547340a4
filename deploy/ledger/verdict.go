package ledger

import "plimsoll/deploy"

// VerdictEntry is the body of the ledger's entry of a verdict: everything that decided it,
// so that it can be decided again.
type VerdictEntry struct {
	Verification deploy.Verification `json:"verification"`
	// Plan is its hash.
	Plan    string          `json:"plan"`
	Samples []deploy.Sample `json:"samples"`
	// History is the SHA-256 of the signals' history, which is stored beside the ledger;
	// empty: it was not needed or never known.
	History string         `json:"history,omitempty"`
	Verdict deploy.Verdict `json:"verdict"`
}
