package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"plimsoll/server/simulator/internal/description"
	"plimsoll/server/simulator/internal/model"
)

// call is one request on its way through the API.
type call struct {
	*Server
	request   *http.Request
	asked     *description.Operation
	operation operation
	vars      map[string]string // of the path
	body      []byte
	who       credentials
	repo      *model.Repository // of /repos/{owner}/{repo}/…
	stale     bool              // see Fault.Stale
}

// finish checks the answer, makes it conditional, sends and records it.
func (s *Server) finish(w http.ResponseWriter, c *call, exchange Exchange, result reply) {
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

// record checks an answer, makes it conditional, and notes it. It returns what is to be
// sent.
func (s *Server) record(h http.Header, c *call, exchange Exchange, result reply, raw []byte) (int, []byte) {
	s.github.Lock()
	defer s.github.Unlock()
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
	if c.asked != nil && result.raw == nil && !exchange.Fault {
		if problem := c.asked.CheckAnswer(c.request, c.body, result.status, h, raw); problem != nil {
			s.Violate("simulator: answer %d to %s: %v", result.status, exchange.Operation, problem)
		}
	}
	if exchange.NotModified {
		result.status, raw = http.StatusNotModified, nil
		h.Del("Content-Type")
	}
	exchange.Status, exchange.Bytes = result.status, len(raw)
	s.note(c, exchange)
	return result.status, raw
}

// note records a call and its answer.
func (s *Server) note(c *call, exchange Exchange) {
	exchange.Writes = c.request.Method != http.MethodGet
	exchange.Body = string(c.body)
	s.exchanges = append(s.exchanges, exchange)
}

// fail answers with a fault.
func (s *Server) fail(w http.ResponseWriter, c *call, exchange Exchange, fault *Fault) {
	if !fault.Close {
		s.finish(w, c, exchange, fault.reply())
		return
	}
	s.github.Lock()
	s.note(c, exchange)
	s.github.Unlock()
	panic(http.ErrAbortHandler)
}

// decode reads the body of a call, which was checked against the description.
func decode[T any](c *call) T {
	var value T
	if len(c.body) == 0 {
		return value
	}
	if err := json.Unmarshal(c.body, &value); err != nil {
		panic(fmt.Sprintf("simulator: decode body of %s: %v", c.asked.ID, err))
	}
	return value
}

// query is a parameter of the call's query.
func (c *call) query(name string) string { return c.request.URL.Query().Get(name) }

// idIn reads a number from the path of a call.
func (c *call) idIn(name string) int64 {
	n, _ := strconv.ParseInt(c.vars[name], 10, 64) // the description says it is a number
	return n
}

// Exchange is one call of the App and its answer.
type Exchange struct {
	At             time.Time
	Method, Path   string // below description.APIPath
	Query          string
	Route          string // GitHub's template of the path, "" outside the description
	Operation      string // GitHub's operationId
	Status         int    // 0: the connection was cut
	InstallationID int64  // whose token, 0: the App's own or none
	Conditional    bool   // If-None-Match was sent
	NotModified    bool   // and hit: not counted by GitHub
	Fault          bool   // the answer came from a Fault
	Writes         bool
	Body           string // of the request
	Bytes          int    // of the answer
}

// Exchanges lists all calls so far, oldest first.
func (s *Server) Exchanges() []Exchange { return s.exchanges }
