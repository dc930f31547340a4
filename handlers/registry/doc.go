// Package registry reads what repositories declare on their default branches into the
// registry, tracks the life of repositories and accounts, and evaluates the pull requests
// again that depend on a change.
package registry
