// Package containment proves that every value that one schema allows is allowed by another.
//
// It proves, and never guesses: a keyword, or an interplay of keywords, for which it has no
// argument is a gap. Package diff asks it about every pair of schemas for which its rules
// found nothing to say, so that silence always has a proof behind it.
//
// The table of keywords is in table.go.
package containment
