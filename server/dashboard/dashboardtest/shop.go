package dashboardtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/pulls"
)

// The repositories of the shop. Other belongs to another account.
var (
	Orders  = contracts.RepositoryRef{Installation: 1, ID: 11, Owner: "acme", Name: "orders", Private: true}
	Web     = contracts.RepositoryRef{Installation: 1, ID: 12, Owner: "acme", Name: "web", Private: true}
	Billing = contracts.RepositoryRef{Installation: 1, ID: 13, Owner: "acme", Name: "billing", Private: true}
	Other   = contracts.RepositoryRef{Installation: 2, ID: 21, Owner: "globex", Name: "reactor", Private: true}
)

// Commit makes the name of a commit.
func Commit(word string) string { return (fmt.Sprintf("%x", word) + strings.Repeat("0", 40))[:40] }

// Shop fills the world: an account with a provider and two consumers, one of which an open
// pull request would break; deployments with every outcome; and another account. Ana reads
// and writes all of acme, bob reads orders and web, eve is of the other account, root is an
// operator who reads nothing.
func (w *World) Shop() {
	w.T.Helper()
	w.Account(1, "acme")
	w.Account(2, "globex")
	w.People["ana"] = &Person{Name: "ana", Reads: map[int64]bool{11: true, 12: true, 13: true}, Writes: map[int64]bool{11: true, 12: true, 13: true}}
	w.People["bob"] = &Person{Name: "bob", Reads: map[int64]bool{11: true, 12: true}}
	w.People["eve"] = &Person{Name: "eve", Reads: map[int64]bool{21: true}, Writes: map[int64]bool{21: true}}
	w.People["root"] = &Person{Name: "root", Boss: true}
	w.Register(contracts.Registration{Repository: Orders, Commit: Commit("orders"), Components: []contracts.Component{{
		Name: "orders", Owner: "@acme/orders", Provides: []contracts.Provided{{API: "orders", Spec: "openapi.yaml", Files: map[string]string{"openapi.yaml": Commit("contract")}, Position: line(4)}},
		Environments: []contracts.Environment{{Name: "production", Production: new(true), Gate: true}, {Name: "staging"}}, Position: line(2),
	}}})
	w.Register(contracts.Registration{Repository: Web, Commit: Commit("web"), Components: []contracts.Component{{
		Name: "web", Owner: "@acme/storefront", Position: line(2),
		Consumes: []contracts.Consumed{{API: "orders", Usage: usage("GET /orders/{id}", "id", "total", "items[].sku")}},
	}}, Problems: []contracts.Problem{{Position: line(9), Message: "unknown key tiimeout: expected timeout", Hint: "correct the key"}}})
	w.Register(contracts.Registration{Repository: Billing, Commit: Commit("billing"), Components: []contracts.Component{{
		Name: "billing", Owner: "@acme/finance", Position: line(2),
		Consumes: []contracts.Consumed{{API: "orders", Usage: usage("GET /orders/{id}", "total")}, {API: "ledger", Usage: usage("POST /entries", "id")}},
	}}})
	w.Register(contracts.Registration{Repository: Other, Commit: Commit("reactor"), Components: []contracts.Component{{
		Name: "reactor", Owner: "@globex/core", Provides: []contracts.Provided{{API: "reactor", Spec: "openapi.yaml"}}, Position: line(2),
	}}})
	w.blocked(Orders, 42, contracttext.Blocked{Fingerprint: "f", Repository: Web, Component: "web"}, contracttext.Blocked{Fingerprint: "f", Repository: Billing, Component: "billing"})
	w.blocked(Other, 7)
	w.Deploy(Orders, 1, "orders", "staging", "orders", -26*time.Hour, deploy.Verified)
	w.Deploy(Orders, 2, "orders", "production", "before", -25*time.Hour, deploy.Verified)
	w.Deploy(Orders, 3, "orders", "production", "orders", -50*time.Minute, deploy.RollBack)
	w.Deploy(Web, 4, "web", "production", "web", -3*time.Hour, deploy.Inconclusive)
	w.Deploy(Billing, 5, "billing", "production", "billing", -5*time.Minute, "")
	w.Deploy(Other, 6, "reactor", "production", "reactor", -time.Hour, deploy.RollBack)
	w.Must(w.Store.NoteReading(w.T.Context(), Billing, "GitHub answers with 502"))
}

func line(n int) contracts.Position { return contracts.Position{File: ".github/plimsoll.yml", Line: n} }

func usage(operation string, reads ...string) contracts.Usage {
	at := 10
	evidence := func() contracts.Evidence {
		at++
		return contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: line(at)}
	}
	use := contracts.OperationUse{Selector: operation, Evidence: evidence(), Reads: new([]contracts.Pattern)}
	for _, text := range reads {
		*use.Reads = append(*use.Reads, contracts.Pattern{Text: text, Position: evidence().Position})
	}
	return contracts.Usage{Operations: []contracts.OperationUse{use}, Evidence: evidence()}
}

// blocked stores an open pull request that fails.
func (w *World) blocked(repo contracts.RepositoryRef, number int, consumers ...contracttext.Blocked) {
	w.T.Helper()
	w.Verdict(repo, number, checks.ContractsRun, checks.Failure, consumers...)
}

// Verdict stores what a check run says about an open pull request.
func (w *World) Verdict(repo contracts.RepositoryRef, number int, name string, conclusion checks.Conclusion, consumers ...contracttext.Blocked) {
	w.T.Helper()
	head := Commit(fmt.Sprint("head", number))
	run := checks.CheckRun{Name: name, HeadSHA: head, Conclusion: conclusion, Title: "breaks web, billing"}
	w.Must(w.Store.PutPullState(w.T.Context(), repo, number, pulls.PullState{Head: head, Open: true, Blocked: consumers}))
	w.Must(w.Store.PutVerdict(w.T.Context(), repo, checks.VerdictPublication(checks.SubjectOfPull(number), run, "")))
}

// reasons are those of verdicts.
var reasons = map[deploy.Answer]deploy.Reason{
	deploy.Verified:     {Kind: deploy.ReasonProbesPass, Of: 5},
	deploy.RollBack:     {Kind: deploy.ReasonProbeFails, Subject: "GET /healthz", Failed: 3, Of: 5},
	deploy.Inconclusive: {Kind: deploy.ReasonTooFew},
}

// Deploy stores a deployment that succeeded, and its verdict; without an answer it is watched.
func (w *World) Deploy(repo contracts.RepositoryRef, id int64, component, environment, commit string, ago time.Duration, answer deploy.Answer) deploy.Verification {
	w.T.Helper()
	at, ctx := Noon.Add(ago), w.T.Context()
	target := deploy.Target{Component: component, Environment: environment, Production: environment == "production"}
	_, err := w.Store.PutDeployment(ctx, repo, deploy.Deployment{
		ID: id, Commit: Commit(commit), Ref: "main", Task: "deploy", Environment: environment, Production: target.Production, State: deploy.Success, Status: id,
		CreatedAt: at.Add(-2 * time.Minute), StateAt: at, SucceededAt: at, Creator: "ana", URL: "https://orders.acme.dev", Targets: []deploy.Target{target},
	})
	w.Must(err)
	v := deploy.Verification{
		Repository: repo, Deployment: id, Target: target, Commit: Commit(commit), Before: Commit("before"), Verified: Commit("before"), Began: at, Creator: "ana", URL: "https://orders.acme.dev",
		Plan: deploy.Plan{Declared: true, For: 10 * time.Minute, Every: time.Minute, Probes: []config.Probe{{Get: "/healthz"}}},
	}
	_, err = w.Store.BeginVerification(ctx, v)
	w.Must(err)
	for n := range 5 {
		result := deploy.ProbeResult{At: at.Add(time.Duration(n) * time.Minute), Method: "GET", Path: "/healthz", Outcome: deploy.ProbePassed, Status: 200, Took: 40 * time.Millisecond}
		if answer == deploy.RollBack && n > 1 {
			result.Outcome, result.Status, result.WantStatus = deploy.ProbeStatus, 503, "2XX"
		}
		_, err = w.Store.PutSample(ctx, repo, v.ID(), deploy.Sample{N: n, At: result.At, Probes: []deploy.ProbeResult{result}})
		w.Must(err)
	}
	if answer != "" {
		w.End(v, answer)
	}
	w.enter(v, at)
	return v
}

// End stores the verdict of a verification that is watched.
func (w *World) End(v deploy.Verification, answer deploy.Answer) {
	w.T.Helper()
	_, err := w.Store.EndVerification(w.T.Context(), v.Repository, v.ID(), deploy.Verdict{Answer: answer, At: v.Began.Add(10 * time.Minute), Samples: 5, Reasons: []deploy.Reason{reasons[answer]}})
	w.Must(err)
}

// enter writes a deployment and its verdict into the ledger, as the server does.
func (w *World) enter(v deploy.Verification, at time.Time) {
	w.T.Helper()
	target := ledger.TargetEntry{Component: v.Target.Component, Environment: v.Target.Environment, Production: v.Target.Production}
	entry := ledger.Entry{Installation: v.Repository.Installation, Repository: v.Repository.ID, Kind: ledger.EntryDeployment, Component: v.Target.Component,
		Environment: v.Target.Environment, Commit: v.Commit, Actor: v.Creator, At: at}
	body, err := json.Marshal(ledger.DeploymentEntry{Deployment: v.Deployment, State: deploy.Success, Environment: v.Target.Environment, Targets: []ledger.TargetEntry{target}})
	w.Must(err)
	entry.Body = body
	entries := []ledger.Entry{entry}
	run, err := w.Store.Verification(w.T.Context(), v.Repository, v.ID())
	w.Must(err)
	if run.Verdict != nil {
		entry.Kind, entry.At, entry.Once = ledger.EntryVerdict, run.Verdict.At, "verdict/"+v.ID()
		entry.Body, err = json.Marshal(ledger.VerdictEntry{Verification: v, Plan: v.Plan.Hash(), Verdict: *run.Verdict})
		w.Must(err)
		entries = append(entries, entry)
	}
	w.Must(w.Store.Append(w.T.Context(), entries...))
}
