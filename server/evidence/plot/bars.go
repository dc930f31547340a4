package plot

import "math"

// Bars are a few values in the order of time, as small as a word. A value that is not known
// is not a number.
type Bars struct {
	// ID is unique on the page.
	ID string
	// Title and Description are what a screen reader says.
	Title, Description string
	Values             []float64
}

// The size of the drawing of bars, in SVG's unit.
const barsWidth, barsHeight = 144, 28

// SVG draws a bar for each value, the newest one darker, and a mark on the ground where
// nothing is known.
func (b Bars) SVG() string {
	s := &svg{}
	s.begin(b.ID, "bars", barsWidth, barsHeight, b.Title, b.Description)
	largest := 0.0
	for _, value := range b.Values {
		if drawn(value) {
			largest = math.Max(largest, value)
		}
	}
	y := scale{0, largest, barsHeight - 2, 2}
	step := float64(barsWidth) / float64(max(len(b.Values), 1))
	for i, value := range b.Values {
		from, to := float64(i)*step+1, float64(i+1)*step-1
		class := "bar-before"
		if i == len(b.Values)-1 {
			class = "bar-now"
		}
		if !drawn(value) {
			s.box("bar-none", from, barsHeight-2, to, barsHeight)
			continue
		}
		s.box(class, from, math.Min(y.at(value), barsHeight-3), to, barsHeight)
	}
	return s.end()
}
