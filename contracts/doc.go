// Package contracts holds the values that the rest of Plimsoll exchanges about API
// contracts: who provides and who uses an API, what changed between two versions, and
// what each change means for each consumer.
//
// The work on these values is done by its subpackages. None of them knows GitHub, HTTP,
// databases or logging:
//
//	Source ──openapi.Load──▶ Contract ─┐
//	Source ──openapi.Load──▶ Contract ─┴─diff.Compare──▶ Comparison ──Judge(consumers)──▶ []Finding
//
// The subpackages:
//
//   - document parses JSON and YAML into nodes with positions.
//   - openapi loads a contract from nodes: operations, parameters, schemas.
//   - usage parses usage patterns and selectors, and follows them in a contract.
//   - diff compares two versions and judges consumers by what changed.
//   - impact answers questions about what was judged: may a version be deployed, may an
//     operation or a field be removed, which deprecated parts are in use.
//   - evidence reads what a repository says about itself.
package contracts
