// Package benchmark measures the judge of signals, and rules like those of other
// tools, on deployments of which the truth is known: synthetic ones from three
// independent generators with fixed seeds, and real series with regressions put into
// them.
//
// It must not know how the judge works: it gives inputs and counts answers. The
// other rules are written from what their projects document, in their simplest
// form; they carry the name of what they resemble, with "like".
//
//	service (seed) ─▶ seven days and thirty minutes of counts ─┬─▶ judge, look by look ─┬─▶ tallies ─▶ table
//	                      └ harmless, or one regression        └─▶ rules like others' ──┘
package benchmark
