package plot

import "math"

// Unusual shows where a deployment is among the moments at which nothing happened.
type Unusual struct {
	ID, Title, Description string
	// Band holds what 5, 50, 95 and 99 of 100 reference windows do not exceed; larger is
	// worse. Here is the deployment.
	Band [4]float64
	Here float64
}

const unusualHeight = 64

// SVG draws it: the band from 5 to 95, a mark at 50 and at 99, and a wedge.
func (u Unusual) SVG() string {
	s := &svg{}
	s.begin(u.ID, "unusual", width, unusualHeight, u.Title, u.Description)
	low, high := math.Min(u.Band[0], u.Here), math.Max(u.Band[3], u.Here)
	room := math.Max((high-low)*0.08, 1e-9)
	x := scale{low - room, high + room, left, width - right}
	const above, below = 24.0, 40.0
	s.line("axis", left, below, width-right, below)
	s.box("band", x.at(u.Band[0]), above, x.at(u.Band[2]), below)
	for i, name := range []string{"5 %", "50 %", "95 %", "99 %"} {
		at := x.at(u.Band[i])
		s.line("tick-mark", at, above, at, below+4)
		if i == 0 || at-x.at(u.Band[i-1]) > 34 {
			s.label("tick", "middle", at, below+17, name)
		}
	}
	at := x.at(u.Here)
	s.WriteString(`<path class="here" d="M` + place(at) + " " + place(below) + "l-6 -14h12z" + `"/>`)
	s.label("here-name", "middle", math.Min(math.Max(at, left+55), width-right-55), above-6, "this deployment")
	s.label("unit", "start", 4, below-4, "better")
	s.label("unit", "end", width-right, above-6, worse(at))
	return s.end()
}

// worse names the right end unless the wedge's name stands there.
func worse(at float64) string {
	if at > width-right-130 {
		return ""
	}
	return "worse →"
}
