package github

import (
	"net/http"
	"plimsoll/server/github/githubtest"
	"testing"
)

// A small request through all layers, answered by 304.
func BenchmarkConditionalRequest(b *testing.B) {
	f := githubtest.New(b).Tokens()
	f.HandleFunc(pullPath, etagged(func(*http.Request) any { return pullAnswer(7, githubtest.SHA("head")) }))
	clients := newClients(b, f, func(c *Config) { c.PointsPerMinute = -1 })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := clients.PullRequest(b.Context(), githubtest.Orders, 7); err != nil {
			b.Fatal(err)
		}
	}
}
