// Package contracts compares two versions of an API contract and says which
// registered consumers each change hits.
//
// It takes values and gives values: files come from a [Source], consumers from
// a [Registry], and the answers are plain data. It must not know GitHub, HTTP
// servers, databases or logging.
//
//	Source ──Load──▶ Contract ─┐
//	Source ──Load──▶ Contract ─┴─Compare──▶ Comparison ──Judge(consumers)──▶ []Finding
//
// How a comparison goes:
//
//   - Package document reads each file once into a flat tape of nodes that keep
//     their place in the text. Nothing is decoded before somebody asks.
//   - dirty.go finds what can't differ: the same text, in which no $ref leads to
//     anything that differs. All else of the comparison looks only at the rest.
//   - A view (schema.go, flatten.go) decodes the schemas that are looked at, with
//     allOf merged, each once.
//   - The comparer (graph.go, compare_*.go) walks both versions side by side and
//     makes a graph of pairs: one for each two places that correspond, in one
//     direction, however many ways lead there. Changes hang on pairs, so that a
//     shared schema gives one change (found.go).
//   - reach.go climbs from the changes to the operations above them.
//   - judge.go, walk.go and verdict*.go follow the usage patterns of a consumer
//     (pattern.go) down the same graph: the product of pairs and positions, each
//     once. resolve_pattern.go knows where a pattern leads in the base contract.
//
// The rules (rules*.go) are a table; each names the row of impact.md by which
// its changes are judged.
package contracts
