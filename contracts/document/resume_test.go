package document

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// sameReading asks that a text is read beside another one as it is read alone.
func sameReading(t *testing.T, old, text string) {
	t.Helper()
	limits := Limits{Depth: 50}
	like, err := Parse("x.json", []byte(old), limits)
	if err != nil {
		return
	}
	want, wantErr := Parse("x.json", []byte(text), limits)
	got, gotErr := ParseLike("x.json", []byte(text), limits, like)
	if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
		t.Fatalf("%q beside %q: got %v, want %v", text, old, gotErr, wantErr)
	}
	if wantErr == nil && (!slices.Equal(got.tape, want.tape) || !slices.Equal(got.refs, want.refs) || !slices.Equal(got.names, want.names)) {
		t.Fatalf("%q beside %q: got\n%v %v, want\n%v %v", text, old, got.tape, got.refs, want.tape, want.refs)
	}
}

var resumeSeeds = [][2]string{
	{`{"a": 1, "b": {"c": [1, 2, 3]}, "d": 2}`, `{"a": 1, "b": {"c": [1, 12, 3]}, "d": 2}`},
	{`{"a": 1, "b": {"c": [1, 2, 3]}, "d": 2}`, `{"a": 1, "b": {"c": [1, 2, 3]}, "d": 2}`},
	{`{"a": {"$ref": "#/a"}, "b": {"$ref": "#/b"}}`, `{"a": {"$ref": "#/a"}, "x": {}, "b": {"$ref": "#/b"}}`},
	{`{"a": {"$ref": "#/a"}, "b": 1}`, `{"a": {"$rex": "#/a"}, "b": 1}`},
	{`{"a": {"$rex": "#/a"}, "b": 1}`, `{"a": {"$ref": "#/a"}, "b": 1}`},
	{`{"a": {"$id": "x"}, "b": {"$anchor": "y"}, "c": {"$dynamicRef": "#y"}}`, `{"a": {"$id": "x"}, "z": {"$dynamicAnchor": "y"}, "b": {"$anchor": "y"}, "c": {"$dynamicRef": "#y"}}`},
	{`[{"a": 1}, [2], 3]`, `[["a", 1], [2], 3]`},
	{`[{"a": [1, 2]}]`, `[[{"a": [1, 2]}]]`},
	{`[[{"a": [1, 2]}]]`, `[{"a": [1, 2]}]`},
	{`{"a": "é"}`, `{"a": "è"}`},
	{`{"a": 1}`, `{"a": 1} x`},
	{`{"a": 1}`, ` {"a": 1}`},
	{`[1, 2]`, `[1, 2`},
	{`[12, 2]`, `[1, 2]`},
	{`["a\"b", "c"]`, `["a\\"b", "c"]`},
	{`["a", "b", "c"]`, `["a", "b", "b", "c"]`},
	{`{"a": 1, "b": 2}`, `{"a": 1, "b": 2, "b": 2}`},
	{`5`, `55`},
	{`{}`, `[]`},
}

func TestResume(t *testing.T) {
	for _, seed := range resumeSeeds {
		sameReading(t, seed[0], seed[1])
		sameReading(t, seed[1], seed[0])
	}
}

// TestResumeTakesOver: what is not new is taken over, not scanned again.
func TestResumeTakesOver(t *testing.T) {
	items := strings.Repeat(`{"a": [1, 2], "b": {"$ref": "#/0"}},`, 100)
	old := "[" + items + `{"x": 1},` + items + "0]"
	limits := Limits{Depth: 50}
	like, err := Parse("x.json", []byte(old), limits)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(old, `"x": 1`, `"yy": [1]`, 1)
	r := newResumption(like, text)
	d := &Doc{src: text}
	if err := parseJSON(d, limits, r); err != nil {
		t.Fatal(err)
	}
	if r.changed(text) != `yy": [1]` && r.changed(text) != `yy": [1` || r.tries != 3 {
		t.Errorf("%q was taken for new, in %d tries", r.changed(text), 4-r.tries)
	}
	sameReading(t, old, text)
}

// TestResumeEdits edits texts at random: pieces go, come and move.
func TestResumeEdits(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{`{`, `}`, `[`, `]`, `,`, `1`, `"`, `\`, ` `, `"$ref": "#/a"`, `"a": `, `{"b": [true]}`, `, 2`, `é`}
	const old = `{"a": {"$ref": "#/a", "b": [1, 2, {"c": null}]}, "d": [[], {}, "é\"x"], "e": {"f": {"g": {"$ref": "#/d"}}}, "h": [1, [2, [3, [4]]]]}`
	for range 20_000 {
		text := old
		for range 1 + random.IntN(3) {
			from := random.IntN(len(text) + 1)
			to := min(len(text), from+random.IntN(6))
			text = text[:from] + pieces[random.IntN(len(pieces))] + text[to:]
		}
		sameReading(t, old, text)
	}
}

// FuzzResume: a text is read beside another one as it is read alone.
func FuzzResume(f *testing.F) {
	for _, seed := range resumeSeeds {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(sameReading)
}
