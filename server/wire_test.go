package server

import (
	"testing"

	"plimsoll/handlers/answers"
	"plimsoll/handlers/commands"
	"plimsoll/handlers/gates"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/rollback"
	"plimsoll/handlers/source"
	"plimsoll/handlers/tracker"
	"plimsoll/handlers/verification"
	"plimsoll/server/signals"
)

// What a constructor is not given is found when the server starts, not by the first event
// that needs it.
func TestConstructorsRefuseWhatIsMissing(t *testing.T) {
	made := func(_ any, err error) error { return err }
	for name, err := range map[string]error{
		"contracts":     made(source.NewContracts(nil, nil)),
		"organisations": made(source.NewOrganisations(nil, nil, nil)),
		"invalidator":   made(registry.NewInvalidator(nil, nil)),
		"progress":      made(registry.NewScanProgress(nil, nil, nil)),
		"indexer":       made(registry.NewIndexer(registry.IndexerDeps{})),
		"scanner":       made(registry.NewScanner(registry.ScannerDeps{})),
		"answerer":      made(answers.New(answers.Deps{})),
		"promiser":      made(pulls.NewPromiser(nil)),
		"verdicts":      made(pulls.NewVerdicts(pulls.VerdictsDeps{})),
		"compared":      made(pulls.NewReadinessComparer(pulls.ReadinessComparerDeps{})),
		"changes":       made(pulls.NewContractComparer(pulls.ContractComparerDeps{})),
		"readiness":     made(pulls.NewReadinessEvaluator(pulls.ReadinessDeps{})),
		"evaluator":     made(pulls.NewEvaluator(pulls.EvaluatorDeps{})),
		"reconciler":    made(registry.NewReconciler(registry.ReconcilerDeps{})),
		"missed":        made(commands.NewMissed(nil, nil, nil)),
		"sweeper":       made(pulls.NewSweeper(pulls.SweeperDeps{})),
		"reporter":      made(verification.NewReporter(verification.ReporterDeps{})),
		"observer":      made(verification.NewObserver(nil, nil, nil, nil)),
		"verifier":      made(verification.NewVerifier(verification.VerifierDeps{})),
		"snapshots":     made(tracker.NewSnapshots(tracker.SnapshotsDeps{})),
		"tracker":       made(tracker.New(tracker.Deps{})),
		"rollbacks":     made(rollback.New(rollback.Deps{})),
		"holds":         made(gates.NewHolds(nil, nil)),
		"decider":       made(gates.NewDecider(gates.DeciderDeps{})),
		"gatekeeper":    made(gates.NewGatekeeper(gates.GatekeeperDeps{})),
		"overrider":     made(gates.NewOverrider(gates.OverriderDeps{})),
		"owners":        made(commands.NewOwners(commands.OwnersDeps{})),
		"acknowledger":  made(commands.NewAcknowledger(commands.AcknowledgerDeps{})),
		"replies":       made(commands.NewReplies(nil, nil)),
		"buttons":       made(commands.NewButtons(commands.ButtonsDeps{})),
		"commander":     made(commands.NewCommander(commands.CommanderDeps{})),
		"signals":       made(signals.New(nil, nil)),
	} {
		if err == nil {
			t.Errorf("%s is made of nothing", name)
		}
	}
}
