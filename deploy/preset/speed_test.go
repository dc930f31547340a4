package preset

import (
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"plimsoll/config"
)

func BenchmarkParseOperation(b *testing.B) {
	for name, path := range map[string]string{"0": "/orders/search", "1": "/orders/{id}", "2": "/orders/{id}/lines/{line}", "4": "/a/{id}/b/{c}/d/{e}/f/{g}"} {
		b.Run(name, func(b *testing.B) {
			changed := Changed{Operations: []Operation{{"GET", path}}}
			s, err := everything(b, named(b, "http_requests_total"), map[string]string{"job": "orders"}, changed)
			if err != nil {
				b.Fatal(err)
			}
			query := s.HTTP(config.Signal{}, 1, changed, 0).Operations[0].Signals[0].Bad
			for b.Loop() {
				if _, err := parser.ParseExpr(query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
