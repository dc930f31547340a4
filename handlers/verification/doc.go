// Package verification watches deployments and reports whether they work.
//
//	deployment succeeded ─▶ Begin ─▶ sample, sample, … ─▶ verdict ─▶ ledger, check run,
//	status, comments ─▶ rollback
package verification
