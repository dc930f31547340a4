package benchmark

import (
	"testing"

	"plimsoll/deploy/signal"
)

// BenchmarkGenerate makes one service with its history.
func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		Generate(1, 200, Harmless, Usual, false)
	}
}

// BenchmarkWatched evaluates one deployment at 30 looks.
func BenchmarkWatched(b *testing.B) {
	in := Generate(1, 200, Harmless, Usual, false).Input(false)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Watched(in, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNew is the measuring of placebos, without looks.
func BenchmarkNew(b *testing.B) {
	in := Generate(1, 200, Harmless, Usual, false).Input(false)
	for b.Loop() {
		if _, err := signal.New(in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRules is all rules like other tools'.
func BenchmarkRules(b *testing.B) {
	s := Generate(1, 200, Harmless, Usual, false)
	for b.Loop() {
		for _, r := range Rules {
			r.Alarm(s)
		}
	}
}
