package intake_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"plimsoll/server/intake"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// The variables that make this test binary a server: the database, the file in
// which finished deliveries are noted, and "slow" where jobs wait to be killed.
const (
	childDSN  = "PLIMSOLL_CRASH_DSN"
	childLog  = "PLIMSOLL_CRASH_LOG"
	childMode = "PLIMSOLL_CRASH_MODE"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(childDSN); dsn != "" {
		if err := serveChild(dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// childHandler notes each delivery that it handled: one line, one write.
type childHandler struct {
	routed
	log  *os.File
	slow bool
	done atomic.Int64
}

func (*childHandler) Handles() []string { return []string{"pull_request"} }

func (h *childHandler) Handle(ctx context.Context, _, delivery string, _ []byte) error {
	if h.slow && h.done.Add(1) > 5 {
		fmt.Println("busy")
		<-ctx.Done()
		return ctx.Err()
	}
	_, err := fmt.Fprintln(h.log, delivery)
	return err
}

// serveChild is the server: it prints its address, takes webhooks, does jobs, and
// ends on SIGTERM.
func serveChild(dsn string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, err := store.Open(ctx, store.Options{DSN: dsn})
	if err != nil {
		return err
	}
	q, err := queue.New(s, queue.Config{Workers: 4, Poll: 50 * time.Millisecond, Grace: 50 * time.Millisecond})
	if err != nil {
		return err
	}
	log, err := os.OpenFile(os.Getenv(childLog), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	handler := &childHandler{log: log, slow: os.Getenv(childMode) == "slow"}
	in, err := intake.New(intake.Config{Secrets: []string{secret}}, handler, s, q)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: in, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	fmt.Println(listener.Addr())
	if err := q.Run(ctx); err != nil {
		return err
	}
	return errors.Join(server.Shutdown(context.Background()), s.Close())
}

// child is a running server.
type child struct {
	cmd  *exec.Cmd
	out  *bufio.Reader
	url  string
	errs *bytes.Buffer
}

func startChild(t *testing.T, dsn, log, mode string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.Command(self), errs: &bytes.Buffer{}}
	c.cmd.Env = append(os.Environ(), childDSN+"="+dsn, childLog+"="+log, childMode+"="+mode)
	c.cmd.Stderr = c.errs
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	})
	c.out = bufio.NewReader(out)
	c.url = "http://" + c.line(t)
	return c
}

func (c *child) line(t *testing.T) string {
	t.Helper()
	line, err := c.out.ReadString('\n')
	if err != nil {
		t.Fatalf("read from the server: %v\n%s", err, c.errs)
	}
	return strings.TrimSpace(line)
}

// TestNothingIsLostWhenTheServerEnds sends events to a server that gets stuck in
// some of them, ends it, and starts it again: every event is handled, once.
func TestNothingIsLostWhenTheServerEnds(t *testing.T) {
	for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGKILL": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				const events = 40
				log := filepath.Join(t.TempDir(), "handled")
				first := startChild(t, dsn, log, "slow")
				for i := range events {
					first.send(t, i)
				}
				first.line(t) // both workers that one installation may have are stuck in a job
				first.line(t)
				if err := first.cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				if err := first.cmd.Wait(); (err == nil) != (signal == syscall.SIGTERM) {
					t.Fatalf("the server ended with %v\n%s", err, first.errs)
				}
				if lines := handled(t, log); len(lines) >= events {
					t.Fatalf("%d events were handled before the end", len(lines))
				}
				storetest.EndLeases(t, dsn)
				startChild(t, dsn, log, "")
				times := awaitHandled(t, log, events)
				for i := range events {
					if n := times[fmt.Sprintf("d-%d", i)]; n != 1 {
						t.Errorf("event %d was handled %d times", i, n)
					}
				}
			})
		})
	}
}

func (c *child) send(t *testing.T, i int) {
	t.Helper()
	r := request("pull_request", fmt.Sprintf("d-%d", i), fmt.Sprintf(`{"pull":%d}`, i))
	out, err := http.NewRequestWithContext(t.Context(), r.Method, c.url+"/api/github/hook", r.Body)
	if err != nil {
		t.Fatal(err)
	}
	out.Header = r.Header
	answer, err := http.DefaultClient.Do(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("event %d: %s", i, answer.Status)
	}
}

func handled(t *testing.T, log string) []string {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

// awaitHandled polls, because it is another process that works, and gives how
// often each delivery was handled.
func awaitHandled(t *testing.T, log string, events int) map[string]int {
	t.Helper()
	times := map[string]int{}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		clear(times)
		for _, delivery := range handled(t, log) {
			times[delivery]++
		}
		if len(times) == events {
			return times
		}
	}
	t.Errorf("%d of %d events were handled within two minutes", len(times), events)
	return times
}
