package pulls

import (
	"fmt"
	"strings"
	"testing"
)

func TestLinksInAText(t *testing.T) {
	many := ""
	for i := range 30 {
		many += fmt.Sprintf("Depends-on: acme/web#%d\n", i+1)
	}
	tests := []struct{ name, body, want string }{
		{"one", "Depends-on: acme/web#481", "acme/web#481"},
		{"two words", "depends on: acme/web#481", "acme/web#481"},
		{"an address", "Depends-on: https://git.example/acme/web/pull/481/files", "acme/web#481"},
		{"an address of another server", "Depends-on: https://github.com/acme/web/pull/481", ""},
		{"several lines and several on one", "x\nDepends-on: acme/web#1, acme/web#2\nDEPENDS-ON:acme/app#3 ", "acme/web#1 acme/web#2 acme/app#3"},
		{"carriage returns", "a\r\nDepends-on: acme/web#1\r\nb", "acme/web#1"},
		{"each once", "Depends-on: acme/web#1\nDepends-on: ACME/web#1", "acme/web#1"},
		{"not in the middle of a line", "This depends-on: acme/web#1", ""},
		{"not a quoted line", "> Depends-on: acme/web#1", ""},
		{"not in code", "```\nDepends-on: acme/web#1\n```\n~~~~\nDepends-on: acme/web#2\n~~~~\nDepends-on: acme/web#3", "acme/web#3"},
		{"not in a comment", "<!-- for example:\nDepends-on: acme/web#1\n-->\nDepends-on: acme/web#2", "acme/web#2"},
		{"no names that could lead elsewhere", "Depends-on: ../web#1\nDepends-on: acme/web/x#1\nDepends-on: acme/web#0\nDepends-on: acme/web#99999999999\nDepends-on: #4", ""},
		{"words around it", "Depends-on: the shop, acme/web#1", "acme/web#1"},
		{"ten at the most", many, "acme/web#1 acme/web#2 acme/web#3 acme/web#4 acme/web#5 acme/web#6 acme/web#7 acme/web#8 acme/web#9 acme/web#10"},
		{"nothing", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, link := range linksIn(test.body, "https://git.example") {
				got = append(got, fmt.Sprintf("%s/%s#%d", link.owner, link.name, link.number))
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("found %q, expected %q", got, test.want)
			}
		})
	}
}
