// Package githubtest is a GitHub for tests of single requests: a server that answers
// what the test says, with constructors for the answers and for their object names.
// Package simulator is a whole GitHub.
package githubtest
