// Package orgfixture makes a large organisation for measurements: thousands of
// components that declare what they use, run in several versions, were released,
// and were written against contracts of different ages. The same seed makes the same
// organisation on every machine.
//
// One API is popular: its provider is a repository of the simulated GitHub, so that a
// pull request there can be evaluated through the front door. The other repositories
// are only in the registry, as if they had been read before.
//
// It must not know of GitHub or of the server: it writes only to the store.
package orgfixture
