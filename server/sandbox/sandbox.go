// Package sandbox runs what can't be interrupted in a process of its own, which is ended
// at a limit of time or memory. The process is this program again.
package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"plimsoll/checks/readiness/kustomize"
)

// Config of New.
type Config struct {
	// Build is how long one build may take, All how long all builds of one evaluation.
	// Defaults 5 and 20 seconds.
	Build, All time.Duration
	// Processes is how many may run at once, of all installations. Default: half the
	// processors, and at least 2.
	Processes int
	// Memory is how much a process may use, in bytes. Default 512 MiB.
	Memory int64
	// Output is how long the results may be. Default 64 MiB.
	Output int64
}

func (c Config) withDefaults() Config {
	c.Build = cmp.Or(c.Build, 5*time.Second)
	c.All = cmp.Or(c.All, 20*time.Second)
	c.Processes = cmp.Or(c.Processes, max(2, runtime.NumCPU()/2))
	c.Memory = cmp.Or(c.Memory, 512<<20)
	c.Output = cmp.Or(c.Output, 64<<20)
	return c
}

// Sandbox builds kustomizations in processes of their own, one at a time for each
// installation.
type Sandbox struct {
	config  Config
	program string
	// slots are the processes that may run. A caller that waits for one holds the turn of an
	// installation, and those that wait are served in order: installations take turns.
	slots chan struct{}

	mu    sync.Mutex
	turns map[int64]*turn
}

// turn is the right to run a process for an installation.
type turn struct {
	taken chan struct{}
	// wanted is how many have it or wait for it.
	wanted int
}

// New makes a sandbox. The program has to call Serve when it starts.
func New(config Config) (*Sandbox, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program itself: %w", err)
	}
	config = config.withDefaults()
	return &Sandbox{config: config, program: program, slots: make(chan struct{}, config.Processes), turns: map[int64]*turn{}}, nil
}

// For gives a builder for one evaluation of an installation. All that it builds shares one
// budget: after something too expensive it builds nothing more.
func (s *Sandbox) For(installation int64) kustomize.Builder {
	return &builder{sandbox: s, installation: installation, left: s.config.All}
}

type builder struct {
	sandbox      *Sandbox
	installation int64

	mu   sync.Mutex
	left time.Duration
}

// Build implements [kustomize.Builder].
func (b *builder) Build(ctx context.Context, request kustomize.Request) ([]kustomize.Result, error) {
	if len(request.Folders) == 0 {
		return nil, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left <= 0 {
		return slices.Repeat([]kustomize.Result{{Limit: kustomize.NotReached}}, len(request.Folders)), nil
	}
	release, err := b.sandbox.take(ctx, b.installation)
	if err != nil {
		return nil, fmt.Errorf("wait for another build: %w", err)
	}
	defer release()
	began := time.Now()
	results, err := b.sandbox.run(ctx, request, b.left)
	if err != nil {
		return nil, fmt.Errorf("build kustomizations: %w", err)
	}
	if b.left -= time.Since(began); slices.ContainsFunc(results, func(r kustomize.Result) bool { return r.Limit != "" }) {
		b.left = 0
	}
	return results, nil
}

// take waits until no process runs for an installation, and one more may run at all.
func (s *Sandbox) take(ctx context.Context, installation int64) (release func(), err error) {
	s.mu.Lock()
	t := s.turns[installation]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		s.turns[installation] = t
	}
	t.wanted++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if t.wanted--; t.wanted == 0 {
			delete(s.turns, installation)
		}
	}
	select {
	case t.taken <- struct{}{}:
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots; <-t.taken; leave() }, nil
	case <-ctx.Done():
		<-t.taken
		leave()
		return nil, ctx.Err()
	}
}

// The variables that make a program the process of a sandbox, and its limits.
const (
	marker       = "PLIMSOLL_SANDBOX"
	markerMemory = "PLIMSOLL_SANDBOX_MEMORY"
	markerTime   = "PLIMSOLL_SANDBOX_SECONDS"
)

// run runs a process and reads its results. Those that it owes when it is ended are limits.
func (s *Sandbox) run(ctx context.Context, request kustomize.Request, most time.Duration) ([]kustomize.Result, error) {
	if os.Getenv(marker) != "" {
		return nil, errors.New("this is the process of a sandbox already: the program does not call sandbox.Serve first")
	}
	process, stop := context.WithTimeout(ctx, most)
	defer stop()
	cmd := exec.CommandContext(process, s.program)
	// Nothing of the environment: it may hold secrets.
	cmd.Env = []string{
		marker + "=1", fmt.Sprintf("%s=%d", markerMemory, s.config.Memory), fmt.Sprintf("%s=%d", markerTime, int(s.config.All/time.Second)+1),
		"GOMAXPROCS=2", fmt.Sprintf("GOMEMLIMIT=%d", s.config.Memory*3/4),
	}
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		// A process that ended before it read everything gives no results.
		_ = json.NewEncoder(in).Encode(request)
		_ = in.Close()
	}()
	results, began := s.collect(io.LimitReader(out, s.config.Output), len(request.Folders), stop)
	stop()
	ended := cmd.Wait() // it was stopped, or ended by itself
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !began {
		return nil, fmt.Errorf("the process for it did not begin: %w", cmp.Or(ended, errors.New("it is another program")))
	}
	for limit := kustomize.TooExpensive; len(results) < len(request.Folders); limit = kustomize.NotReached {
		results = append(results, kustomize.Result{Limit: limit})
	}
	return results, nil
}

// hello is what a process says once its limits are set.
const hello = "sandbox"

// collect reads results until there are enough, the process ends, or one takes too long:
// then it calls stop.
func (s *Sandbox) collect(out io.Reader, want int, stop func()) (results []kustomize.Result, began bool) {
	decoder := json.NewDecoder(out)
	var said string
	if err := decoder.Decode(&said); err != nil || said != hello {
		return nil, false
	}
	late := time.AfterFunc(s.config.Build, stop)
	defer late.Stop()
	for ; len(results) < want; late.Reset(s.config.Build) {
		var result kustomize.Result
		if err := decoder.Decode(&result); err != nil {
			break
		}
		results = append(results, result)
	}
	return results, true
}

// Serve is the process of a sandbox, where the program was started as one: it does not
// return then. Call it first of all.
func Serve() {
	if os.Getenv(marker) == "" {
		return
	}
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(in io.Reader, out io.Writer) error {
	memory, err := strconv.ParseInt(os.Getenv(markerMemory), 10, 64)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseUint(os.Getenv(markerTime), 10, 32)
	if err != nil {
		return err
	}
	// Where the server was killed, nobody else ends this process.
	time.AfterFunc(time.Duration(seconds)*time.Second, func() { os.Exit(1) })
	debug.SetMaxStack(64 << 20)
	if err := limit(uint64(memory), seconds); err != nil {
		return fmt.Errorf("set limits: %w", err)
	}
	results := json.NewEncoder(out)
	if err := results.Encode(hello); err != nil {
		return err
	}
	var request kustomize.Request
	if err := json.NewDecoder(in).Decode(&request); err != nil {
		return err
	}
	return kustomize.Each(request, func(result kustomize.Result) error { return results.Encode(result) })
}
