package work

import (
	"fmt"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// KindVerify takes a sample of a deployment, and reports the outcome: VerifyArgs.
const KindVerify = "verify"

// VerifyArgs are the arguments of KindVerify.
type VerifyArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	ID         string                  `json:"id"`
}

func VerifyWork(v deploy.Verification, at time.Time) Work {
	return Work{
		Kind: KindVerify, Key: "verify/" + v.ID(), Installation: v.Repository.Installation, At: at,
		Args: VerifyArgs{Repository: v.Repository, ID: v.ID()},
	}
}

// KindRollback does what follows from a verdict, or from a person asking for a rollback:
// RollbackArgs. It is a kind of its own for each request ("rollback/…"), so that none
// replaces another, and one key for an environment, so that they are done one at a time.
const KindRollback = "rollback"

// RollbackArgs are the arguments of KindRollback.
type RollbackArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	// ID of the verification.
	ID string `json:"id"`
	// Login of the person who asks, Source where; empty: the verdict does.
	Login  string `json:"login,omitempty"`
	Source string `json:"source,omitempty"`
}

// RollbackWork is the work of doing what follows from a verdict, or what a person asks for.
func RollbackWork(a RollbackArgs, target deploy.Target, at time.Time) Work {
	return Work{
		Kind: fmt.Sprintf("%s/%s/%s", KindRollback, a.ID, a.Source), Key: fmt.Sprintf("repo/%d/rollback/%s", a.Repository.ID, target.Environment),
		Installation: a.Repository.Installation, At: at, Args: a,
	}
}

// KindGate answers a deployment protection rule: GateArgs.
const KindGate = "gate"

// GateArgs are the arguments of KindGate. How far the answer has come is kept apart
// from them: a gate that is held is asked about again.
type GateArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	// Run of the workflow that waits, Environment as GitHub calls it.
	Run         int64  `json:"run"`
	Environment string `json:"environment"`
}

// GateWork is the work of answering a gate.
func GateWork(a GateArgs, at time.Time) Work {
	return Work{Kind: KindGate, Key: fmt.Sprintf("repo/%d/gate/%d/%s", a.Repository.ID, a.Run, a.Environment), Installation: a.Repository.Installation, At: at, Args: a}
}

// Kinds of the work that finds gates without an answer: GitHub waits for 30 days and never
// asks again.
const (
	// KindGates checks all repositories, KindPending one: PendingArgs.
	KindGates   = "gates"
	KindPending = "pending"
)

// RollbackCheckWork is the work of checking a rollback that is under way.
func RollbackCheckWork(repo contracts.RepositoryRef, m deploy.Rollback, at time.Time) Work {
	w := RollbackWork(RollbackArgs{Repository: repo, ID: m.Verification, Login: m.AskedBy, Source: m.Source}, m.Target, at)
	w.Kind += "/again"
	return w
}
