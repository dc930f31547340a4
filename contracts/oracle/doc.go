// Package oracle holds Plimsoll's comparison against oasdiff's: the same pairs of
// contracts through both, and a reviewed cause for every disagreement. It is a
// module of its own, so that oasdiff is no dependency of Plimsoll; it knows
// nothing of Plimsoll but package contracts and the built program.
package oracle
