// Package sqlc is generated from the queries: `make generate` rewrites all but this
// file. It must not be edited, and nothing but the store, the queue and the intake
// uses it.
package sqlc
