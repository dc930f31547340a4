// Package checks writes everything that a user reads on GitHub and publishes it.
//
// Every text is a named function here; every limit of GitHub's is a named
// constant here and enforced by one function. It must not know databases or HTTP
// servers, and it has no GitHub client: what it needs of GitHub are the small
// interfaces [Runs] and [Comments].
package checks
