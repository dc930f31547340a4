// Package plot draws what was measured as SVG: lines with gaps where nothing was
// measured, levels before and after, limits, a band, and strips of probes.
//
// The same data give the same drawing, byte for byte. Nothing in one is a script, a style
// or an address, and every text is escaped: colours come from the classes that the
// page's style sheet names. What is told by colour is told by a form or a text as well.
package plot
