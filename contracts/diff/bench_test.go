package diff

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// realPairs are two versions each of real contracts.
var realPairs = filepath.Join("..", "..", "..", "shared", "data", "specs")

// eachPair runs a benchmark for every real contract that is here.
func eachPair(b *testing.B, bench func(b *testing.B, dir, base, head string)) {
	dirs, err := os.ReadDir(realPairs)
	if err != nil {
		b.Skip("the real contracts (shared/data/specs) are not here; the generated ones are measured below")
	}
	for _, d := range dirs {
		dir := filepath.Join(realPairs, d.Name())
		for _, ext := range []string{"json", "yaml"} {
			if _, err := os.Stat(filepath.Join(dir, "base."+ext)); err == nil {
				b.Run(d.Name(), func(b *testing.B) { bench(b, dir, "base."+ext, "head."+ext) })
			}
		}
		if multi := filepath.Join(dir, "base", "DigitalOcean-public.v2.yaml"); d.IsDir() {
			if _, err := os.Stat(multi); err == nil {
				b.Run(d.Name(), func(b *testing.B) {
					bench(b, dir, "base/DigitalOcean-public.v2.yaml", "head/DigitalOcean-public.v2.yaml")
				})
			}
		}
	}
}

// wide are the limits of `plimsoll check`.
var wide = openapi.LoadOptions{Limits: openapi.Limits{Files: 20_000}}

// BenchmarkCompareReal reads both versions and compares them, as `plimsoll check`
// does.
func BenchmarkCompareReal(b *testing.B) {
	eachPair(b, func(b *testing.B, dir, base, head string) {
		changes := 0
		for b.Loop() {
			old, err := openapi.Load(b.Context(), folder(dir), base, wide)
			if err != nil {
				b.Fatal(err)
			}
			now, err := openapi.Load(b.Context(), folder(dir), head, wide)
			if err != nil {
				b.Fatal(err)
			}
			changes = len(mustCompare(b, old, now).found)
		}
		b.ReportMetric(float64(changes), "changes")
	})
}

// BenchmarkServerReal judges a new head beside a base that is in the cache, as the
// server does. "scans" is how many times longer that takes than reading the head
// alone (BenchmarkScanReal): at most 3 where one operation changed.
func BenchmarkServerReal(b *testing.B) {
	eachPair(b, func(b *testing.B, dir, base, head string) {
		opts := wide
		scan := time.Duration(0)
		for b.Loop() {
			b.StopTimer()
			opts.Cache, opts.Like = openapi.NewCache(0), nil
			mustLoadWith(b, folder(dir), base, opts)
			data, err := os.ReadFile(filepath.Join(dir, head))
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			if _, err := document.Parse(head, data, document.Limits{Depth: 20_000}); err != nil {
				b.Fatal(err)
			}
			scan += time.Since(start)
			b.StartTimer()
			opts.Like = mustLoadWith(b, folder(dir), base, opts)
			mustCompare(b, opts.Like, mustLoadWith(b, folder(dir), head, opts))
		}
		b.ReportMetric(float64(b.Elapsed())/float64(scan), "scans")
	})
}

func mustLoadWith(tb testing.TB, src contracts.Source, file string, opts openapi.LoadOptions) *openapi.Contract {
	tb.Helper()
	c, err := openapi.Load(tb.Context(), src, file, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// BenchmarkScanReal reads the head alone.
func BenchmarkScanReal(b *testing.B) {
	eachPair(b, func(b *testing.B, dir, _, head string) {
		data, err := os.ReadFile(filepath.Join(dir, head))
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := document.Parse(head, data, document.Limits{Depth: 20_000}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// generated writes a contract of n operations over n/4 shared schemas, each of
// which refers to the next two.
func generated(n int, leaf string) string {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{`)
	schemas := max(n/4, 4)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"/r%d/{id}":{"get":{"operationId":"get%d","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],`+
			`"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/S%d"}}}}}}}`, i, i, i%schemas)
	}
	b.WriteString(`},"components":{"schemas":{`)
	for i := range schemas {
		if i > 0 {
			b.WriteByte(',')
		}
		kind := "string"
		if i == schemas-1 {
			kind = leaf
		}
		fmt.Fprintf(&b, `"S%d":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"value":{"type":%q},"next":{"$ref":"#/components/schemas/S%d"},"other":{"type":"array","items":{"$ref":"#/components/schemas/S%d"}}}}`,
			i, kind, min(i+1, schemas-1), min(i+2, schemas-1))
	}
	b.WriteString("}}}")
	return b.String()
}

// generatedConsumers use three operations each, with the fields that they read.
func generatedConsumers(consumers, operations int) []contracts.Consumer {
	list := make([]contracts.Consumer, consumers)
	for i := range list {
		use := func(k int, patterns ...string) contracts.OperationUse {
			reads := make([]contracts.Pattern, 0, len(patterns))
			for _, p := range patterns {
				reads = append(reads, contracts.Pattern{Text: p})
			}
			return contracts.OperationUse{Selector: fmt.Sprintf("GET /r%d/{id}", k%operations), Reads: &reads}
		}
		list[i] = contracts.Consumer{Component: fmt.Sprintf("c%d", i), Usage: contracts.Usage{Operations: []contracts.OperationUse{
			use(i*7, "id", "next.value"), use(i*13+1, "other[].next.value", "next.next.other[].id"), use(i*29+2, "**.value"),
		}}}
	}
	return list
}

// BenchmarkJudge is the impact of one change of a shared schema of a contract with
// 1,000 operations on 200 consumers, beside the comparison.
func BenchmarkJudge(b *testing.B) {
	src := memory{"b.json": generated(1000, "string"), "h.json": generated(1000, "integer")}
	base, head := mustLoad(b, src, "b.json"), mustLoad(b, src, "h.json")
	for _, n := range []int{10, 200} {
		consumers := generatedConsumers(n, 1000)
		b.Run(fmt.Sprintf("%d consumers", n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := mustCompare(b, base, head) // a comparison remembers what it has judged
				b.StartTimer()
				if _, _, err := c.Judge(b.Context(), consumers); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompareGenerated is one change among 1,000 operations.
func BenchmarkCompareGenerated(b *testing.B) {
	src := memory{"b.json": generated(1000, "string"), "h.json": generated(1000, "integer")}
	for b.Loop() {
		mustCompare(b, mustLoad(b, src, "b.json"), mustLoad(b, src, "h.json"))
	}
}

// BenchmarkCompareDense is one change among 120 schemas that all refer to each
// other.
func BenchmarkCompareDense(b *testing.B) {
	src := memory{"b.json": denseContract(120, "string"), "h.json": denseContract(120, "integer")}
	for b.Loop() {
		mustCompare(b, mustLoad(b, src, "b.json"), mustLoad(b, src, "h.json"))
	}
}
