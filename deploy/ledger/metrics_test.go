package ledger_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
)

var (
	metricsFrom = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	metricsTo   = metricsFrom.Add(10 * 24 * time.Hour)
	inLive      = deploy.Target{Component: "orders", Environment: "production", Production: true}
)

// written holds the ledger's entries of deployments, as they are written.
type written struct{ entries []ledger.Entry }

func (h *written) add(kind ledger.EntryKind, at time.Time, commit string, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	h.entries = append(h.entries, ledger.Entry{Kind: kind, At: at, Commit: commit, Actor: "bob", Body: text})
}

// succeeded has a deployment succeed so many hours after the span began.
func (h *written) succeeded(id int64, target deploy.Target, commit string, hours float64, task string) time.Time {
	at := metricsFrom.Add(time.Duration(hours * float64(time.Hour)))
	h.add(ledger.EntryDeployment, at.Add(-time.Minute), commit, ledger.DeploymentEntry{Deployment: id, State: deploy.InProgress, Targets: []ledger.TargetEntry{ledger.TargetEntry(target)}})
	h.add(ledger.EntryDeployment, at, commit, ledger.DeploymentEntry{Deployment: id, State: deploy.Success, Task: task, Targets: []ledger.TargetEntry{ledger.TargetEntry(target)}})
	return at
}

// deployed is succeeded with a verdict, and with commits so many hours old.
func (h *written) deployed(id int64, target deploy.Target, commit string, hours float64, answer deploy.Answer, ages ...float64) {
	at := h.succeeded(id, target, commit, hours, "deploy")
	v := deploy.Verification{Deployment: id, Target: target, Commit: commit, Began: at, Creator: "bob"}
	var committed []time.Time
	for _, age := range ages {
		committed = append(committed, at.Add(-time.Duration(age*float64(time.Hour))))
	}
	if ages != nil {
		v.Changes = deploy.NewChanges(len(ages), committed)
	}
	h.add(ledger.EntryVerdict, at.Add(10*time.Minute), commit, map[string]any{"verification": v, "verdict": deploy.Verdict{Answer: answer}})
}

func metricsText(metrics []ledger.TargetMetrics) (lines []string) {
	number := func(of any) any {
		if v := reflect.ValueOf(of); v.IsNil() {
			return "-"
		} else {
			return v.Elem().Interface()
		}
	}
	for _, k := range metrics {
		f := k.Failures
		lines = append(lines, fmt.Sprintf("%s/%s/%s: %d (%.2f a day), %d back; lead %v of %d/%d (%d commits); failed %v = %d/%d, investigate %d, inconclusive %d, superseded %d, open %d; restored %v of %d/%d",
			k.Component, k.Environment, k.Instance, k.Deployments, k.Frequency, k.WentBack, number(k.Lead.Median), k.Lead.Known, k.Lead.Of, k.Lead.Commits,
			number(f.Rate), f.Failed, f.Concluded, f.Investigate, f.Inconclusive, f.Superseded, f.Open, number(k.Restore.Median), k.Restore.Known, k.Restore.Of))
	}
	return lines
}

func TestMetrics(t *testing.T) {
	staging := deploy.Target{Component: "orders", Environment: "staging"}
	eu := deploy.Target{Component: "orders", Environment: "production", Instance: "eu", Production: true}
	for name, c := range map[string]struct {
		write func(h *written)
		want  []string
	}{
		"nothing": {func(*written) {}, nil},
		"one that works": {
			func(h *written) { h.deployed(1, inLive, "a", 1, deploy.Verified, 2, 4, 9) },
			[]string{"orders/production/: 1 (0.10 a day), 0 back; lead 14400 of 1/1 (3 commits); failed 0 = 0/1, investigate 0, inconclusive 0, superseded 0, open 0; restored - of 0/0"},
		},
		// b is rolled back: it failed by its verdict, and a runs again after 3 hours.
		"rolled back": {
			func(h *written) {
				h.deployed(1, inLive, "a", 1, deploy.Verified, 2)
				h.deployed(2, inLive, "b", 5, deploy.RollBack, 10)
				h.deployed(3, inLive, "a", 8, deploy.Verified)
				h.deployed(4, inLive, "c", 20, deploy.Verified, 1)
			},
			[]string{"orders/production/: 3 (0.30 a day), 1 back; lead 7200 of 3/3 (3 commits); failed 0.3333333333333333 = 1/3, investigate 0, inconclusive 0, superseded 0, open 0; restored 10800 of 1/1"},
		},
		// b and c were not found to be bad, and were undone all the same, by somebody who
		// said so (task rollback) and has no verdict; d is the next verified one.
		"undone without a verdict": {
			func(h *written) {
				h.deployed(1, inLive, "a", 1, deploy.Verified)
				h.deployed(2, inLive, "b", 5, deploy.Verified)
				h.deployed(3, inLive, "c", 6, deploy.Superseded)
				h.succeeded(4, inLive, "a", 6.5, "rollback")
				h.deployed(5, inLive, "d", 10, deploy.Verified)
			},
			[]string{"orders/production/: 4 (0.40 a day), 1 back; lead - of 0/4 (0 commits); failed 0.5 = 2/4, investigate 0, inconclusive 0, superseded 0, open 0; restored 16200 of 2/2"},
		},
		// A roll back to a commit that is not known takes away what ran before it.
		"to an unknown commit": {
			func(h *written) {
				h.deployed(1, inLive, "a", 1, deploy.Verified)
				h.deployed(2, inLive, "b", 5, deploy.Inconclusive)
				h.succeeded(4, inLive, "z", 6, "rollback")
			},
			[]string{"orders/production/: 2 (0.20 a day), 1 back; lead - of 0/2 (0 commits); failed 0.5 = 1/2, investigate 0, inconclusive 0, superseded 0, open 0; restored - of 0/1"},
		},
		"what is no success and no failure": {
			func(h *written) {
				h.deployed(1, inLive, "a", 1, deploy.Superseded, 1)
				h.deployed(2, inLive, "b", 2, deploy.Inconclusive, -5) // written after it was deployed
				h.deployed(3, inLive, "c", 3, deploy.Investigate)
				h.succeeded(4, inLive, "d", 4, "deploy")
			},
			[]string{"orders/production/: 4 (0.40 a day), 0 back; lead 3600 of 1/4 (1 commits); failed - = 0/0, investigate 1, inconclusive 1, superseded 1, open 1; restored - of 0/0"},
		},
		// The same commit again is a deployment, and brings nothing.
		"again": {
			func(h *written) {
				h.deployed(1, inLive, "a", 1, deploy.Verified, 1)
				h.deployed(2, inLive, "a", 50, deploy.Verified, 50)
			},
			[]string{"orders/production/: 2 (0.20 a day), 0 back; lead 3600 of 1/1 (1 commits); failed 0 = 0/2, investigate 0, inconclusive 0, superseded 0, open 0; restored - of 0/0"},
		},
		// The span counts what succeeded in it; what was before says what ran, what came
		// after says what became of it.
		"the edges of the span": {
			func(h *written) {
				h.deployed(1, inLive, "a", -1, deploy.Verified, 1)
				h.deployed(2, inLive, "b", 0, deploy.RollBack, 1, 3)
				h.deployed(3, inLive, "a", 240, deploy.Verified)
				h.deployed(4, inLive, "c", 241, deploy.RollBack, 1)
			},
			[]string{"orders/production/: 1 (0.10 a day), 0 back; lead 7200 of 1/1 (2 commits); failed 1 = 1/1, investigate 0, inconclusive 0, superseded 0, open 0; restored 864000 of 1/1"},
		},
		"several places": {
			func(h *written) {
				h.deployed(1, staging, "a", 1, deploy.Verified)
				h.deployed(2, eu, "a", 2, deploy.RollBack)
				h.deployed(3, inLive, "a", 3, deploy.Verified)
			},
			[]string{
				"orders/production/: 1 (0.10 a day), 0 back; lead - of 0/1 (0 commits); failed 0 = 0/1, investigate 0, inconclusive 0, superseded 0, open 0; restored - of 0/0",
				"orders/production/eu: 1 (0.10 a day), 0 back; lead - of 0/1 (0 commits); failed 1 = 1/1, investigate 0, inconclusive 0, superseded 0, open 0; restored - of 0/1",
				"orders/staging/: 1 (0.10 a day), 0 back; lead - of 0/1 (0 commits); failed 0 = 0/1, investigate 0, inconclusive 0, superseded 0, open 0; restored - of 0/0",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var h written
			c.write(&h)
			// In whatever order they were written, and twice.
			for seed := range uint64(20) {
				entries := append(slices.Clone(h.entries), h.entries[:len(h.entries)/2]...)
				rand.New(rand.NewPCG(seed, 1)).Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
				if got := metricsText(ledger.Metrics(entries, metricsFrom, metricsTo)); !slices.Equal(got, c.want) {
					t.Fatalf("got\n%q\nexpected\n%q", got, c.want)
				}
			}
		})
	}
}

// Production is what the places say; what can't be read counts for nothing.
func TestMetricsOfWhatCannotBeRead(t *testing.T) {
	var h written
	h.deployed(1, inLive, "a", 1, deploy.Verified)
	h.entries = append(h.entries, ledger.Entry{Kind: ledger.EntryVerdict, Body: json.RawMessage(`[]`)}, ledger.Entry{Kind: ledger.EntryDeployment}, ledger.Entry{Kind: ledger.EntryGate, Body: json.RawMessage(`{"state":"success"}`)})
	metrics := ledger.Metrics(h.entries, metricsFrom, metricsTo)
	if len(metrics) != 1 || !metrics[0].Production || metrics[0].Deployments != 1 {
		t.Errorf("%+v", metrics)
	}
}

// What a dry run has kept from being rolled back is counted, and nothing else that was proposed.
func TestDryRunsAreCounted(t *testing.T) {
	var h written
	h.deployed(1, inLive, "a", 1, deploy.Verified)
	h.deployed(2, inLive, "b", 2, deploy.RollBack)
	h.deployed(3, inLive, "c", 3, deploy.RollBack)
	for id, reasons := range map[int64][]deploy.RollbackReason{2: {{Kind: deploy.RollbackDryRun}}, 3: {{Kind: deploy.RollbackMigration}, {Kind: deploy.RollbackDryRun}}} {
		h.add(ledger.EntryRollback, metricsFrom.Add(5*time.Hour), "", ledger.RollbackEntry{
			Rollback: deploy.Rollback{Deployment: id, Target: inLive, State: deploy.RollbackProposed, Reasons: reasons}})
	}
	got := ledger.Metrics(h.entries, metricsFrom, metricsTo)
	if len(got) != 1 || got[0].WouldGoBack != 1 || got[0].Deployments != 3 {
		t.Errorf("%+v", got)
	}
}
