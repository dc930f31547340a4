// Package deployments has the pages of what was deployed: the newest deployments with their
// verdicts, the evidence of each, rolling one back, and the ledger.
//
// It shows what its visitor may read. A roll back goes the way of the button on a check run,
// through the same guards. It must not know GitHub's API.
package deployments
