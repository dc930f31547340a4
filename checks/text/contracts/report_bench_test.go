package contracttext

import "testing"

// BenchmarkReport writes a check run and a comment: the usual one, and one of 500
// changes that each hit 200 consumers.
func BenchmarkReport(b *testing.B) {
	for name, r := range map[string]Report{"usual": breaking(), "500x200": enormous(500, 200)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run, comment := ContractReport(r), ContractComment(r)
				if len(run.Summary) == 0 || !comment.Needed {
					b.Fatal("nothing was written")
				}
			}
		})
	}
}
