// Package tree gives the files of commits: whole trees, trees that are too wide for one
// answer, trees of which some files are known, and the head of a pull request as its
// merge base with some files changed.
//
// It is made on top of the clients of package github, which fetch one Git object at a
// time. Blobs and trees never change, so they are kept in memory, within a bound, by
// installation, repository and SHA.
package tree
