package simulator

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// slice gives the page of a list that a call asks for, and the Link header for it.
func slice[T any](c *call, items []T) ([]T, string) {
	query := c.request.URL.Query()
	size := number(query.Get("per_page"), 30)
	size = min(max(size, 1), 100)
	page := max(number(query.Get("page"), 1), 1)
	last := max((len(items)+size-1)/size, 1)
	from := min((page-1)*size, len(items))
	to := min(from+size, len(items))

	var links []string
	add := func(rel string, n int) {
		links = append(links, fmt.Sprintf(`<%s>; rel="%s"`, c.again("page", strconv.Itoa(n)), rel))
	}
	if page > 1 {
		add("prev", page-1)
	}
	if page < last {
		add("next", page+1)
		add("last", last)
	}
	if page > 1 {
		add("first", 1)
	}
	return items[from:to], strings.Join(links, ", ")
}

// again is the address of the call with one parameter changed.
func (c *call) again(key, value string) string {
	query := c.request.URL.Query()
	query.Set(key, value)
	u := url.URL{Path: c.request.URL.Path, RawQuery: query.Encode()}
	return c.base + u.String()
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

// paged answers a page of a list.
func paged[T any](c *call, items []T, each func(T) object) reply {
	part, link := slice(c, items)
	r := answer(200, list(part, each))
	if link != "" {
		r.header.Set("Link", link)
	}
	return r
}

// counted answers a page of a list under a name, beside the total count.
func counted[T any](c *call, name string, items []T, each func(T) object) reply {
	part, link := slice(c, items)
	r := answer(200, object{"total_count": len(items), name: list(part, each)})
	if link != "" {
		r.header.Set("Link", link)
	}
	return r
}

// idIn reads a number from the path of a call.
func (c *call) idIn(name string) int64 {
	n, _ := strconv.ParseInt(c.vars[name], 10, 64) // the description says it is a number
	return n
}

func (c *call) query(name string) string { return c.request.URL.Query().Get(name) }
