package server_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll/server/simulator"
)

// checkpoint stands between one server process and everything outside of it, and stops
// the process at a moment.
type checkpoint struct {
	*events
	github  *simulator.Simulator
	url     string // the process reaches GitHub and reports what it does here
	address string // the process listens here
	// database is the URL at which the process reaches its database.
	database string
	killed   chan<- *checkpoint
	held     chan<- *checkpoint
	release  <-chan struct{} // sends when a held answer may go on

	mu      sync.Mutex
	process *process
	open    bool             // the process lives
	inside  int              // requests that have not ended
	worked  map[attempt]bool // whose work has ended
}

// attempt is one attempt at a job.
type attempt struct {
	Job     string
	Attempt int
}

func newCheckpoint(t *testing.T, k *killable) *checkpoint {
	c := &checkpoint{
		events: k.events, github: k.github, address: freeAddress(t), database: k.dsn,
		killed: k.killed, held: k.held, release: k.release, worked: map[attempt]bool{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/commit", func(_ http.ResponseWriter, r *http.Request) { abortIf(c.commits(r.URL.Query()["table"])) })
	mux.HandleFunc("/worked", func(_ http.ResponseWriter, r *http.Request) { abortIf(c.works(r.URL.Query())) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { abortIf(c.asksGitHub(w, r)) })
	c.url = listen(t, mux)
	if k.replicas {
		c.database = c.listenForPostgres(t, k.dsn)
	}
	return c
}

// abortIf cuts the connection of a process that was killed.
func abortIf(killed bool) {
	if killed {
		panic(http.ErrAbortHandler)
	}
}

// start lets a process pass that is being started.
func (c *checkpoint) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = true
}

// started takes note of the process.
func (c *checkpoint) started(p *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process = p
}

// last gives the process, or the one that was killed.
func (c *checkpoint) last() *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.process
}

// stop lets the process pass no more.
func (c *checkpoint) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = false
}

// lives reports whether the process lives.
func (c *checkpoint) lives() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

// kill ends the process with SIGKILL. Requests that it sent before still run to their end;
// none is served later, when another process may have looked for its effect.
func (c *checkpoint) kill() {
	c.stop()
	p := c.last()
	_ = p.command.Process.Kill()
	_ = p.command.Wait() // the error says that it was killed
	c.killed <- c
}

// enter lets a request in and reports whether it may go on.
func (c *checkpoint) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open {
		c.inside++
	}
	return c.open
}

func (c *checkpoint) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inside--
}

// empty reports whether every request has ended.
func (c *checkpoint) empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inside == 0
}

// asksGitHub passes a request to GitHub, and reports whether the process was killed.
// Requests for tokens and for failed deliveries are not events: they change nothing that
// anybody sees.
func (c *checkpoint) asksGitHub(w http.ResponseWriter, r *http.Request) (killed bool) {
	body, err := io.ReadAll(r.Body)
	if err != nil || !c.enter() {
		return true
	}
	defer c.leave()
	r = r.WithContext(context.WithoutCancel(r.Context()))
	r.Body = io.NopCloser(bytes.NewReader(body))
	writes, how := r.Method != http.MethodGet, ""
	if !strings.HasPrefix(r.URL.Path, simulator.APIPath+"/app") {
		how = c.meet(writes, requestName(r, body))
	}
	if how == killBefore {
		c.kill()
		return true
	}
	answer := httptest.NewRecorder()
	c.github.ServeHTTP(answer, r)
	switch how {
	case killAfter:
		c.kill()
		return true
	case overtake:
		c.held <- c
		<-c.release
	}
	if writes {
		// Webhooks about the write arrive before its answer, so that jobs are queued in
		// the same order in every run.
		_ = c.github.Flush(r.Context()) // fails only when the context ends, which it does not
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // fails when another request's moment has killed the process
	return false
}

// commits is called before a transaction is committed. It reports whether the process was
// killed. Transactions of the queue and the intake alone are not events: what happens between
// them is between two other events as well.
func (c *checkpoint) commits(tables []string) (killed bool) {
	var names []string
	for _, table := range tables {
		if !slices.Contains(queueTables, table) {
			names = append(names, commitTo+table)
		}
	}
	slices.Sort(names)
	killed = len(names) > 0 && c.meet(true, names...) != ""
	if killed {
		c.kill()
	}
	return killed
}

var queueTables = []string{"jobs", "deliveries", "pauses", "watermarks"}

// works is called when the work of a job has ended and before that is stored. It reports
// whether the process was killed.
func (c *checkpoint) works(job url.Values) (killed bool) {
	kind := job.Get("kind")
	killed = !slices.Contains(periodicKinds, kind) && c.meet(true, endOf+kind) != ""
	if killed {
		c.kill()
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.worked[attempt{job.Get("job"), number(job.Get("attempt"))}] = true
	return false
}

// periodicKinds are jobs that the server queues by itself.
var periodicKinds = []string{"replay", "gates", "queue.prune"}

// hasWorked reports whether the work of an attempt has ended.
func (c *checkpoint) hasWorked(a attempt) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.worked[a]
}

// balancer hands requests to the servers in turn. It skips a server that does not answer,
// as a load balancer does; if no server answers, the request fails.
type balancer struct {
	servers []*checkpoint

	mu   sync.Mutex
	turn int
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	b.mu.Lock()
	b.turn++
	turn := b.turn
	b.mu.Unlock()
	for i := range b.servers {
		request := r.Clone(r.Context())
		request.RequestURI, request.Body = "", io.NopCloser(bytes.NewReader(body))
		request.URL.Scheme, request.URL.Host = "http", b.servers[(turn+i)%len(b.servers)].address
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue
		}
		answer, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			continue
		}
		w.WriteHeader(response.StatusCode)
		_, _ = w.Write(answer) // the client waits for it
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}
