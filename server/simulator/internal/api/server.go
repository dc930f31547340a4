// Package api answers the operations of GitHub's REST API that the description knows: who
// calls, what they may do, limits, scripted faults, and one handler for each operation. It
// checks every request and every answer against the description and records what was
// asked and what was wrong.
//
// It must not know of Plimsoll: it evaluates the App from outside. Handlers change the model
// only through it, under its lock.
package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"plimsoll/server/simulator/internal/description"
	"plimsoll/server/simulator/internal/hook"
	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

// The limits of GitHub Apps, per installation: requests an hour, and requests that create
// content a minute.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
const (
	PrimaryLimit = 5000
	ContentLimit = 80
)

// Options of New.
type Options struct {
	// Clock gives the time of calls.
	Clock func() time.Time
	// TreeLimit is the number of entries above which a recursive tree is truncated.
	TreeLimit int
	// EnforceLimits refuses calls above PrimaryLimit and ContentLimit.
	EnforceLimits bool
}

// Server is the API. Its state is guarded by the model's lock.
type Server struct {
	github      *model.GitHub
	payload     *payload.Builder
	hook        *hook.Hook
	description *description.Description
	options     Options

	faults     []*Fault
	limits     map[int64]*limit
	exchanges  []Exchange
	violations []string
}

// New returns the API of a GitHub.
func New(github *model.GitHub, builder *payload.Builder, hook *hook.Hook, described *description.Description, o Options) *Server {
	return &Server{github: github, payload: builder, hook: hook, description: described, options: o, limits: map[int64]*limit{}}
}

// Violations lists what was wrong with the traffic.
func (s *Server) Violations() []string { return s.violations }

// Violate records something that was wrong.
func (s *Server) Violate(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

// maxRequest bounds what the simulator reads of a request.
const maxRequest = 32 << 20

// ServeHTTP answers a call below description.APIPath.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	began := s.options.Clock()
	s.byID(r)
	c := &call{Server: s, request: r, body: body}
	exchange := Exchange{Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, description.APIPath), Query: r.URL.RawQuery, At: began}

	r.Body = io.NopCloser(bytes.NewReader(body))
	asked, err := s.description.Find(r)
	if err != nil {
		s.github.Lock()
		s.Violate("%s %s: no operation of GitHub's that the simulator knows (%v)", r.Method, exchange.Path, err)
		s.github.Unlock()
		s.finish(w, c, exchange, notFound())
		return
	}
	c.asked, c.vars = asked, asked.Vars
	if asked.BodyIsOptional() && string(bytes.TrimSpace(body)) == "null" {
		c.body = nil // GitHub takes null for no body, which is what ghinstallation sends
	}
	exchange.Operation, exchange.Route = asked.ID, asked.Path
	c.operation = operations[asked.ID]

	fault := s.faultFor(exchange.Operation, r)
	if fault != nil && fault.Before != nil {
		fault.Before()
	}
	c.stale = fault != nil && fault.Stale
	if fault != nil && !fault.After && (fault.Close || fault.Status != 0) {
		exchange.Fault = true
		s.fail(w, c, exchange, fault)
		return
	}
	result := s.dispatch(c, &exchange)
	if fault != nil && fault.After {
		exchange.Fault = true
		s.fail(w, c, exchange, fault)
		return
	}
	s.finish(w, c, exchange, result)
}

// byID turns /repositories/ID/… into /repos/OWNER/NAME/…, as GitHub serves both.
func (s *Server) byID(r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), description.APIPath+"/repositories/")
	if !ok {
		return
	}
	number, tail, nested := strings.Cut(rest, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return
	}
	s.github.Lock()
	name := "-/-" // of no repository
	if repo := s.github.RepositoryByID(id); repo != nil {
		name = repo.FullName()
	}
	s.github.Unlock()
	to := description.APIPath + "/repos/" + name
	if nested {
		to += "/" + tail
	}
	plain, err := url.PathUnescape(to)
	if err != nil {
		return
	}
	changed := *r.URL
	changed.Path, changed.RawPath = plain, to
	r.URL = &changed
}

// dispatch does what the call asks, with the model locked.
func (s *Server) dispatch(c *call, exchange *Exchange) (result reply) {
	s.github.Lock()
	defer s.github.Unlock()
	defer func() { // a fault of the simulator fails the test that meets it
		if fault := recover(); fault != nil {
			s.Violate("simulator: %s: %v\n%s", exchange.Operation, fault, debug.Stack())
			result = refuse(http.StatusInternalServerError, "Server Error")
		}
	}()
	who, err := s.authenticate(c.request.Header.Get("Authorization"))
	if err != nil {
		return refuse(http.StatusUnauthorized, err.Error())
	}
	c.who = who
	if who.token != nil {
		exchange.InstallationID = who.token.Installation.ID
	}
	if !c.operation.free {
		if refused := s.count(s.limitOf(who.limitKey()), c.request); refused != nil {
			return *refused
		}
	}
	if problem := c.asked.CheckRequest(c.request, c.body); problem != nil {
		s.Violate("%s: %v", exchange.Operation, problem)
		return malformed(problem.Error())
	}
	if refused := c.authorize(); refused != nil {
		return *refused
	}
	if c.operation.git && len(c.repo.Branches) == 0 {
		return refuse(http.StatusConflict, "Git Repository is empty.")
	}
	return c.operation.do(c)
}
