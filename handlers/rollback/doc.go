// Package rollback rolls deployments back that went bad, or proposes it, and follows a
// rollback until it is over.
package rollback
