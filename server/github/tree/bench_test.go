package tree

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"plimsoll/server/github"
	"plimsoll/server/github/githubtest"
	"testing"
)

// 100,000 entries, the most that GitHub lists at once: fetched, decoded, sorted.
func BenchmarkHugeTree(b *testing.B) {
	entries := make([]map[string]any, 100_000)
	for i := range entries {
		entries[i] = map[string]any{"path": fmt.Sprintf("services/%05d/deeply/nested/directory/file.yaml", i), "mode": "100644",
			"type": "blob", "sha": githubtest.SHA(fmt.Sprint(i)), "size": 10, "url": "https://api.github.com/repos/acme/orders/git/blobs/" + githubtest.SHA("same")}
	}
	body, err := json.Marshal(githubtest.TreeOf(entries...))
	if err != nil {
		b.Fatal(err)
	}
	f := githubtest.New(b).Tokens()
	f.HandleFunc("GET /repos/acme/orders/git/trees/{sha}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	trees := newTrees(b, f, func(c *github.Config, _ *Config) { c.PointsPerMinute = -1 })
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		if _, err := trees.Tree(b.Context(), githubtest.Orders, githubtest.SHA(fmt.Sprint("commit", i))); err != nil {
			b.Fatal(err)
		}
	}
}

// A contract of 12 MB: fetched and checked against its SHA, and at hand.
func BenchmarkLargeBlob(b *testing.B) {
	content := string(bytes.Repeat([]byte("0123456789abcdef"), 12<<16))
	f := githubtest.New(b).Tokens()
	f.ServeTree(githubtest.SHA("commit"), githubtest.TreeOf(githubtest.BlobEntry("api.json", content)))
	f.HandleFunc("GET /repos/acme/orders/git/blobs/{sha}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(content)) })
	for name, bytes := range map[string]int64{"fetched": 1, "at hand": 128 << 20} {
		b.Run(name, func(b *testing.B) {
			trees := newTrees(b, f, func(c *github.Config, r *Config) { c.PointsPerMinute, r.Bytes = -1, bytes })
			tree, err := trees.Tree(b.Context(), githubtest.Orders, githubtest.SHA("commit"))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tree.ReadFile(b.Context(), "api.json"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
