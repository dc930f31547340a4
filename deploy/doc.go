// Package deploy knows what a deployment is: which components it brings to which
// environments, what runs there by a history of deployments, and the ledger that
// keeps the evidence.
//
// It takes values and gives values. It must not know GitHub's API, databases,
// HTTP servers or logging.
//
//	queued ─▶ in progress ─▶ success ─▶ superseded by the next success, or inactive
//	               └───────▶ failure, error: what ran before still runs
package deploy
