//go:build ablation

package signal

// The parts of the judge that a test can leave out. They are compiled with the build tag
// ablation alone, for the mutation test of plimsoll/deploy/signal/benchmark.
var (
	WithoutGuard          = breakage{guard: true}
	WithoutCalibration    = breakage{calibration: true}
	WithoutOverdispersion = breakage{overdispersion: true}
)

// Without leaves a part of the judge out.
func Without(part breakage) func(*Input) {
	return func(in *Input) { in.broken = part }
}
