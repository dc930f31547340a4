// Package plot draws what was measured as SVG: lines with gaps if nothing was measured,
// levels before and after, limits, a band, and strips of probes.
//
// The same data give the same drawing, byte for byte. A drawing contains no script, style
// or address, and every text is escaped: colours come from the classes that the page's
// style sheet names. What a colour shows, a shape or a text shows as well.
package plot
