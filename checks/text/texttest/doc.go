// Package texttest compares reports with golden files: a check run and its comment are
// one page that a person can read. A golden file is kept in the testdata folder of the
// package that writes the text.
package texttest
