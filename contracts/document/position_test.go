package document

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestLines: lines, and places in them, are found in texts with lines shorter and
// longer than a block of the line table, and with line ends at its edges.
func TestLines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	long := strings.Repeat("x", 3*lineBlock)
	texts := []string{"", "\n", "a", "a\r\nb", long, "\n" + long + "\n", long[:lineBlock-1] + "\n" + long[:lineBlock-1] + "\n", strings.Repeat("\n", 2*lineBlock)}
	for range 20 {
		var b strings.Builder
		for b.Len() < 3*lineBlock {
			b.WriteString(long[:random.IntN(1<<random.IntN(14))])
			b.WriteByte('\n')
		}
		texts = append(texts, b.String())
	}
	for _, text := range texts {
		d := &Doc{src: text}
		lines := strings.Split(text, "\n")
		offset := 0
		for i, want := range lines {
			if got := d.Line(i + 1); got != strings.TrimSuffix(want, "\r") {
				t.Fatalf("line %d of %d bytes: got %d bytes, want %d", i+1, len(text), len(got), len(want))
			}
			for _, column := range []int{1, len(want)/2 + 1, len(want) + 1} {
				if gotLine, gotColumn := d.lineColumn(offset + column - 1); gotLine != i+1 || gotColumn != column {
					t.Fatalf("%d:%d of %d bytes: got %d:%d", i+1, column, len(text), gotLine, gotColumn)
				}
			}
			offset += len(want) + 1
		}
		if got := d.Line(0) + d.Line(-1) + d.Line(len(lines)+1) + d.Line(len(lines)+lineBlock); got != "" {
			t.Errorf("lines that are not there: %q", got)
		}
	}
}
