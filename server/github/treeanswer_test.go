package github

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/contracts"
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

// A listing without end is given up, and not kept in memory until then.
func TestDecodeTreeWithoutEnd(t *testing.T) {
	entries := strings.Repeat(`{"type":"tree"},`, MaxFiles+1)
	_, err := decodeTree(strings.NewReader(`{"sha":"s","tree":[` + entries))
	if _, ok := err.(*contracts.Problem); !ok {
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
		found := new(listing)
		for _, e := range answer.Entries {
			found.add(e, "")
		}
		found.sort()
		for _, file := range found.files {
			if got, ok := found.file(file.Path); !ok || got != file {
				t.Errorf("%q is listed and not found", file.Path)
			}
			if strings.Contains(file.Path, "..") && strings.Contains("/"+file.Path+"/", "/../") || strings.HasPrefix(file.Path, "/") {
				t.Errorf("%q leads out", file.Path)
			}
		}
	})
}
