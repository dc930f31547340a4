// Package containment proves that every value that one schema allows is allowed by another.
//
// A keyword, or an interplay of keywords, for which it has no argument is a gap. Package
// diff asks for the gaps of each pair of schemas that differs, and reports those about
// which its rules have reported nothing.
//
// The table of keywords is in table.go.
package containment
