// Package github has the calls to GitHub's REST API: the clients of installations, rate
// limits, pull requests, check runs, comments, deployments, deliveries, Git objects. The
// files of commits are in package tree below it.
//
// Values of the packages contracts, deploy, checks and handlers/source go in and come out;
// no type of the GitHub library leaves the package. It must not know the queue, the
// database or what the answers are for. It never sleeps and never retries: a rate
// limit is returned as [*RateLimited], everything else as an error that [Classify]
// sorts, and the caller's queue decides when to call again.
//
// A request passes, from the caller to the network, through:
//
//	go-github → guard (host, limits, metrics) → installation token → HTTP cache
//	          → wire (counts, recognises limits, bounds bodies) → net/http
package github
