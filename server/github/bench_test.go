package github

import (
	"net/http"
	"testing"
)

// A small request through all layers, answered by 304.
func BenchmarkConditionalRequest(b *testing.B) {
	f := newFake(b).tokens()
	f.HandleFunc(pullPath, etagged(func(*http.Request) any { return pullAnswer(7, sha("head")) }))
	clients := newClients(b, f, func(c *Config) { c.PointsPerMinute = -1 })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := clients.PullRequest(b.Context(), orders, 7); err != nil {
			b.Fatal(err)
		}
	}
}
