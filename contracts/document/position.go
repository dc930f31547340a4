package document

import (
	"sort"
	"strings"
	"sync"
)

// lineTable holds the offset of every line's start, made when first asked for.
type lineTable struct {
	once   sync.Once
	starts []uint32
}

func (d *Doc) lineStarts() []uint32 {
	d.line.once.Do(func() {
		starts := make([]uint32, 1, 1+strings.Count(d.src, "\n"))
		for i := 0; ; {
			k := strings.IndexByte(d.src[i:], '\n')
			if k < 0 {
				break
			}
			i += k + 1
			starts = append(starts, uint32(i))
		}
		d.line.starts = starts
	})
	return d.line.starts
}

// Position gives line and column, counted from 1; 0, 0 for the zero Node.
func (n Node) Position() (line, column int) {
	if n.d == nil {
		return 0, 0
	}
	if n.d.at != nil {
		p := n.d.at[n.i]
		return int(p.line), int(p.column)
	}
	return n.d.lineColumn(int(n.d.tape[n.i].start))
}

func (d *Doc) lineColumn(offset int) (line, column int) {
	starts := d.lineStarts()
	k := sort.Search(len(starts), func(i int) bool { return int(starts[i]) > offset })
	return k, offset - int(starts[k-1]) + 1
}

// Line gives the text of a line, counted from 1, without its end.
func (d *Doc) Line(line int) string {
	starts := d.lineStarts()
	if line < 1 || line > len(starts) {
		return ""
	}
	text := d.src[starts[line-1]:]
	if k := strings.IndexByte(text, '\n'); k >= 0 {
		text = text[:k]
	}
	return strings.TrimSuffix(text, "\r")
}

func offsetPosition(src string, offset int) (line, column int) {
	offset = min(offset, len(src))
	line = 1 + strings.Count(src[:offset], "\n")
	return line, offset - strings.LastIndexByte(src[:offset], '\n')
}
