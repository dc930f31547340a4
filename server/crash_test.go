package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/config"
	"plimsoll/server"
	"plimsoll/server/sandbox"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// asServer in the environment makes the test's program the server of an operator's
// environment, so that it can be killed.
const asServer = "PLIMSOLL_TEST_AS_SERVER"

// unthrottled in the environment leaves out that server's care for the limits on how
// fast it may ask.
const unthrottled = "PLIMSOLL_TEST_UNTHROTTLED"

func TestMain(m *testing.M) {
	sandbox.Serve()
	if os.Getenv(asServer) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serve() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	conf, err := config.LoadServer("", os.Getenv)
	if err != nil {
		return err
	}
	conf.Accounts = []config.Account{config.EveryAccount}
	options := server.Options{Config: conf, Log: zerolog.New(os.Stderr), Reconcile: -1, Sweep: -1, Replay: time.Second, Queue: brisk(), Unthrottled: os.Getenv(unthrottled) != ""}
	if os.Getenv(reportTo) != "" {
		options = killableOptions(options)
	}
	s, err := server.New(ctx, options)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// process is a server in a process of its own.
type process struct {
	command *exec.Cmd
	admin   string // the URL of its metrics
	log     *bytes.Buffer
	quiet   bool // its log is not shown
}

// startProcess starts a server on an address, with more in its environment, and waits
// until it is ready. A test that fails shows its log.
func startProcess(t *testing.T, github *simulator.Simulator, dsn, address string, environment ...string) *process {
	t.Helper()
	key := filepath.Join(t.TempDir(), "app.pem")
	if err := os.WriteFile(key, github.PrivateKeyPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	admin := freeAddress(t)
	p := &process{command: exec.Command(os.Args[0]), admin: "http://" + admin, log: &bytes.Buffer{}}
	p.command.Stderr = p.log
	p.command.Env = append(os.Environ(), asServer+"=1",
		"PLIMSOLL_LISTEN="+address, "PLIMSOLL_ADMIN_LISTEN="+admin, "PLIMSOLL_PUBLIC_URL=http://"+address, "PLIMSOLL_DATABASE="+dsn,
		"PLIMSOLL_GITHUB_WEB_URL="+github.URL(), "PLIMSOLL_GITHUB_V3_API_URL="+github.APIURL(),
		fmt.Sprintf("PLIMSOLL_GITHUB_APP_INTEGRATION_ID=%d", github.AppID()),
		"PLIMSOLL_GITHUB_APP_PRIVATE_KEY_FILE="+key, "PLIMSOLL_GITHUB_APP_WEBHOOK_SECRETS="+github.WebhookSecret())
	p.command.Env = append(p.command.Env, environment...)
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.command.Process.Kill() // it may have ended
		_ = p.command.Wait()
		if t.Failed() && !p.quiet {
			t.Logf("the server's log:\n%s", p.log)
		}
	})
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		response, err := http.Get("http://" + address + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return p
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server did not become ready: %v", err)
		}
	}
}

// patience is how long something may take on a slow machine.
const patience = 2 * time.Minute

func (p *process) end(t *testing.T, how os.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(how); err != nil {
		t.Fatal(err)
	}
	_ = p.command.Wait() // killed: an error by intent
}

// addresses counts the addresses that freeAddress has given.
var addresses atomic.Uint32

// freeAddress gives an address that nobody listens on, nor will: each has a loopback
// address of its own, where the system has more than one, because a port that is free now
// may be the local end of somebody's connection a moment later.
func freeAddress(t *testing.T) string {
	t.Helper()
	pid, n := os.Getpid(), addresses.Add(1)
	listener, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 1+pid>>8%255, pid%256, 1+n%254))
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// A server that ends in the middle of its work, in order or by kill -9, leaves
// nothing undone and nothing done twice after the next start.
func TestServerEndsInTheMiddle(t *testing.T) {
	for name, how := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "kill -9": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				github := testbedtest.GitHubAt(t, time.Now)
				address := freeAddress(t)
				github.SetHook("http://" + address + server.HookPath)
				first := startProcess(t, github, dsn, address)
				const pulls = 15
				shop := shopAndWeb(github)
				awaitRegistered(t, first, 2)
				opened := openMany(shop, pulls)
				// Some are answered; the others wait for check runs that are never made.
				goOn := hold(t, github, simulator.Fault{Operation: "checks/create", Skip: 6, Close: true})
				if err := first.command.Process.Signal(how); err != nil {
					t.Fatal(err)
				}
				goOn()
				_ = first.command.Wait() // the error says how it ended
				storetest.EndLeases(t, dsn)
				startProcess(t, github, dsn, address)
				awaitAnswered(t, opened)
				for _, pull := range opened {
					if len(pull.Checks(onContracts)) != 1 || pull.Checks(onContracts)[0].Conclusion != "failure" {
						t.Errorf("expected one failing check:\n%s", github.Render(pull))
					}
				}
				if runs := countRuns(github); !maps.Equal(runs, each(pulls)) {
					t.Errorf("the check runs %v were made for %d pull requests", runs, pulls)
				}
				awaitComments(t, opened)
			})
		})
	}
}

// shopAndWeb makes a provider with a consumer and installs the App.
func shopAndWeb(github *simulator.Simulator) (shop *simulator.Repository) {
	shop = github.NewRepository("acme/shop", simulator.RepositoryOptions{Private: true})
	shop.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	web := github.NewRepository("acme/web", simulator.RepositoryOptions{Private: true})
	web.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": webFile})
	github.Install("acme")
	return shop
}

// awaitRegistered waits until the server's metrics tell that it has read that many
// repositories.
func awaitRegistered(t *testing.T, p *process, repositories int) {
	t.Helper()
	awaitMetric(t, p.admin, fmt.Sprintf(`plimsoll_queue_runs_total{kind="register",outcome="done"} %d`, repositories))
}

// awaitMetric waits until the server's metrics have a line.
func awaitMetric(t *testing.T, url, line string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		response, err := http.Get(url + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		metrics, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(metrics, []byte(line+"\n")) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server's metrics never had %s:\n%s", line, metrics)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// openMany opens pull requests that break the consumer, all at once.
func openMany(shop *simulator.Repository, n int) []*simulator.PullRequest {
	opened := make([]*simulator.PullRequest, n)
	var opening sync.WaitGroup
	for i := range opened {
		opening.Go(func() { opened[i] = shopPull(shop, fmt.Sprintf("change-%03d", i)) })
	}
	opening.Wait()
	return opened
}

func shopPull(shop *simulator.Repository, branch string) *simulator.PullRequest {
	shop.CommitAs("ana", branch, "Change "+branch, map[string]string{"openapi.yaml": without("price"), "note.txt": branch})
	return shop.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
}

// hold waits until there is a call that a fault names, and holds all such calls until they
// may go on.
func hold(t *testing.T, github *simulator.Simulator, calls simulator.Fault) (goOn func()) {
	t.Helper()
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	calls.Times = simulator.Always
	calls.Before = func() {
		once.Do(func() { close(reached) })
		<-release
	}
	remove := github.Fault(calls)
	goOn = sync.OnceFunc(func() {
		remove()
		close(release)
	})
	t.Cleanup(goOn)
	select {
	case <-reached:
	case <-time.After(patience):
		t.Fatalf("there was no such call after %d others: %s %s", calls.Skip, calls.Operation, calls.Path)
	}
	return goOn
}

// awaitAnswered waits until every pull request has its check runs.
func awaitAnswered(t *testing.T, pulls []*simulator.PullRequest) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for _, pull := range pulls {
		for len(pull.Checks(onContracts, onReadiness)) < 2 {
			if time.Now().After(deadline) {
				t.Fatalf("%s was not answered", pull.URL())
			}
			time.Sleep(2 * time.Millisecond)
		}
	}
}

func awaitComments(t *testing.T, pulls []*simulator.PullRequest) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for _, pull := range pulls {
		for len(pull.Comments()) == 0 && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
		}
		if comments := pull.Comments(); len(comments) != 1 {
			t.Errorf("%s has %d comments, expected one", pull.URL(), len(comments))
		}
	}
}
