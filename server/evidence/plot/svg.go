package plot

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// svg is a drawing that is being written.
type svg struct{ strings.Builder }

// begin opens a drawing of a width and height, with what a screen reader says. id
// distinguishes it from others of the page.
func (s *svg) begin(id, class string, width, height int, title, description string) {
	fmt.Fprintf(s, `<svg class="%s" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		class, width, height, id, id, id, text(title), id, text(description))
}

func (s *svg) end() string {
	s.WriteString("</svg>")
	return s.String()
}

// text escapes and bounds a text.
func text(t string) string {
	if runes := []rune(t); len(runes) > longestText {
		t = string(runes[:longestText-1]) + "…"
	}
	return html.EscapeString(t)
}

const longestText = 300

// place writes a coordinate with at most one decimal.
func place(x float64) string {
	x = math.Round(x*10) / 10
	return strconv.FormatFloat(x+0, 'f', -1, 64)
}

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(s, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, place(x1), place(y1), place(x2), place(y2))
}

func (s *svg) box(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(s, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, class,
		place(math.Min(x1, x2)), place(math.Min(y1, y2)), place(math.Abs(x2-x1)), place(math.Abs(y2-y1)))
}

// label writes a text; anchor is start, middle or end.
func (s *svg) label(class, anchor string, x, y float64, t string) {
	fmt.Fprintf(s, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, place(x), place(y), text(t))
}

// path draws a line with its gaps; a point between two gaps becomes a dot.
func (s *svg) path(class string, l Line, x, y scale) {
	var path, dots strings.Builder
	length, lastX, lastY := 0, "", ""
	flush := func() {
		if length == 1 {
			fmt.Fprintf(&dots, `<circle class="%s-dot" cx="%s" cy="%s" r="1.5"/>`, class, lastX, lastY)
		}
		length = 0
	}
	for i := range l.At {
		if !drawn(l.Value[i]) {
			flush()
			continue
		}
		px, py := place(x.at(float64(l.At[i]))), place(y.at(l.Value[i]))
		switch length {
		case 0:
		case 1:
			fmt.Fprintf(&path, "M%s %sL%s %s", lastX, lastY, px, py)
		default:
			fmt.Fprintf(&path, " %s %s", px, py)
		}
		lastX, lastY = px, py
		length++
	}
	flush()
	if path.Len() > 0 {
		fmt.Fprintf(s, `<path class="%s" d="%s"/>`, class, path.String())
	}
	s.WriteString(dots.String())
}
