// Package evidence serves the page on which a verdict about a deployment rests: what was
// measured before and after, the probes, the decision step by step.
//
// There is no login. A page opens to everyone who has its link: the link is signed, names
// one verification, and expires. Wrong links, old ones of other installations and made-up
// ones get the same answer, before anything is read. The page sends no requests: it shows
// what is stored. It must not know GitHub's API or how metrics are queried. Its sentences
// are made by package checks.
package evidence
