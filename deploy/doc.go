// Package deploy knows what a deployment is: which components it brings to which
// environments, what runs there by the history of deployments, how a deployment is
// watched, and what the watching shows. Gates, rollbacks and the ledger are decided in
// packages below it.
//
// It takes values and returns values; it reaches the outside only through interfaces that
// it declares. It must not know GitHub's API, databases, HTTP servers or logging.
//
//	queued ─▶ in progress ─▶ success ─▶ superseded by the next success, or inactive
//	               └───────▶ failure, error: what ran before still runs
package deploy
