// Package registry reads what repositories declare on their default branches into the
// registry, follows the life of repositories and accounts, and has the pull requests
// evaluated again that a change of the registry concerns.
package registry
