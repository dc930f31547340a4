// Package prometheustest starts a real Prometheus for a test: on a free port, with
// data that the test gives, gone with the test, however that ends.
//
// It is Debian's package prometheus (with promtool, which makes the blocks). Without
// it the test is skipped, or fails under CI=true.
package prometheustest

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

var errNotInstalled = errors.New("no Prometheus is installed: apt-get install prometheus")

// Start starts a Prometheus that holds the samples, in the OpenMetrics form with
// timestamps and with "# EOF" at its end, and scrapes nothing. It gives its URL.
func Start(tb testing.TB, samples string) (url string) {
	tb.Helper()
	return StartSecured(tb, samples, Security{})
}

// Security is how a Prometheus is protected. Zero: it is not.
type Security struct {
	// Files of its folder; web.yml is its web configuration.
	Files map[string]string
	// Client reaches it, with the user and password.
	Client             *http.Client
	Username, Password string
	// Arguments are further ones of its command line.
	Arguments []string
}

// StartSecured is [Start] of a Prometheus with TLS and a password.
func StartSecured(tb testing.TB, samples string, security Security) (url string) {
	tb.Helper()
	url, stop, err := start(samples, security)
	if errors.Is(err, errNotInstalled) && os.Getenv("CI") != "true" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(stop)
	return url
}

// supervisor starts the server and ends it, and removes its folder, when standard
// input is closed: which the kernel does when the test process ends, however.
const supervisor = `
folder=$1
shift
"$@" </dev/null >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -KILL $server
wait $server
cd / && rm -rf "$folder"
`

func start(samples string, security Security) (url string, stop func(), err error) {
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		return "", nil, errNotInstalled
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		return "", nil, errNotInstalled
	}
	folder, err := os.MkdirTemp("", "plimsoll-prometheus-")
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for Prometheus: %w", err)
	}
	if err := backfill(promtool, folder, samples, security.Files); err != nil {
		_ = os.RemoveAll(folder)
		return "", nil, err
	}
	// Somebody else may take the port between us and the server.
	for range 5 {
		if url, stop, err = serve(prometheus, folder, security); err == nil {
			return url, stop, nil
		}
	}
	_ = os.RemoveAll(folder)
	return "", nil, err
}

// backfill writes the configuration and the data.
func backfill(promtool, folder, samples string, files map[string]string) error {
	all := map[string]string{"prometheus.yml": "global: {scrape_interval: 15s}\n", "samples": samples}
	maps.Copy(all, files)
	for name, content := range all {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			return fmt.Errorf("write Prometheus' %s: %w", name, err)
		}
	}
	if samples == "" {
		return nil
	}
	blocks := exec.Command(promtool, "tsdb", "create-blocks-from", "--max-block-duration=744h", "openmetrics", filepath.Join(folder, "samples"), filepath.Join(folder, "data"))
	if out, err := blocks.CombinedOutput(); err != nil {
		return fmt.Errorf("promtool tsdb create-blocks-from: %w\n%s", err, out)
	}
	return nil
}

// serve starts the server on a free port and waits until it answers. Where it ends
// before, the folder is as it was.
func serve(prometheus, folder string, security Security) (url string, stop func(), err error) {
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	scheme, arguments := "http", []string{"-c", supervisor, "sh", folder, prometheus,
		"--config.file=" + filepath.Join(folder, "prometheus.yml"),
		"--storage.tsdb.path=" + filepath.Join(folder, "data"),
		"--storage.tsdb.retention.time=10y",
		"--web.listen-address=" + address}
	if security.Files != nil {
		scheme, arguments = "https", append(arguments, "--web.config.file="+filepath.Join(folder, "web.yml"))
	}
	command := exec.Command("/bin/sh", append(arguments, security.Arguments...)...)
	stdin, err := command.StdinPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start Prometheus: %w", err)
	}
	if err := command.Start(); err != nil {
		return "", nil, fmt.Errorf("start Prometheus: %w", err)
	}
	stop = func() {
		_ = stdin.Close()
		_ = command.Wait()
	}
	url = scheme + "://" + address
	if err := await(url, security); err != nil {
		log, _ := os.ReadFile(filepath.Join(folder, "log"))
		stop()
		return "", nil, fmt.Errorf("wait for Prometheus: %w\n%s", err, log)
	}
	return url, stop, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a port for Prometheus: %w", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func await(url string, security Security) error {
	client := security.Client
	if client == nil {
		client = &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	}
	request, err := http.NewRequest(http.MethodGet, url+"/-/ready", http.NoBody)
	if err != nil {
		return err
	}
	if security.Username != "" {
		request.SetBasicAuth(security.Username, security.Password)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		response, err := client.Do(request)
		if err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("it answers %s", response.Status)
		}
		if time.Now().After(end) {
			return err
		}
	}
}
