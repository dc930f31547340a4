package plot

import (
	"math"
)

// Chart is one signal around a deployment. Times are Unix seconds, values in the unit
// that the axis names.
type Chart struct {
	// ID is unique on the page: letters, digits, dashes.
	ID string
	// Title and Description are what a screen reader says.
	Title, Description string
	Unit               string
	Points             Line
	From, To           int64
	Deployed           int64
	// Guard is until when what is measured does not count; 0: there is none.
	Guard int64
	// Before and After are the levels of the windows that were compared.
	Before, After *Level
	// Band is how far the level after strays by itself; nil: unknown.
	Band   *Band
	Limits []Limit
}

// Level is what a window holds, as one value.
type Level struct {
	From, To int64
	Value    float64
}

// Band goes from one value to another, over a span of time.
type Band struct {
	From, To  int64
	Low, High float64
}

// Limit is a value that was declared.
type Limit struct {
	Value float64
	Name  string
}

// shortestLevel is how long a level's bar is at the least, to be seen.
const shortestLevel = 8

// The sizes of drawings, in SVG's unit.
const (
	width, height        = 480, 210
	stripHeight          = 70
	left, right          = 52, 10
	top, bottom          = 26, 36
	stripTop, stripBelow = 8, 20
)

// SVG draws the chart.
func (c Chart) SVG() string {
	s := &svg{}
	s.begin(c.ID, "chart", width, height, c.Title, c.Description)
	points := c.Points.within(c.From, c.To)
	x := scale{float64(c.From), float64(c.To), left, width - right}
	y := scale{from: height - bottom, to: top}
	y.low, y.high = c.reach(points)
	c.axes(s, x, y)
	if c.Guard > c.Deployed {
		a, b := x.at(float64(c.Deployed)), x.at(float64(c.Guard))
		s.box("guard", a, top, b, height-bottom)
	}
	if b := c.Band; b != nil && drawn(b.Low) && drawn(b.High) {
		s.box("band", x.at(float64(b.From)), y.at(b.Low), x.at(float64(b.To)), y.at(b.High))
	}
	for _, l := range c.Limits {
		if drawn(l.Value) {
			at := y.at(l.Value)
			s.line("limit", left, at, width-right, at)
			s.label("limit-name", "start", left+4, at-3, l.Name)
		}
	}
	s.path("points", points.thin(MostPoints), x, y)
	for _, level := range []struct {
		class string
		*Level
	}{{"before", c.Before}, {"after", c.After}} {
		if level.Level != nil && drawn(level.Value) {
			at, from := y.at(level.Value), x.at(float64(level.From))
			s.line("level "+level.class, from, at, math.Max(x.at(float64(level.To)), from+shortestLevel), at)
		}
	}
	at := x.at(float64(c.Deployed))
	s.line("deployed", at, top-8, at, height-bottom)
	s.label("deployed-name", "middle", math.Min(math.Max(at, left+75), width-right-75), top-12, "deployed "+clock(c.Deployed, "15:04"))
	return s.end()
}

// reach is from where to where the values go, with room for limits that are not far off.
func (c Chart) reach(points Line) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	take := func(x float64) {
		if drawn(x) {
			low, high = math.Min(low, x), math.Max(high, x)
		}
	}
	for _, x := range points.Value {
		take(x)
	}
	if c.Before != nil {
		take(c.Before.Value)
	}
	if c.After != nil {
		take(c.After.Value)
	}
	if c.Band != nil {
		take(c.Band.Low)
		take(c.Band.High)
	}
	if low > high {
		low, high = 0, 1
	}
	for _, l := range c.Limits {
		if span := math.Max(high-math.Min(low, 0), 1e-12); drawn(l.Value) && l.Value <= high+4*span && l.Value >= low-4*span {
			take(l.Value)
		}
	}
	if low > 0 && low < 0.6*high {
		low = 0
	}
	room := (high - low) * 0.06
	if room == 0 {
		room = math.Max(math.Abs(high)*0.1, 1e-9)
	}
	if low != 0 {
		low -= room
	}
	return low, high + room
}

// axes draws both axes with their units.
func (c Chart) axes(s *svg, x, y scale) {
	values, decimals := y.ticks(5)
	for _, v := range values {
		s.line("grid", left, y.at(v), width-right, y.at(v))
		s.label("tick", "end", left-6, y.at(v)+4, number(v, decimals))
	}
	s.label("unit", "start", 4, 12, c.Unit)
	times, layout := instants(c.From, c.To, 6)
	for _, at := range times {
		s.line("tick-mark", x.at(float64(at)), y.from, x.at(float64(at)), y.from+4)
		s.label("tick", "middle", math.Min(x.at(float64(at)), width-20), y.from+17, clock(at, layout))
	}
	s.line("axis", left, y.from, width-right, y.from)
	s.label("unit", "end", width-right, height-5, "time (UTC)")
}

// Strip draws the whole history small.
func (c Chart) Strip() string {
	s := &svg{}
	s.begin(c.ID, "strip", width, stripHeight, c.Title, c.Description)
	points := c.Points.within(c.From, c.To)
	x := scale{float64(c.From), float64(c.To), left, width - right}
	y := scale{from: stripHeight - stripBelow, to: stripTop}
	y.low, y.high = Chart{}.reach(points)
	for _, v := range []float64{y.low, y.high} {
		_, decimals := y.ticks(4)
		s.label("tick", "end", left-6, y.at(v)+4, number(v, decimals))
	}
	times, layout := instants(c.From, c.To, 6)
	for _, at := range times {
		s.label("tick", "middle", math.Min(math.Max(x.at(float64(at)), left+16), width-right-16), stripHeight-5, clock(at, layout))
	}
	s.line("axis", left, y.from, width-right, y.from)
	s.path("points", points.thin(MostPoints), x, y)
	s.line("deployed", x.at(float64(c.Deployed)), stripTop, x.at(float64(c.Deployed)), y.from)
	return s.end()
}

// The size of a spark line, in SVG's unit.
const sparkWidth, sparkHeight = 140, 30

// Spark draws the points alone, as small as a word, with a line at the deployment.
func (c Chart) Spark() string {
	s := &svg{}
	s.begin(c.ID, "spark", sparkWidth, sparkHeight, c.Title, c.Description)
	points := c.Points.within(c.From, c.To)
	x := scale{float64(c.From), float64(c.To), 1, sparkWidth - 1}
	y := scale{from: sparkHeight - 2, to: 2}
	y.low, y.high = Chart{}.reach(points)
	s.line("deployed", x.at(float64(c.Deployed)), 0, x.at(float64(c.Deployed)), sparkHeight)
	s.path("points", points.thin(sparkWidth), x, y)
	return s.end()
}
