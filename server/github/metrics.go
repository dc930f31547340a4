package github

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

type clientMetrics struct {
	requests     *prometheus.CounterVec
	limits       *prometheus.CounterVec
	left         *prometheus.GaugeVec
	cacheEntries prometheus.GaugeFunc
	cacheBytes   prometheus.GaugeFunc
}

func newClientMetrics(c *Clients) *clientMetrics {
	gauge := func(name, help string, value func() float64) prometheus.GaugeFunc {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	return &clientMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "plimsoll_github_requests_total",
			Help: "Requests to GitHub by route template, class of status (error: no answer) and whether the HTTP cache's copy was still good (304).",
		}, []string{"route", "status", "cached"}),
		limits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "plimsoll_github_rate_limited_total",
			Help: "Requests that a rate limit refused, by kind and by who refused: GitHub, or this program before sending.",
		}, []string{"kind", "by"}),
		left: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "plimsoll_github_rate_remaining",
			Help: "What is left of an installation's hourly requests, as GitHub last said (0: the App itself).",
		}, []string{"installation"}),
		cacheEntries: gauge("plimsoll_github_http_cache_entries", "Answers in the HTTP cache.", func() float64 {
			entries, _ := c.responses.Stats()
			return float64(entries)
		}),
		cacheBytes: gauge("plimsoll_github_http_cache_bytes", "Size of the HTTP cache.", func() float64 {
			_, bytes := c.responses.Stats()
			return float64(bytes)
		}),
	}
}

func (m *clientMetrics) register(r prometheus.Registerer) error {
	for _, collector := range []prometheus.Collector{m.requests, m.limits, m.left, m.cacheEntries, m.cacheBytes} {
		if err := r.Register(collector); err != nil {
			return err
		}
	}
	return nil
}

func (m *clientMetrics) request(route string, status int, cached bool) {
	class := "error"
	if status > 0 {
		class = strconv.Itoa(status/100) + "xx"
	}
	m.requests.WithLabelValues(route, class, strconv.FormatBool(cached)).Inc()
}

func (m *clientMetrics) limited(l *RateLimited, before bool) {
	kind, by := "primary", "github"
	if l.Secondary {
		kind = "secondary"
	}
	if before {
		by = "plimsoll"
	}
	m.limits.WithLabelValues(kind, by).Inc()
}

func (m *clientMetrics) remaining(installation int64, n int) {
	m.left.WithLabelValues(strconv.FormatInt(installation, 10)).Set(float64(n))
}

func (m *clientMetrics) forget(installation int64) {
	m.left.DeleteLabelValues(strconv.FormatInt(installation, 10))
}
