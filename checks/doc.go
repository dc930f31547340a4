// Package checks holds what every report on GitHub is made of, and publishes it: check
// runs, comments, annotations and buttons as plain values; GitHub's limits, enforced by
// [Fit]; escaping of text that came from a repository ([Escape]); and the building
// blocks of Markdown. The sentences are in the packages below text, one per report.
//
//	facts ──text/contracts, text/readiness, …──▶ CheckRun, Comment ──Publish, KeepComment──▶ Runs, Comments
//
// It knows no database and no HTTP server, and has no GitHub client: what it needs of
// GitHub are the small interfaces [Runs] and [Comments]. It must not import a package
// below text.
package checks
