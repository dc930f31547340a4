// Package diff compares two versions of a contract and judges what each change means for
// each consumer.
//
//	base, head ──Compare──▶ Comparison ──Judge, JudgeFrom──▶ []contracts.Finding
//
// How a comparison works:
//
//   - The comparer (graph.go) walks both versions side by side and builds a graph of
//     pairs: one pair for each two corresponding places and direction, however many ways
//     lead there. Parts that cannot differ are skipped (openapi.Unchanged).
//   - Changes are attached to pairs (found.go), so that a change to a shared schema is
//     reported once. The kinds of changes are a table (rules.go). Each rule says which
//     consumers it harms.
//   - From the changes, reach.go goes up the graph to the operations above them.
//   - To judge a consumer, its patterns are followed down the same graph (use.go). Then
//     judge.go and verdict*.go give a verdict for each change.
//
// The graph stays inside this package: other packages see changes and findings only.
package diff
