// Package ledger describes the ledger: its entries, the hash chain that shows tampering,
// and what can be computed from the entries: verdicts decided again, deliveries and
// delivery metrics.
//
// It takes values and gives values. It must not know GitHub's API, databases, HTTP
// servers or logging.
package ledger
