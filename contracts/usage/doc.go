// Package usage reads what consumers declare about their use of an API, and finds it in
// a contract.
//
// A selector names operations (Match). A pattern names fields of their messages (Parse).
// An Explorer follows one pattern through the schemas of a contract. It visits each pair
// of a schema and a position in the pattern once, so that recursive schemas end and the
// work is linear. Where a pattern leads nowhere, the nearest names that exist are given.
//
// The package must not know what changed between two versions.
package usage
