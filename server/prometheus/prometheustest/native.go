package prometheustest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Native is a sample of a native histogram, or of a counter.
type Native struct {
	Labels map[string]string
	At     time.Time
	// Value of a counter; Buckets is nil then.
	Value float64
	// Schema is the resolution: bucket i holds what is above 2^((i-1)/2^Schema) and not above
	// 2^(i/2^Schema). Buckets counts since the process began.
	Schema  int
	Buckets map[int]uint64
}

// StartNative is [Start] of a Prometheus that stores native histograms, and receives the samples
// by its remote write API.
func StartNative(tb testing.TB, histograms []Native) (url string) {
	tb.Helper()
	url = StartSecured(tb, "", Security{Arguments: []string{"--enable-feature=native-histograms", "--web.enable-remote-write-receiver"}})
	histograms = slices.Clone(histograms)
	slices.SortStableFunc(histograms, func(a, b Native) int { return a.At.Compare(b.At) })
	for some := range slices.Chunk(histograms, 5000) {
		if err := write(url, some); err != nil {
			tb.Fatal(err)
		}
	}
	return url
}

// write sends a WriteRequest of Prometheus' remote write 1.0.
func write(url string, histograms []Native) error {
	var body []byte
	for _, h := range histograms {
		body = message(body, 1, h.series())
	}
	request, err := http.NewRequest(http.MethodPost, url+"/api/v1/write", bytes.NewReader(literals(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Encoding", "snappy")
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("write native histograms: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if said, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10)); response.StatusCode/100 != 2 {
		return fmt.Errorf("write native histograms: %s: %s", response.Status, said)
	}
	return nil
}

// series writes a TimeSeries with one sample.
func (n Native) series() (all []byte) {
	for _, name := range slices.Sorted(maps.Keys(n.Labels)) {
		var label []byte
		label = message(label, 1, []byte(name))
		label = message(label, 2, []byte(n.Labels[name]))
		all = message(all, 1, label)
	}
	if n.Buckets == nil {
		var sample []byte
		sample = protowire.AppendFixed64(protowire.AppendTag(sample, 1, protowire.Fixed64Type), math.Float64bits(n.Value))
		sample = protowire.AppendVarint(protowire.AppendTag(sample, 2, protowire.VarintType), uint64(n.At.UnixMilli()))
		return message(all, 2, sample)
	}
	var total uint64
	var sum float64
	var spans, deltas []byte
	last, next := uint64(0), 0
	for _, at := range slices.Sorted(maps.Keys(n.Buckets)) {
		count := n.Buckets[at]
		total += count
		sum += float64(count) * math.Exp2(float64(at)/math.Exp2(float64(n.Schema)))
		var span []byte
		span = protowire.AppendVarint(protowire.AppendTag(span, 1, protowire.VarintType), protowire.EncodeZigZag(int64(at-next)))
		span = protowire.AppendVarint(protowire.AppendTag(span, 2, protowire.VarintType), 1)
		spans = message(spans, 11, span)
		deltas = protowire.AppendVarint(deltas, protowire.EncodeZigZag(int64(count)-int64(last)))
		last, next = count, at+1
	}
	var h []byte
	h = protowire.AppendVarint(protowire.AppendTag(h, 1, protowire.VarintType), total)
	h = protowire.AppendFixed64(protowire.AppendTag(h, 3, protowire.Fixed64Type), math.Float64bits(sum))
	h = protowire.AppendVarint(protowire.AppendTag(h, 4, protowire.VarintType), protowire.EncodeZigZag(int64(n.Schema)))
	h = protowire.AppendFixed64(protowire.AppendTag(h, 5, protowire.Fixed64Type), math.Float64bits(1e-128))
	h = protowire.AppendVarint(protowire.AppendTag(h, 6, protowire.VarintType), 0)
	h = append(h, spans...)
	h = message(h, 12, deltas)
	h = protowire.AppendVarint(protowire.AppendTag(h, 15, protowire.VarintType), uint64(n.At.UnixMilli()))
	return message(all, 4, h)
}

func message(to []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, field, protowire.BytesType), content)
}

// literals writes a block in Snappy's format, without compressing it.
func literals(data []byte) []byte {
	block := binary.AppendUvarint(nil, uint64(len(data)))
	for some := range slices.Chunk(data, 1<<16) {
		block = append(block, 61<<2, byte(len(some)-1), byte((len(some)-1)>>8))
		block = append(block, some...)
	}
	return block
}
