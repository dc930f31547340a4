package deploy

import (
	"time"

	"plimsoll/deploy/signal"
)

// ReasonInterrupted: whoever watched gave up, after Failed of Of looks.
const ReasonInterrupted ReasonKind = "interrupted"

// Interrupted is the verdict on a deployment that nobody watches on, as far as it was:
// no data is never a pass.
func Interrupted(v Verification, samples []Sample, signals *signal.Judgement, now time.Time) Verdict {
	return Verdict{
		Answer: Inconclusive, At: now, Samples: len(samples), Signals: signals, Thresholds: DefaultThresholds,
		Reasons: []Reason{{Kind: ReasonInterrupted, Failed: len(samples), Of: v.Last() + 1}},
	}
}
