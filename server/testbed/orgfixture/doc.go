// Package orgfixture makes a large organisation for measurements: thousands of
// components that declare what they use, run in several versions, were released,
// and were written against contracts of different age. The same seed gives the same
// organisation, on every machine.
//
// One API is popular: its provider lives in a real (simulated) repository, so that a
// pull request there can be judged through the front door. The other repositories
// are only in the registry, as if they had been read before.
package orgfixture
