// Package readiness evaluates what is missing before a component may run in production:
// a health endpoint, probes, alerts, a runbook, a verification, an owner.
//
//	Repository (tree + its file) ──Judge──▶ Standing ─┐
//	the same at the merge base   ──Judge──▶ Standing ─┴─Compare──▶ Report: new, old, waived
//
// A [Standing] is one commit taken by itself: every rule of [Rules] with what became
// of it for each component (passed, violated, does not apply, unknown and why). A
// [Report] is what a change does to it: only what is new can block, and what the base
// branch says decides whether it does.
//
// The files are read by the packages below this one (kubernetes, alerts, images,
// workflows), which know their formats and no rule. What cannot be read is said
// ([Unread]) and never passed. The package takes values and gives values: it must not
// know GitHub, HTTP, databases or how a report is drawn.
package readiness
