package gates

import (
	"context"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy/gate"
)

// Bounds on a gate that is held.
const (
	// gateEvery is how often it is asked about again, gateWaits how long a deployment
	// that must come before may take to begin.
	gateEvery = 30 * time.Second
	gateWaits = 15 * time.Minute
	// mostReports is how many reports GitHub accepts for one deployment. The last one is
	// reserved for the answer.
	// https://docs.github.com/en/actions/deployment/targeting-different-environments/creating-custom-deployment-protection-rules
	mostReports = 9
	// decisionLasts is how long a decision is sent again unchanged, while it is not known
	// whether it has arrived.
	decisionLasts = 2 * time.Minute
)

// AskedGates remembers the protection rules that have asked.
type AskedGates interface {
	// AskGate stores one. One that is stored stays as it is, unless a newer deployment
	// asks.
	AskGate(ctx context.Context, repo contracts.RepositoryRef, gate gate.Asked) error
	// Gate returns an error that wraps io/fs.ErrNotExist for one that has not asked.
	Gate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string) (gate.Asked, error)
	// PutGate stores how far the answer has come; one that is answered stays as it is.
	PutGate(ctx context.Context, repo contracts.RepositoryRef, gate gate.Asked) error
	// PruneGates forgets those that asked before a time.
	PruneGates(ctx context.Context, before time.Time) error
	// Gated lists the readable repositories of every installation that have one answered.
	Gated(ctx context.Context) ([]contracts.RepositoryRef, error)
}
