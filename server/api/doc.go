// Package api answers programs over HTTP: what is registered, what runs where, and
// whether something may go.
//
// Who asks shows a token of GitHub's: a person's, or that of a job in CI. The package
// asks GitHub with that token what it may read, keeps yes and no for some minutes by
// the token's hash, and shows nothing else: what may not be read is answered like
// what is not there, and consumers that may not be read are counted. It must not know
// how answers are found; that is package handlers.
package api
