// Package graph has the page that draws who uses what: consumers on the left, the providers of
// what they use on the right.
//
// It shows what its visitor may read. The layout is computed here, in layers; it needs no
// script and no library. It must not know GitHub's API.
package graph
