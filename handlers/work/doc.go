// Package work describes the work that handlers give to the queue: its kinds, keys and
// arguments, and the topics by which pull requests are evaluated again. It does no work
// itself and must not know the packages that do.
package work
