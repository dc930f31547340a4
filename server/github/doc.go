// Package github is everything that Plimsoll asks of GitHub's REST API and tells
// it: installation clients, rate limits, the files of a commit, pull requests,
// check runs, comments, deliveries.
//
// Plain values go in and come out ([contracts.RepositoryRef] names a repository);
// no type of the GitHub library leaves the package. It must not know the queue,
// the database or what the answers are for. It never sleeps and never tries
// again by itself: a limit comes back as [*RateLimited], anything else as an
// error that [Classify] sorts, and the caller's queue decides when to call again.
//
// One request passes through, from the caller to the network:
//
//	go-github → guard (host, limits, metrics) → installation token → HTTP cache
//	          → wire (counts, recognises limits, bounds bodies) → net/http
package github
