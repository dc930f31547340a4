package signal

// The parts of the judge that a test can leave out.
var (
	WithoutGuard          = breakage{guard: true}
	WithoutCalibration    = breakage{calibration: true}
	WithoutOverdispersion = breakage{overdispersion: true}
)

// Without leaves a part of the judge out.
func Without(part breakage) func(*Input) {
	return func(in *Input) { in.broken = part }
}
