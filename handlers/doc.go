// Package handlers turns GitHub's events into work: one file per event, each
// decode → identify → is it for us → one call.
//
// An event only says that something happened; every handler reads the subject
// again, so that events may come late, twice and out of order. Two flows do the
// work: [Registrar] reads what a repository says about itself into the registry,
// and [Judge] answers a pull request. It must not know databases or HTTP servers:
// what it needs are the small interfaces of deps.go.
package handlers
