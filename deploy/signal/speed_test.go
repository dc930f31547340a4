package signal

import "testing"

// BenchmarkEvaluate is one verification: four metrics of seven days at 60 s, 1,250 to
// 1,400 placebos, 30 looks.
func BenchmarkEvaluate(b *testing.B) {
	in := observe(3, -7*1440, nil).input()
	b.ReportAllocs()
	for b.Loop() {
		j, err := New(in)
		if err != nil {
			b.Fatal(err)
		}
		for m := int64(1); m <= 30; m++ {
			j.At(deployed + m*60)
		}
	}
}

// BenchmarkSample is one more look at a judge that is made already.
func BenchmarkSample(b *testing.B) {
	j, err := New(observe(3, -7*1440, nil).input())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		j.At(deployed + 1800)
	}
}

// BenchmarkNew is the measuring of placebos by kind of metric.
func BenchmarkNew(b *testing.B) {
	in := observe(3, -7*1440, nil).input()
	for _, m := range []Metric{in.Metrics[0], in.Metrics[2], in.Metrics[3]} {
		one := in
		one.Metrics = []Metric{m}
		b.Run(string(m.Kind), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New(one); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
