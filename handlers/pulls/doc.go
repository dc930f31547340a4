// Package pulls evaluates pull requests and merge groups: plimsoll/contracts,
// plimsoll/readiness and the one comment.
//
//	read ─▶ what is touched? ─▶ compare contracts, ask the registry ─▶ report ─▶ publish
package pulls
