package document

import (
	"sort"
	"strings"
	"sync"
)

// lineTable holds the number of line ends before every block of the text, made
// when first asked for. A start for every line would cost more than the few
// places that are ever asked for.
type lineTable struct {
	once sync.Once
	ends []uint32
}

// lineBlock is how many bytes of text a line table's entry stands for.
const lineBlock = 4096

func (d *Doc) lineEnds() []uint32 {
	d.line.once.Do(func() {
		ends := make([]uint32, 1, 1+len(d.src)/lineBlock)
		for at := lineBlock; at <= len(d.src); at += lineBlock {
			ends = append(ends, ends[len(ends)-1]+uint32(strings.Count(d.src[at-lineBlock:at], "\n")))
		}
		d.line.ends = ends
	})
	return d.line.ends
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

// source gives the document in which the position of the node is.
func (n Node) source() *Doc {
	switch {
	case n.d == nil || n.d.sources == nil:
		return n.d
	case n.d.from != nil:
		return n.d.sources[n.d.from[n.i]]
	}
	return n.d.sources[0]
}

// File gives the file of the position; "" for the zero Node. A document that was made from
// several files has nodes of each.
func (n Node) File() string {
	if d := n.source(); d != nil {
		return d.File
	}
	return ""
}

// TextOf gives the text of a line of one of the files that the document was made from, or of
// itself; false if the file is none of them.
func (d *Doc) TextOf(file string, line int) (string, bool) {
	for _, source := range d.sources {
		if source.File == file {
			return source.Line(line), true
		}
	}
	if d.File == file && d.sources == nil {
		return d.Line(line), true
	}
	return "", false
}

func (d *Doc) lineColumn(offset int) (line, column int) {
	block := offset / lineBlock
	line = 1 + int(d.lineEnds()[block]) + strings.Count(d.src[block*lineBlock:offset], "\n")
	return line, offset - d.lineStart(line) + 1
}

// lineStart gives the offset at which a line starts, counted from 1; -1 where
// there is none. However long the lines are, it looks at one block.
func (d *Doc) lineStart(line int) int {
	if line <= 1 {
		return line - 1
	}
	ends := d.lineEnds()
	block := sort.Search(len(ends), func(i int) bool { return int(ends[i]) >= line-1 }) - 1
	start := block * lineBlock
	for skip := line - 1 - int(ends[block]); skip > 0; skip-- {
		k := strings.IndexByte(d.src[start:], '\n')
		if k < 0 {
			return -1
		}
		start += k + 1
	}
	return start
}

// Line gives the text of a line, counted from 1, without its end.
func (d *Doc) Line(line int) string {
	start, end := d.lineStart(line), d.lineStart(line+1)-1
	if start < 0 {
		return ""
	}
	if end < 0 {
		end = len(d.src)
	}
	return strings.TrimSuffix(d.src[start:end], "\r")
}

func offsetPosition(src string, offset int) (line, column int) {
	offset = min(offset, len(src))
	line = 1 + strings.Count(src[:offset], "\n")
	return line, offset - strings.LastIndexByte(src[:offset], '\n')
}
