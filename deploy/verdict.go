package deploy

import (
	"time"

	"plimsoll/deploy/signal"
)

// Answer is the outcome of a verification.
type Answer string

// The answers. A verification that goes on has none.
const (
	Verified     Answer = "verified"
	Investigate  Answer = "investigate"
	RollBack     Answer = "roll back"
	Inconclusive Answer = "inconclusive"
	// Superseded: a newer deployment has replaced it.
	Superseded Answer = "superseded"
)

// ReasonKind says what a reason is about.
type ReasonKind string

// The reasons, the most severe first.
const (
	// ReasonProbeFails: a probe failed Failed times of the last Of.
	ReasonProbeFails ReasonKind = "probe-fails"
	// ReasonOldVersion: no answer named the deployed commit.
	ReasonOldVersion ReasonKind = "old-version"
	// ReasonProbeUnsteady: a probe failed now and then (Failed of Of).
	ReasonProbeUnsteady ReasonKind = "probe-unsteady"
	// ReasonNotProbed: a probe could not be made.
	ReasonNotProbed ReasonKind = "not-probed"
	// ReasonNoAddress: the address of the environment is unknown.
	ReasonNoAddress ReasonKind = "no-address"
	// ReasonNotDeclared: no verification is declared.
	ReasonNotDeclared ReasonKind = "not-declared"
	// ReasonTooFew: fewer samples were taken than are needed (Failed of Of).
	ReasonTooFew ReasonKind = "too-few-samples"
	// ReasonSignal: what the judge of signals says (Signal) of one (Subject).
	ReasonSignal ReasonKind = "signal"
	// ReasonNotMeasured: a declared signal (Subject) can't be measured (Gap).
	ReasonNotMeasured ReasonKind = "signal-not-measured"
	// ReasonNotServed: nothing showed that what was deployed answers, so that no signal
	// counts.
	ReasonNotServed ReasonKind = "not-served"
	// ReasonProbesPass: every probe passed, in Of samples.
	ReasonProbesPass ReasonKind = "probes-pass"
	// ReasonNewer: a newer deployment has succeeded in the target.
	ReasonNewer ReasonKind = "newer-deployment"
)

// Reason is one reason for an answer, in numbers; the words are made elsewhere.
type Reason struct {
	Kind ReasonKind `json:"kind"`
	// Subject is the probe ("GET /healthz"); empty: the whole.
	Subject string `json:"subject,omitempty"`
	Failed  int    `json:"failed,omitempty"`
	Of      int    `json:"of,omitempty"`
	// Last is the last result of the probe.
	Last *ProbeResult `json:"last,omitempty"`
	// Signal is the judge's reason, Gap why nothing was measured.
	Signal *signal.Reason `json:"signal,omitempty"`
	// DryRun: the signal alone rolls nothing back.
	DryRun bool `json:"dry_run,omitempty"`
	Gap    *Gap `json:"gap,omitempty"`
}

// Verdict is the answer with its reasons, the most severe first.
type Verdict struct {
	Answer  Answer    `json:"answer"`
	At      time.Time `json:"at"`
	Samples int       `json:"samples"`
	Reasons []Reason  `json:"reasons"`
	// Signals is what the judge of signals said at that time; nil if it was not asked, or
	// could not be.
	Signals *signal.Evaluation `json:"signals,omitempty"`
	// Thresholds that were used, for the record.
	Thresholds Thresholds `json:"thresholds"`
	// Newer is the newest deployment of the target, where one came before this was decided and
	// a gate waited for the verdict; 0: none did.
	Newer int64 `json:"newer,omitempty"`
}

// Thresholds are the numbers that decide about probes.
type Thresholds struct {
	// Failing: a probe has failed for good if it failed FailedOf times in the last Window
	// samples.
	FailedOf int `json:"failed_of"`
	Window   int `json:"window"`
	// Steady is how many of a hundred samples must have passed for "verified".
	Steady int `json:"steady_percent"`
	// Taken is how many of a hundred samples must have been taken at all.
	Taken int `json:"taken_percent"`
}

// DefaultThresholds are the numbers of docs/verification.md, "Probes".
var DefaultThresholds = Thresholds{FailedOf: 3, Window: 5, Steady: 90, Taken: 50}
