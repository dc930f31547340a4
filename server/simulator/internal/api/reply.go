package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"plimsoll/server/simulator/internal/payload"
)

// reply is an answer: a JSON body, or raw bytes, or nothing.
type reply struct {
	status int
	body   any
	raw    []byte
	header http.Header
}

func answer(status int, body any) reply {
	return reply{status: status, body: body, header: http.Header{}}
}

const documentation = "https://docs.github.com/rest"

// refuse is an error in GitHub's basic form.
func refuse(status int, message string) reply {
	return answer(status, payload.Object{"message": message, "documentation_url": documentation, "status": strconv.Itoa(status)})
}

// invalid is GitHub's 422. A resource, a field and a code say what is wrong.
func invalid(resource, field, code, message string) reply {
	fault := payload.Object{"resource": resource, "field": field, "code": code}
	if message != "" {
		fault["message"] = message
	}
	return answer(http.StatusUnprocessableEntity, payload.Object{
		"message": "Validation Failed", "errors": []any{fault}, "documentation_url": documentation, "status": "422",
	})
}

// malformed is GitHub's 422 for a request that its description does not allow.
func malformed(message string) reply {
	return answer(http.StatusUnprocessableEntity, payload.Object{
		"message": "Invalid request.\n\n" + message, "documentation_url": documentation, "status": "422",
	})
}

func notFound() reply { return refuse(http.StatusNotFound, "Not Found") }

// slice returns the page of a list that a call asks for, and its Link header.
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
	return c.github.BaseURL + u.String()
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

// paged answers a page of a list.
func paged[T any](c *call, items []T, each func(T) payload.Object) reply {
	part, link := slice(c, items)
	r := answer(200, payload.List(part, each))
	if link != "" {
		r.header.Set("Link", link)
	}
	return r
}

// counted answers a page of a list under a name, beside the total count.
func counted[T any](c *call, name string, items []T, each func(T) payload.Object) reply {
	part, link := slice(c, items)
	r := answer(200, payload.Object{"total_count": len(items), name: payload.List(part, each)})
	if link != "" {
		r.header.Set("Link", link)
	}
	return r
}
