package commands

import (
	"slices"
	"strings"
	"testing"
)

func TestCommandsIn(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want []string // name|rest
	}{
		"one":                       {"/plimsoll ack 9f1c02 because", []string{"ack|9f1c02 because"}},
		"nothing behind it":         {"/plimsoll", []string{"|"}},
		"Windows":                   {"hello\r\n/plimsoll recheck\r\n/plimsoll help\r\n", []string{"recheck|", "help|"}},
		"capitals":                  {"/Plimsoll RECHECK", []string{"recheck|"}},
		"spaces":                    {"/plimsoll   ack   all   it is fine  ", []string{"ack|all   it is fine"}},
		"not at the beginning":      {"please /plimsoll recheck\n /plimsoll recheck\n- /plimsoll recheck", nil},
		"another word":              {"/plimsolls recheck\n/plimsoll-ack all", nil},
		"quoted":                    {"> /plimsoll recheck\n>/plimsoll recheck", nil},
		"behind a quote":            {"> why?\n\n/plimsoll recheck", []string{"recheck|"}},
		"in a fence":                {"```\n/plimsoll recheck\n```", nil},
		"in a fence with a name":    {"```sh\n/plimsoll recheck\n```\n/plimsoll help", []string{"help|"}},
		"in tildes":                 {"~~~\n/plimsoll recheck\n```\n/plimsoll recheck\n~~~\n", nil},
		"in a longer fence":         {"````\n```\n/plimsoll recheck\n````\n/plimsoll help", []string{"help|"}},
		"in a fence never closed":   {"```\n/plimsoll recheck", nil},
		"a fence closed by text":    {"```\n``` x\n/plimsoll recheck", nil},
		"code within a line":        {"```x``` y\n/plimsoll recheck", []string{"recheck|"}},
		"hidden":                    {"<!--\n/plimsoll ack all x\n-->\n/plimsoll help", []string{"help|"}},
		"hidden, on several lines":  {"a <!-- b\n/plimsoll ack all x\nc --> d <!--\n/plimsoll ack all y\n-->", nil},
		"a comment that ends":       {"<!-- x -->\n/plimsoll help", []string{"help|"}},
		"preformatted":              {"<PRE>\n/plimsoll ack all x\n</pre>", nil},
		"quoted in HTML":            {"<blockquote>\n\n/plimsoll ack all x\n\n</blockquote>", nil},
		"a tag in the reason":       {"/plimsoll ack all we drop <pre> tags\n/plimsoll help", []string{"ack|all we drop <pre> tags"}},
		"nothing":                   {"", nil},
		"only the word in the text": {"see /plimsoll", nil},
	} {
		var got []string
		for _, c := range CommandsIn(test.body) {
			got = append(got, c.Name+"|"+c.Rest)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func FuzzCommandsIn(f *testing.F) {
	for _, body := range []string{"/plimsoll ack all x", "```\n/plimsoll help\n```", "<!-- /plimsoll\n-->", "~~~~\n", "````", "> x"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, c := range CommandsIn(body) {
			if strings.Contains(c.Line, "\n") || !strings.EqualFold(c.Line[:len(commandWord)], commandWord) {
				t.Errorf("%q gives %+v", body, c)
			}
		}
	})
}
