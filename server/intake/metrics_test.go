package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestWebhooksAreCounted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		unsigned := request("push", "d-9", `{"pull":1}`)
		unsigned.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("00", 32))
		for range 2 {
			b.send(request("push", "d-1", `{"pull":1}`))
			b.send(unsigned)
		}
		b.send(request("star", "d-2", `{}`))
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(b.Intake)
		families, err := registry.Gather()
		if err != nil || len(families) != 1 {
			t.Fatalf("%d families, %v", len(families), err)
		}
		var got []string
		for _, metric := range families[0].GetMetric() {
			labels := metric.GetLabel()
			got = append(got, fmt.Sprintf("%s %s %g", labels[0].GetValue(), labels[1].GetValue(), metric.GetCounter().GetValue()))
		}
		want := []string{" refused-signature 2", "push duplicate 1", "push stored 1", "star ignored 1"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
