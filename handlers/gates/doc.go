// Package gates answers deployment protection rules, and knows which commits are held.
package gates
