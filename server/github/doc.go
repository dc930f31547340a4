// Package github has the calls to GitHub's REST API: the clients of installations, rate
// limits, pull requests, check runs, comments, deployments, deliveries, Git objects. The
// files of commits are in package tree below it.
//
// Plain values go in and come out ([contracts.RepositoryRef] names a repository).
// No type of the GitHub library leaves the package. The package must not know the queue,
// the database or what the answers are for. It never sleeps and never retries: a rate
// limit is returned as [*RateLimited], everything else as an error that [Classify]
// sorts, and the caller's queue decides when to call again.
//
// A request passes, from the caller to the network, through:
//
//	go-github → guard (host, limits, metrics) → installation token → HTTP cache
//	          → wire (counts, recognises limits, bounds bodies) → net/http
package github
