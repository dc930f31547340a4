// Package source holds what the other packages of handlers read: repositories, pull
// requests and comparisons as GitHub has them, the files and contracts in them, and what
// the registry knows of them. It decides nothing, publishes nothing and queues nothing.
package source
