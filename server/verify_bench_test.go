package server_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// standIn answers the questions of a verification as a Prometheus would that knows one
// quiet service: PromQL is not evaluated, so that what is measured is ours.
type standIn struct{ asked, bytes atomic.Int64 }

func (p *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Add(1)
	_ = r.ParseForm()
	query, number := r.Form.Get("query"), func(name string) float64 { n, _ := strconv.ParseFloat(r.Form.Get(name), 64); return n }
	value := func(at float64) string {
		wave := 1 + 0.3*math.Sin(at/86400*2*math.Pi) + 0.1*math.Sin(at/700)
		n := math.Round(1500 * wave)
		switch {
		case strings.HasPrefix(query, "max(count_over_time"):
			n = 40
		case strings.Contains(query, `"5.."`) && !strings.Contains(query, ">="):
			n = math.Round(3*wave + math.Mod(at/60, 3))
		case strings.Contains(query, `"4.."`) && !strings.Contains(query, ">="):
			n = 10
		case strings.Contains(query, "clamp_min"):
			n = math.Round(75 * wave)
		}
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	series := func(labels map[string]string, values ...any) map[string]any {
		if len(values) == 1 {
			return map[string]any{"metric": labels, "value": values[0]}
		}
		return map[string]any{"metric": labels, "values": values}
	}
	at := number("time")
	var data any
	switch {
	case strings.HasSuffix(r.URL.Path, "/values"):
		data = []string{"http_requests_total", "http_request_duration_seconds_bucket"}
	case strings.HasSuffix(r.URL.Path, "/query_range"):
		var values []any
		for t := number("start"); t <= number("end"); t += number("step") {
			values = append(values, []any{t, value(t)})
		}
		data = map[string]any{"resultType": "matrix", "result": []any{map[string]any{"metric": map[string]string{}, "values": values}}}
	case strings.HasPrefix(query, "sum by (le)"):
		data = map[string]any{"resultType": "vector", "result": []any{series(map[string]string{"le": "0.5"}, []any{at, "950"}), series(map[string]string{"le": "+Inf"}, []any{at, "1000"})}}
	default:
		data = map[string]any{"resultType": "vector", "result": []any{series(map[string]string{"code": "200", "route": "/orders", "method": "GET"}, []any{at, value(at)})}}
	}
	body, _ := json.Marshal(map[string]any{"status": "success", "data": data})
	p.bytes.Add(int64(len(body)))
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// BenchmarkVerifications watches many deployments at once, from their events to their
// verdicts: what one of them costs, the simulated GitHub and the metric server's
// stand-in included, and how much of a minute the looks of a minute take.
//
//	go test ./server -run xxx -bench Verifications -benchtime 1x
func BenchmarkVerifications(b *testing.B) {
	for _, n := range []int{1, 200} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				watchMany(b, n)
			}
		})
	}
}

func watchMany(b *testing.B, n int) {
	clock := &clock{now: testbedtest.Noon}
	running := &service{health: http.StatusOK}
	service, metrics := httptest.NewServer(running), &standIn{}
	defer service.Close()
	prometheus := httptest.NewServer(metrics)
	defer prometheus.Close()
	github := testbedtest.GitHubAt(b, clock.Now)
	s := testbedtest.Open(b, testbed.Options{
		DSN: storetest.SQLite(b), GitHub: github, Clock: clock.Now, Queue: queue.Config{Poll: 10 * time.Millisecond}, Unthrottled: true,
		Probes:      []config.Allowed{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}},
		Datasources: []config.Datasource{{Name: "default", Prometheus: config.URL(prometheus.URL)}},
	})
	repositories := make([]*simulator.Repository, n)
	file := strings.ReplaceAll(strings.ReplaceAll(measuredFile, "JOB", "orders"), `            - get: /version
              expect: {json: {sha: "{{deployment.sha}}"}}
`, "")
	for i := range repositories {
		repositories[i] = github.NewRepository(fmt.Sprintf("acme/orders-%d", i), simulator.RepositoryOptions{Private: true})
		repositories[i].CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": file})
	}
	github.Install("acme")
	s.Settle()
	requests, processor, began := len(github.Requests()), cpu(), time.Now()
	for _, repo := range repositories {
		d := repo.Deploy("production", "main", simulator.DeployOptions{Creator: "bob"})
		d.Status("success", service.URL)
	}
	s.Settle()
	first := time.Since(began)
	var peak, longest uint64
	for range 30 {
		clock.set(clock.Now().Add(time.Minute))
		due := time.Now()
		s.Settle()
		longest = max(longest, uint64(time.Since(due)))
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		peak = max(peak, memory.HeapInuse)
	}
	verified := 0
	for _, repo := range repositories {
		for _, run := range repo.Checks("main", "plimsoll/deploy") {
			if run.Conclusion == "success" {
				verified++
			}
		}
	}
	if verified != n {
		b.Fatalf("%d of %d are verified", verified, n)
	}
	per := func(x float64) float64 { return x / float64(n) }
	b.ReportMetric(per(float64(len(github.Requests())-requests)), "github-requests/verification")
	b.ReportMetric(per(float64(metrics.asked.Load())), "metric-queries/verification")
	b.ReportMetric(per(float64(metrics.bytes.Load())/1e6), "metric-MB/verification")
	b.ReportMetric(per((cpu() - processor).Seconds()), "cpu-s/verification")
	b.ReportMetric(first.Seconds(), "s-first-look-of-all")
	b.ReportMetric(time.Duration(longest).Seconds(), "s-longest-look-of-all")
	b.ReportMetric(float64(peak)/1e6, "heap-MB")
}

// cpu is the processor time of this process.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
