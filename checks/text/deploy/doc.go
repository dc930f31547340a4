// Package deploytext writes what people read about deployments: the check run on the
// deployed commit, the status, the comment, the issue, the page with the evidence, what a
// terminal shows, and what is said of roll backs, metrics and the ledger.
package deploytext
