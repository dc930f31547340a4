package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestDecodeTree(t *testing.T) {
	const entry = `{"path":"a","mode":"100644","type":"blob","sha":"1","size":3,"url":"u"}`
	for text, want := range map[string]string{
		`{"sha":"s","url":"u","tree":[` + entry + `],"truncated":false}`:      "s [{a 100644 blob 1 3}] false",
		`{"truncated":true,"tree":[` + entry + "," + entry + `],"sha":"s"}`:   "s [{a 100644 blob 1 3} {a 100644 blob 1 3}] true",
		`{"sha":"s","tree":[],"truncated":false,"more":{"tree":[1,2],"x":1}}`: "s [] false",
		`{"sha":"s","tree":null}`:  "s [] false",
		`{}`:                       " [] false",
		`{"tree":[` + entry:        "EOF",
		`{"tree":[` + entry + `],`: "EOF",
		`{"tree":[{"path":`:        "unexpected EOF",
		`{"tree":{}}`:              "found { in place of a list",
		`{"tree":[1]}`:             "cannot unmarshal",
		`{"sha":7}`:                "cannot unmarshal",
		`{"truncated":"no"}`:       "cannot unmarshal",
		`[]`:                       "found [ in place of {",
		``:                         "EOF",
		`<html>`:                   "invalid character",
		`{"tree":[` + entry + `}`:  "invalid character",
	} {
		answer, err := decodeTree(strings.NewReader(text))
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(answer.SHA, " ", answer.Entries, " ", answer.Truncated)
		}
		if err == nil && got != want || err != nil && !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// A listing without an end is refused before it fills the memory.
func TestDecodeTreeWithoutEnd(t *testing.T) {
	entries := strings.Repeat(`{"type":"tree"},`, MaxFiles+1)
	_, err := decodeTree(strings.NewReader(`{"sha":"s","tree":[` + entries))
	if !errors.Is(err, ErrTooManyFiles) {
		t.Error(err)
	}
}

func FuzzDecodeTree(f *testing.F) {
	f.Add([]byte(`{"sha":"s","tree":[{"path":"../a","mode":"120000","type":"blob","sha":"1","size":-1}],"truncated":true}`))
	f.Add([]byte(`{"tree":null,"x":[[[]]]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		answer, err := decodeTree(strings.NewReader(string(text)))
		if err != nil {
			return
		}
		if len(answer.Entries) > MaxFiles {
			t.Errorf("%d entries", len(answer.Entries))
		}
		written, err := json.Marshal(map[string]any{"sha": answer.SHA, "tree": answer.Entries, "truncated": answer.Truncated})
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeTree(bytes.NewReader(written))
		if err != nil || again.SHA != answer.SHA || again.Truncated != answer.Truncated || !slices.Equal(again.Entries, answer.Entries) {
			t.Errorf("%s: %+v, %v, want %+v", written, again, err, answer)
		}
	})
}

func TestHashesTo(t *testing.T) {
	for _, test := range []struct{ content, sha string }{
		{"", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"},
		{"hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"},
		{"", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"},
	} {
		if !hashesTo([]byte(test.content), test.sha) {
			t.Errorf("%q is not %s", test.content, test.sha)
		}
		if hashesTo([]byte(test.content+"x"), test.sha) {
			t.Errorf("%q is %s", test.content+"x", test.sha)
		}
	}
}
