// Package readinesstext writes the readiness check: its title, the sections of its
// summary, the details with what to paste, and its annotations. What is missing is
// decided by package readiness.
package readinesstext
