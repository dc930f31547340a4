package simulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// call is one request of the App on its way through the simulator.
type call struct {
	*Simulator
	request   *http.Request
	route     *routers.Route
	operation operation
	vars      map[string]string
	body      []byte
	who       credentials
	repo      *Repository // of /repos/{owner}/{repo}/…
}

// maxRequest bounds what the simulator reads of a request.
const maxRequest = 32 << 20

func (s *Simulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	began := s.options.Clock()
	s.byID(r)
	c := &call{Simulator: s, request: r, body: body}
	exchange := Exchange{Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, APIPath), Query: r.URL.RawQuery, At: began}

	r.Body = io.NopCloser(bytes.NewReader(body))
	route, vars, err := s.description.router.FindRoute(r)
	if err != nil {
		s.mu.Lock()
		s.violate("%s %s: no operation of GitHub's that the simulator knows (%v)", r.Method, exchange.Path, err)
		s.mu.Unlock()
		s.finish(w, c, exchange, notFound())
		return
	}
	c.route, c.vars = route, unescape(vars)
	if b := route.Operation.RequestBody; b != nil && !b.Value.Required && string(bytes.TrimSpace(body)) == "null" {
		c.body = nil // GitHub takes null for no body, which is what ghinstallation sends
	}
	exchange.Operation, exchange.Route = route.Operation.OperationID, route.Path
	c.operation = operations[exchange.Operation]

	fault := s.faultFor(exchange.Operation, r)
	if fault != nil && fault.Before != nil {
		fault.Before()
	}
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
func (s *Simulator) byID(r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), APIPath+"/repositories/")
	if !ok {
		return
	}
	number, tail, nested := strings.Cut(rest, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return
	}
	s.mu.Lock()
	repo := s.repos[id]
	name := "-/-" // nobody's
	if repo != nil {
		name = repo.fullName()
	}
	s.mu.Unlock()
	to := APIPath + "/repos/" + name
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

func unescape(vars map[string]string) map[string]string {
	plain := map[string]string{}
	for key, value := range vars {
		if text, err := url.PathUnescape(value); err == nil {
			value = text
		}
		plain[key] = value
	}
	return plain
}

// dispatch does what the call asks, with the simulator locked.
func (s *Simulator) dispatch(c *call, exchange *Exchange) (result reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { // a fault of the simulator's fails the test that meets it
		if fault := recover(); fault != nil {
			s.violate("simulator: %s: %v\n%s", exchange.Operation, fault, debug.Stack())
			result = refuse(http.StatusInternalServerError, "Server Error")
		}
	}()
	who, err := s.authenticate(c.request.Header.Get("Authorization"))
	if err != nil {
		return refuse(http.StatusUnauthorized, err.Error())
	}
	c.who = who
	if who.token != nil {
		exchange.InstallationID = who.token.installation.id
	}
	if !c.operation.free {
		if refused := s.count(s.limitOf(who.limitKey()), c.request); refused != nil {
			return *refused
		}
	}
	if problem := s.description.checkRequest(c.request.Context(), c.validation()); problem != nil {
		s.violate("%s: %v", exchange.Operation, problem)
		return malformed(problem.Error())
	}
	if refused := c.authorize(); refused != nil {
		return *refused
	}
	if c.operation.git && len(c.repo.branches) == 0 {
		return refuse(http.StatusConflict, "Git Repository is empty.")
	}
	return c.operation.do(c)
}

func (c *call) validation() *openapi3filter.RequestValidationInput {
	c.request.Body = io.NopCloser(bytes.NewReader(c.body))
	vars := c.vars
	if path, has := vars["path"]; has && path == "" { // the root of a repository, which the description forgets
		vars = maps.Clone(vars)
		vars["path"] = "."
	}
	return &openapi3filter.RequestValidationInput{Request: c.request, PathParams: vars, Route: c.route, Options: validationOptions}
}

// finish checks the answer, makes it conditional, sends and records it.
func (s *Simulator) finish(w http.ResponseWriter, c *call, exchange Exchange, result reply) {
	raw := result.raw
	if raw == nil && result.body != nil {
		encoded, err := json.Marshal(result.body)
		if err != nil {
			panic(fmt.Sprintf("simulator: encode the answer to %s: %v", exchange.Operation, err))
		}
		raw = encoded
	}
	h := w.Header()
	if result.raw == nil && raw != nil {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	h.Set("X-GitHub-Api-Version-Selected", "2022-11-28")
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	status, raw := s.record(h, c, exchange, result, raw)
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may be gone
}

// record checks an answer, makes it conditional, and writes it down. It gives what
// is to be sent.
func (s *Simulator) record(h http.Header, c *call, exchange Exchange, result reply, raw []byte) (int, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.limitOf(c.who.limitKey())
	if c.request.Method == http.MethodGet && result.status == http.StatusOK {
		sum := sha256.Sum256(append([]byte(c.request.Header.Get("Authorization")+"\n"), raw...))
		tag := `W/"` + hex.EncodeToString(sum[:]) + `"`
		h.Set("ETag", tag)
		h.Set("Cache-Control", "private, max-age=60, s-maxage=60")
		h.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
		if match := c.request.Header.Get("If-None-Match"); match != "" {
			exchange.Conditional = true
			exchange.NotModified = strings.TrimPrefix(match, "W/") == strings.TrimPrefix(tag, "W/")
			if exchange.NotModified && !c.operation.free {
				l.used-- // a hit is not counted
			}
		}
	}
	if c.operation.do != nil {
		l.show(h)
	}
	maps.Copy(h, result.header)
	if c.route != nil && result.raw == nil && !exchange.Fault {
		if problem := s.checkAnswer(c, result.status, h, raw); problem != nil {
			s.violate("simulator: answer %d to %s: %v", result.status, exchange.Operation, problem)
		}
	}
	if exchange.NotModified {
		result.status, raw = http.StatusNotModified, nil
		h.Del("Content-Type")
	}
	exchange.Status, exchange.Bytes = result.status, len(raw)
	exchange.Writes = c.request.Method != http.MethodGet
	exchange.Body = string(c.body)
	s.exchanges = append(s.exchanges, exchange)
	return result.status, raw
}

// checkAnswer validates an answer. The content of a blob is left out: it is long,
// and its schema says no more than that it is text.
func (s *Simulator) checkAnswer(c *call, status int, h http.Header, raw []byte) error {
	if len(raw) > 1<<20 && c.route.Operation.OperationID == "git/get-blob" {
		var blob object
		if err := json.Unmarshal(raw, &blob); err != nil {
			return err
		}
		blob["content"] = ""
		raw, _ = json.Marshal(blob)
	}
	return s.description.checkResponse(c.request.Context(), c.validation(), status, h, raw)
}

// fail answers with a fault.
func (s *Simulator) fail(w http.ResponseWriter, c *call, exchange Exchange, fault *Fault) {
	if !fault.Close {
		s.finish(w, c, exchange, fault.reply())
		return
	}
	s.mu.Lock()
	exchange.Writes = c.request.Method != http.MethodGet
	exchange.Body = string(c.body)
	s.exchanges = append(s.exchanges, exchange)
	s.mu.Unlock()
	panic(http.ErrAbortHandler)
}

// decode reads the body of a call, which the description has been checked against.
func decode[T any](c *call) T {
	var value T
	if len(c.body) == 0 {
		return value
	}
	if err := json.Unmarshal(c.body, &value); err != nil {
		panic(fmt.Sprintf("simulator: decode body of %s: %v", c.route.Operation.OperationID, err))
	}
	return value
}
