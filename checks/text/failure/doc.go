// Package failuretext explains why a check could not be made, in words that fit every
// report: what happened and what to do. Gates and commands quote an [Explanation] too.
package failuretext
