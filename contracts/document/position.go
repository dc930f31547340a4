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

func (d *Doc) lineColumn(offset int) (line, column int) {
	block := offset / lineBlock
	line = 1 + int(d.lineEnds()[block]) + strings.Count(d.src[block*lineBlock:offset], "\n")
	return line, offset - d.lineStart(line, offset) + 1
}

// lineStart gives the offset at which a line starts that reaches to the offset.
func (d *Doc) lineStart(line, offset int) int {
	if line == 1 {
		return 0
	}
	block := offset / lineBlock
	if k := strings.LastIndexByte(d.src[block*lineBlock:offset], '\n'); k >= 0 {
		return block*lineBlock + k + 1
	}
	// the first block behind the line's start, however long the line is
	block = sort.Search(block, func(i int) bool { return int(d.line.ends[i]) >= line-1 })
	from := (block - 1) * lineBlock
	return from + strings.LastIndexByte(d.src[from:block*lineBlock], '\n') + 1
}

// Line gives the text of a line, counted from 1, without its end.
func (d *Doc) Line(line int) string {
	if line < 1 {
		return ""
	}
	// the last block that begins in that line or before it
	ends := d.lineEnds()
	block := sort.Search(len(ends), func(i int) bool { return int(ends[i]) >= line }) - 1
	start := block * lineBlock
	for skip := line - 1 - int(ends[block]); skip > 0; skip-- {
		k := strings.IndexByte(d.src[start:], '\n')
		if k < 0 {
			return ""
		}
		start += k + 1
	}
	text, _, _ := strings.Cut(d.src[d.lineStart(line, start):], "\n")
	return strings.TrimSuffix(text, "\r")
}

func offsetPosition(src string, offset int) (line, column int) {
	offset = min(offset, len(src))
	line = 1 + strings.Count(src[:offset], "\n")
	return line, offset - strings.LastIndexByte(src[:offset], '\n')
}
