package readiness

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// Snippet is text to paste into a file of the repository.
type Snippet struct {
	// File that it goes into; it may not exist yet.
	File string
	// After is the line behind which it goes, counted from 1; 0: at the top of the
	// file, or a new file.
	After int
	// Replaces is how many lines behind After it takes the place of.
	Replaces int
	// Text is whole lines, indented as they stand there.
	Text string
	// Loose: Text shows what belongs there, and a person has to adapt it. Either the file is
	// written in a form that lines can't be put into (all on one line, in braces), or the
	// lines are right only if the program does its part.
	Loose bool
}

// Paste gives the file's content with the snippet in it, its lines ended as the file's
// first one is. A line behind the file's end means its end.
func (s Snippet) Paste(content []byte) []byte {
	lines := bytes.SplitAfter(content, []byte("\n"))
	if n := len(lines); n > 0 && len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	after := min(s.After, len(lines))
	rest := min(after+s.Replaces, len(lines))
	end, text := "\n", strings.TrimSuffix(s.Text, "\n")+"\n"
	if len(lines) > 0 && bytes.HasSuffix(lines[0], []byte("\r\n")) {
		end, text = "\r\n", strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	var out bytes.Buffer
	for _, line := range lines[:after] {
		out.Write(line)
	}
	if after > 0 && !bytes.HasSuffix(lines[after-1], []byte("\n")) {
		out.WriteString(end)
	}
	out.WriteString(text)
	for _, line := range lines[rest:] {
		out.Write(line)
	}
	return out.Bytes()
}

// indented gives lines moved to the right by so many blanks; empty lines stay empty.
func indented(text string, blanks int) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			out.WriteString(strings.Repeat(" ", blanks))
		}
		out.WriteString(line)
	}
	if !strings.HasSuffix(text, "\n") {
		out.WriteByte('\n')
	}
	return out.String()
}

// Edit is what findings together ask for at one place of a file.
type Edit struct {
	Snippet
	// Components are the names of those it fixes something of, in the order of the
	// findings.
	Components []string
	// Of are the findings' own snippets that it stands for.
	Of []Snippet
}

// Edits gives the edits of findings as one for each place, sorted by file and line: all
// of them can be pasted at once, see [PasteAll]. Equal snippets are put in once.
// Of those that go to the same lines the YAML mappings and lists are merged, so that no
// key stands there twice; of other texts for one place (a whole file, an instruction)
// the first is taken, as they do the same thing. Not among them are loose snippets, and
// those that change lines which another one replaces.
func Edits(findings []Compared) []Edit {
	var places []*placed
	at := map[Snippet]*placed{}
	for _, finding := range findings {
		for _, s := range finding.Fix {
			if s.Loose {
				continue
			}
			key := Snippet{File: s.File, After: s.After, Replaces: s.Replaces}
			p := at[key]
			if p == nil {
				p = &placed{place: key}
				at[key], places = p, append(places, p)
			}
			p.add(s.Text, finding.Component)
		}
	}
	slices.SortFunc(places, func(a, b *placed) int { return a.place.order(b.place) })
	var all []Edit
	for _, p := range places {
		if last := len(all) - 1; last >= 0 && all[last].overlaps(p.place) {
			continue
		}
		all = append(all, p.edit())
	}
	return all
}

// PasteAll gives a file's content with all those of the snippets in it that are for the
// file; they are as [Edits] gives them.
func PasteAll(file string, content []byte, snippets []Snippet) []byte {
	for _, s := range slices.Backward(slices.SortedFunc(slices.Values(snippets), Snippet.order)) {
		if s.File == file && !s.Loose {
			content = s.Paste(content)
		}
	}
	return content
}

// order is by file, then line; what goes before a line stands before what replaces it.
func (s Snippet) order(o Snippet) int {
	return cmp.Or(strings.Compare(s.File, o.File), cmp.Compare(s.After, o.After), cmp.Compare(s.Replaces, o.Replaces))
}

// overlaps tells whether a later snippet of the order changes lines that this one
// replaces.
func (s Snippet) overlaps(later Snippet) bool {
	return s.File == later.File && s.Replaces > 0 && later.After < s.After+s.Replaces
}

// placed is what findings put at one place.
type placed struct {
	place Snippet // without a text
	// texts differ from each other; by are the components of each.
	texts []string
	by    [][]string
}

func (p *placed) add(text, component string) {
	i := slices.Index(p.texts, text)
	if i < 0 {
		i = len(p.texts)
		p.texts, p.by = append(p.texts, text), append(p.by, nil)
	}
	if !slices.Contains(p.by[i], component) {
		p.by[i] = append(p.by[i], component)
	}
}

// edit makes one of all texts, as far as they go together.
func (p *placed) edit() Edit {
	taken := []int{0}
	text := p.texts[0]
	if len(p.texts) > 1 {
		text, taken = p.merged()
	}
	edit := Edit{Snippet: p.place}
	edit.Text = text
	for _, i := range taken {
		own := p.place
		own.Text = p.texts[i]
		edit.Of = append(edit.Of, own)
		for _, name := range p.by[i] {
			if !slices.Contains(edit.Components, name) {
				edit.Components = append(edit.Components, name)
			}
		}
	}
	return edit
}

// mostMerged bounds how many texts for one place are merged; what is behind them is for
// the next time.
const mostMerged = 500

// merged gives the texts as one, and which of them are in it. Mappings and lists are
// merged with those that begin in the same column. What is further to the right goes
// first: it belongs to what stands above, and what is further to the left would end
// that. The items of a list may stand in the column of the next key, and go before it.
func (p *placed) merged() (text string, taken []int) {
	var blocks []*block
	for i, each := range p.texts[:min(len(p.texts), mostMerged)] {
		b := parseBlock(each)
		if b == nil {
			continue
		}
		same := slices.IndexFunc(blocks, func(o *block) bool { return o.column == b.column && o.list == b.list })
		switch {
		case same >= 0:
			blocks[same].merge(b)
		case len(blocks) > 0 && p.place.Replaces > 0:
			continue // only one thing can stand in place of a line
		default:
			blocks = append(blocks, b)
		}
		taken = append(taken, i)
	}
	if len(blocks) == 0 {
		for i := range p.texts {
			taken = append(taken, i) // the others say the same in other words
		}
		return p.texts[0], taken
	}
	slices.SortStableFunc(blocks, func(a, b *block) int {
		if order := cmp.Compare(b.column, a.column); order != 0 || a.list == b.list {
			return order
		}
		if a.list {
			return -1
		}
		return 1
	})
	var out strings.Builder
	for _, b := range blocks {
		b.write(&out, b.column)
	}
	return out.String(), taken
}
