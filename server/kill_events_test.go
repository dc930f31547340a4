package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"plimsoll/server/simulator"
)

// moment is an event in the life of a server, and what happens to the server there.
type moment struct {
	event string // such as "POST /repos/acme/shop/check-runs plimsoll/contracts"
	n     int    // 2 is the second event of that name in a run
	how   string
}

func (m moment) String() string { return fmt.Sprintf("%s %s (%d)", m.how, m.event, m.n) }

// What happens to a server at an event.
const (
	// killBefore: it is killed before the event has an effect.
	killBefore = "killed before"
	// killAfter: it is killed after the effect, before it learns of it.
	killAfter = "killed after"
	// overtake: it waits for an answer until its lease is over and another attempt has done
	// the job; then it gets the answer, which is old, and goes on.
	overtake = "overtaken at"
)

// Events other than requests.
const (
	commitTo = "commit to " // a table
	endOf    = "end of "    // a job of a kind
)

// events counts what the servers do in a run, and says when the moment has come.
type events struct {
	mu     sync.Mutex
	counts map[string]int // by name; nil: nothing is counted
	seen   []event
	moment *moment // nil: none, or it has come
	spared bool
	total  int // in all runs
}

// event is one that was seen.
type event struct {
	name   string
	n      int
	writes bool // to GitHub or to the database
}

// begin counts from 1 again; m may be nil.
func (e *events) begin(m *moment) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.counts, e.seen, e.moment = map[string]int{}, nil, m
}

// end counts no more.
func (e *events) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.counts, e.moment = nil, nil
}

// unharmed does something during which nothing is counted.
func (e *events) unharmed(do func()) {
	e.spare(true)
	defer e.spare(false)
	do()
}

func (e *events) spare(spared bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.spared = spared
}

// meet counts an event under each of its names, and says what happens to the server: ""
// lets it go on.
func (e *events) meet(writes bool, names ...string) (how string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.total++
	if e.counts == nil || e.spared {
		return ""
	}
	for i, name := range names {
		e.counts[name]++
		if i == 0 {
			e.seen = append(e.seen, event{name, e.counts[name], writes})
		}
		if m := e.moment; m != nil && m.event == name && m.n == e.counts[name] {
			how, e.moment = m.how, nil
		}
	}
	return how
}

// passed counts the events of all runs: while it does not change, nothing happens.
func (e *events) passed() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.total
}

// dropBefore forgets the events of the last run before the first one of a name, and
// reports whether there is one; "" forgets none.
func (e *events) dropBefore(name string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	first := slices.IndexFunc(e.seen, func(seen event) bool { return name == "" || seen.name == name })
	e.seen = e.seen[max(first, 0):]
	return first >= 0
}

// kills lists the moments at which to kill a server, by the events of the last run.
//
// What a process leaves behind is the database and GitHub. Both change at commits and at
// requests that write, and only there. So a process that is killed before a commit or a
// write, or after a write, has left everything that it can leave behind:
//   - Before or after a request that reads, it leaves the same as before the next commit.
//   - Soon after the answer to a write, it has not stored the answer yet: that is before
//     the next commit. Or it has: that is before the commit or write that follows.
//   - After the last commit of a job, that the job is done is not stored: that is the end
//     of the job.
//
// all adds the requests that read, to check just that.
func (e *events) kills(all bool) []moment {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []moment
	for _, seen := range e.seen {
		if !seen.writes && !all {
			continue
		}
		list = append(list, moment{seen.name, seen.n, killBefore})
		if !strings.HasPrefix(seen.name, commitTo) && !strings.HasPrefix(seen.name, endOf) {
			list = append(list, moment{seen.name, seen.n, killAfter})
		}
	}
	return list
}

// reads lists the requests to GitHub that read what may change, by the events of the last
// run, each with what happens to the server there.
func (e *events) reads(how string) []moment {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []moment
	for _, seen := range e.seen {
		if !seen.writes && !strings.HasSuffix(seen.name, ofService) && !strings.Contains(seen.name, "/git/") {
			list = append(list, moment{seen.name, seen.n, how})
		}
	}
	return list
}

// count counts the events of the last run whose name begins like that.
func (e *events) count(prefix string) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, seen := range e.seen {
		if strings.HasPrefix(seen.name, prefix) {
			n++
		}
	}
	return n
}

// ofService ends the names of probes.
const ofService = " of the service"

// requestName names a request by what it is about, without what differs between runs.
func requestName(r *http.Request, body []byte) string {
	name := r.Method + " " + strings.TrimPrefix(r.URL.Path, simulator.APIPath)
	name = commitID.ReplaceAllString(name, "SHA")
	name = numberInPath.ReplaceAllString(name, "/N")
	var about struct{ Name string } // of a check run
	if json.Unmarshal(body, &about) == nil && about.Name != "" {
		name += " " + about.Name
	}
	return name
}

var (
	commitID     = regexp.MustCompile(`\b[0-9a-f]{40}\b`)
	numberInPath = regexp.MustCompile(`/\d+`)
)

// number reads a number that the test has written.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}
