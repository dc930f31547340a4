package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server"
	"plimsoll/server/queue"
)

// The environment of a server process that may be killed: the URL of its checkpoint, and
// a file that holds its time.
const (
	reportTo  = "PLIMSOLL_TEST_REPORT_TO"
	clockFile = "PLIMSOLL_TEST_CLOCK"
)

// killableLease is how long a job belongs to a process, by the time in the file.
const killableLease = time.Minute

// killableOptions has this process report what it does, and live by the time in a file.
// Nothing waits for time to pass: what fails is tried again at once.
func killableOptions(o server.Options) server.Options {
	o.Clock = clockIn(os.Getenv(clockFile))
	o.Log = zerolog.New(workReporter{os.Stderr}).Level(zerolog.InfoLevel)
	o.Replay = time.Hour // and when the process starts
	o.Queue = queue.Config{Lease: killableLease, Backoff: 1, MaxBackoff: 1, Poll: 20 * time.Millisecond}
	if _, isFile := o.Config.Database.SQLite(); isFile {
		reportSQLite()
	}
	return o
}

// clockIn is a clock that shows the time in a file.
func clockIn(file string) func() time.Time {
	return func() time.Time {
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		now, err := time.Parse(time.RFC3339Nano, string(text))
		if err != nil {
			panic(err)
		}
		return now
	}
}

// report tells the checkpoint what this process is about to do, and waits until it may.
func report(path string, what url.Values) {
	response, err := http.Get(os.Getenv(reportTo) + path + "?" + what.Encode())
	if err == nil {
		err = response.Body.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report to the checkpoint:", err)
	}
}

// workReporter is a log that reports when the work of a job has ended.
type workReporter struct{ log io.Writer }

func (w workReporter) Write(line []byte) (int, error) {
	n, err := w.log.Write(line)
	if !bytes.Contains(line, []byte(`"message":"worked"`)) {
		return n, err
	}
	var job struct {
		Job, Kind string
		Attempt   int
	}
	if err := json.Unmarshal(line, &job); err != nil {
		return n, err
	}
	kind, rest, _ := strings.Cut(job.Kind, "/")
	if kind == "event" {
		name, _, _ := strings.Cut(rest, "/")
		kind += " " + name
	}
	report("/worked", url.Values{"job": {job.Job}, "kind": {kind}, "attempt": {fmt.Sprint(job.Attempt)}})
	return n, err
}
