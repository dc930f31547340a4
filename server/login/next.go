package login

import (
	"net/url"
	"path"
	"strings"
)

// home is where people go who came for nothing else.
const home = "/"

// longestNext bounds the page that somebody is sent to after the login.
const longestNext = 2 << 10

// localPath gives a page of this server, as a path with its query; home for anything that a
// browser could take for another host, and for the pages of the login itself.
func localPath(next string) string {
	if len(next) > longestNext || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return home
	}
	for _, r := range next {
		if r < ' ' || r == 0x7f || r == '\\' || r == '\uFFFD' {
			return home // browsers leave out some of them, and read \ as /
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return home
	}
	clean := path.Clean(u.Path)
	if strings.HasSuffix(u.Path, "/") && clean != "/" {
		clean += "/"
	}
	switch {
	case clean != u.Path, strings.ContainsAny(u.Path, "\\\x00\r\n\t"):
		return home // dots, doubled slashes, or such things in an encoded form
	case u.Path == LogoutPath, u.Path == Path, strings.HasPrefix(u.Path, Path+"/"):
		return home
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}
