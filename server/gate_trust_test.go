package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy/gate"
	"plimsoll/deploy/ledger"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// gatedShop is the shop's file with a gate before production.
const gatedShop = shopFile + "    environments:\n      production: {gate: true}\n"

// gatekept is the shop, whose production asks before each deployment. Web reads the price,
// and is not known to run anywhere.
func gatekept(t *testing.T, dsn string) *world {
	w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
	w.shop.CommitAs("ana", "main", "Ask before production", map[string]string{".github/plimsoll.yml": gatedShop})
	w.shop.Environment("production", true)
	w.Settle()
	runs := w.shop.Deploy("production", "main", simulator.DeployOptions{Creator: "bob"})
	runs.Status("success", "")
	w.Settle()
	return w
}

// A commit that drops what a consumer reads does not pass its gate, whatever it says about
// itself.
func TestGateThatACommitTriesToPass(t *testing.T) {
	dropped := without("price")
	for name, attack := range map[string]struct {
		files map[string]string
		want  string // rejected, or held
	}{
		"honestly":          {map[string]string{"openapi.yaml": dropped}, "rejected"},
		"provides removed":  {map[string]string{"openapi.yaml": dropped, ".github/plimsoll.yml": strings.Replace(gatedShop, "    provides:\n      - api: shop\n        spec: openapi.yaml\n", "", 1)}, "rejected"},
		"API renamed":       {map[string]string{"openapi.yaml": dropped, ".github/plimsoll.yml": strings.Replace(gatedShop, "api: shop", "api: store", 1)}, "rejected"},
		"contract replaced": {map[string]string{"openapi.yaml": dropped, "copy.yaml": strings.Replace(dropped, "/items/{id}", "/things/{id}", 1), ".github/plimsoll.yml": strings.Replace(gatedShop, "spec: openapi.yaml", "spec: copy.yaml", 1)}, "rejected"},
		"file broken":       {map[string]string{"openapi.yaml": dropped, ".github/plimsoll.yml": "version: 1\ncomponents: 7\n"}, "held"},
		"file removed":      {map[string]string{"openapi.yaml": dropped, ".github/plimsoll.yml": simulator.Deleted}, "rejected"},
		"component renamed": {map[string]string{"openapi.yaml": dropped, ".github/plimsoll.yml": strings.Replace(gatedShop, "name: shop", "name: store", 1)}, "held"},
		"contract broken":   {map[string]string{"openapi.yaml": "openapi: 3.0.3\npaths: ["}, "held"},
		"contract removed":  {map[string]string{"openapi.yaml": simulator.Deleted}, "held"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				w := gatekept(t, dsn)
				commit := w.shop.CommitAs("eve", "attack", "Attack", attack.files)
				asked := w.shop.Deploy("production", commit, simulator.DeployOptions{Creator: "eve", WorkflowRun: true})
				w.Settle()
				w.gate(asked, attack.want)
			})
		})
	}
}

// gate holds the answer to a gate to a state.
func (w *world) gate(asked *simulator.Deployment, want string) {
	w.t.Helper()
	answers := strings.Join(asked.Gate(), "\n")
	got := "held"
	for _, state := range []string{"approved", "rejected"} {
		if strings.Contains(answers, "production "+state) {
			got = state
		}
	}
	if got != want || answers == "" {
		w.t.Errorf("the gate is %s, expected %s; it was answered:\n%s", got, want, answers)
	}
}

// What harms nobody passes the same gate.
func TestGateThatAnHonestCommitPasses(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing changes":   {"README.md": "more"},
		"unused field":      {"openapi.yaml": without("color")},
		"contract moved":    {"openapi.yaml": simulator.Deleted, "api.yaml": shopContract, ".github/plimsoll.yml": strings.Replace(gatedShop, "openapi.yaml", "api.yaml", 1)},
		"another API added": {"stock.yaml": strings.ReplaceAll(shopContract, "items", "stock"), ".github/plimsoll.yml": strings.Replace(gatedShop, "        spec: openapi.yaml\n", "        spec: openapi.yaml\n      - {api: stock, spec: stock.yaml}\n", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := gatekept(t, "")
			commit := w.shop.CommitAs("ana", "honest", "Change", files)
			asked := w.shop.Deploy("production", commit, simulator.DeployOptions{Creator: "ana", WorkflowRun: true})
			w.Settle()
			w.gate(asked, "approved")
		})
	}
}

// A commit from before an API came to the default branch takes nothing away: it never ran.
func TestGateOfACommitFromBeforeAnAPI(t *testing.T) {
	w := gatekept(t, "")
	fix := w.shop.CommitAs("ana", "fix", "Fix", map[string]string{"README.md": "fixed"})
	w.shop.CommitAs("ana", "main", "Offer the stock", map[string]string{
		"stock.yaml": strings.ReplaceAll(shopContract, "items", "stock"), ".github/plimsoll.yml": strings.Replace(gatedShop, "        spec: openapi.yaml\n", "        spec: openapi.yaml\n      - {api: stock, spec: stock.yaml}\n", 1),
	})
	w.web.CommitAs("ben", "main", "Show the stock", map[string]string{".github/plimsoll.yml": webFile +
		"      - api: acme/shop/stock\n        operations:\n          - {op: \"GET /stock/{id}\", reads: [name]}\n"})
	w.Settle()
	asked := w.shop.Deploy("production", fix, simulator.DeployOptions{Creator: "ana", WorkflowRun: true})
	w.Settle()
	w.gate(asked, "approved")
}

// A component that was renamed on the default branch: what the old one provides where it runs
// is taken away only if the new one does not provide it.
func TestGateOfARenamedComponent(t *testing.T) {
	renamed := strings.Replace(gatedShop, "name: shop", "name: store", 1)
	for name, c := range map[string]struct{ file, want string }{
		"with its API":    {renamed, "approved"},
		"without its API": {strings.Replace(renamed, "    provides:\n      - api: shop\n        spec: openapi.yaml\n", "", 1), "rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				w := gatekept(t, dsn)
				w.shop.CommitAs("ana", "main", "Rename it", map[string]string{".github/plimsoll.yml": c.file})
				w.Settle()
				asked := w.shop.Deploy("production", "main", simulator.DeployOptions{Creator: "ana", WorkflowRun: true})
				w.Settle()
				w.gate(asked, c.want)
			})
		})
	}
}

// A second repository that claims the API's short name changes nothing for the first: what
// breaks the consumer is rejected as before, and what is harmless passes. The second is told
// on its own pull request, and its name is free when the first gives it up.
func TestGateOfASquattedName(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := gatekept(t, dsn)
		squatting := strings.Replace(shopFile, "name: shop", "name: squatter", 1)
		squatter := w.repository("squatter", map[string]string{"README.md": "nothing"})
		squatter.CommitAs("eve", "claim", "Claim", map[string]string{".github/plimsoll.yml": squatting, "openapi.yaml": shopContract})
		claim := squatter.OpenPullRequest(simulator.PullRequestOptions{Head: "claim", Author: "eve"})
		w.Settle()
		w.expect(claim, "neutral", "The short name `shop` belongs to `acme/shop`", "`acme/squatter/shop`")
		if _, err := claim.Merge(simulator.Squash); err != nil {
			t.Fatal(err)
		}
		w.Settle()
		drop := w.pull("drop", map[string]string{"openapi.yaml": without("price")})
		w.expect(drop, "failure", "web")
		for _, commit := range []struct{ branch, want string }{{"drop", "rejected"}, {"main", "approved"}} {
			asked := w.shop.Deploy("production", commit.branch, simulator.DeployOptions{Creator: "eve", WorkflowRun: true})
			w.Settle()
			w.gate(asked, commit.want)
		}
		drops := func() *simulator.PullRequest {
			squatter.CommitAs("eve", "squatter-drops", "Drop the price", map[string]string{"openapi.yaml": without("price")})
			pull := squatter.OpenPullRequest(simulator.PullRequestOptions{Head: "squatter-drops", Author: "eve"})
			w.Settle()
			return pull
		}
		own := drops()
		w.expect(own, "failure", "belongs to", "web") // it may mean this one
		w.shop.CommitAs("ana", "main", "Move the API", map[string]string{".github/plimsoll.yml": strings.Replace(gatedShop, "api: shop", "api: store", 1)})
		w.Settle()
		if check := w.expect(own, "failure", "web"); strings.Contains(check.Summary, "belongs to") {
			t.Errorf("the name is still taken:\n%s", w.GitHub.Render(own))
		}
	})
}

// A fork of a public repository gets one answer, whether a private repository provides an
// API of that name or nobody does.
func TestForkThatGuessesAName(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		public := w.repository("public", map[string]string{".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: public\n"})
		public.SetPrivate(false)
		w.Settle()
		fork := public.Fork("eve")
		pages := map[string]string{}
		for _, name := range []string{"shop", "none"} {
			fork.CommitAs("eve", "guess-"+name, "Guess", map[string]string{"openapi.yaml": shopContract,
				".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: public\n    provides: [{api: " + name + ", spec: openapi.yaml}]\n"})
			pull := public.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "guess-" + name, Author: "eve"})
			w.Settle()
			check := w.expect(pull, "success")
			pages[name] = check.Title + strings.ReplaceAll(strings.ReplaceAll(check.Summary, pull.HeadSHA(), "HEAD"), pull.HeadSHA()[:7], "HEAD")
		}
		if pages["shop"] != pages["none"] {
			t.Errorf("a private API's name:\n%s\nno API's name:\n%s", pages["shop"], pages["none"])
		}
	})
}

// What is unknown holds a gate: here nobody knows which version of the provider runs. The
// repository may let that pass; what the commit itself hides stays held.
func TestGateThatLetsUnknownAnswersPass(t *testing.T) {
	const gated = webFile + "    environments:\n      production: {gate: true}\n"
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.web.CommitAs("ben", "main", "Ask before production", map[string]string{".github/plimsoll.yml": gated})
	w.web.Environment("production", true)
	w.Settle()
	ask := func(branch string, files map[string]string, want string) {
		t.Helper()
		commit := w.web.CommitAs("eve", branch, "Try", files)
		asked := w.web.Deploy("production", commit, simulator.DeployOptions{Creator: "eve", WorkflowRun: true})
		w.Settle()
		w.gate(asked, want)
	}
	ask("before", map[string]string{"README.md": "more"}, "held")
	allowed := gated + "policy: {gate_unknown: allow}\n"
	w.web.CommitAs("ben", "main", "Let unknown answers pass", map[string]string{".github/plimsoll.yml": allowed})
	w.Settle()
	ask("after", map[string]string{"README.md": "more"}, "approved")
	ask("hidden", map[string]string{".github/plimsoll.yml": "version: 1\ncomponents: 7\n"}, "held")
}

// A repository that can't be read may use what a commit removes: the gate stays closed, as
// for any unknown answer. What harms nobody passes.
func TestGateWhileARepositoryCannotBeRead(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := gatekept(t, dsn)
		w.GitHub.Fault(simulator.Fault{Method: http.MethodGet, Status: http.StatusForbidden, Times: simulator.Always,
			Body: `{"message":"Resource not accessible by integration"}`, Match: func(q *http.Request) bool { return strings.Contains(q.URL.Path, "/acme/sealed/") }})
		w.repository("sealed", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "price", "color")})
		w.Settle()
		for name, content := range map[string]struct{ file, want string }{
			"harmful":  {without("color"), "held"},
			"harmless": {shopContract + "\n", "approved"},
		} {
			commit := w.shop.CommitAs("eve", name, "Change", map[string]string{"openapi.yaml": content.file})
			asked := w.shop.Deploy("production", commit, simulator.DeployOptions{Creator: "eve", WorkflowRun: true})
			w.Settle()
			w.gate(asked, content.want)
		}
	})
}

// A commit that was verified here before passes at once only as a rollback; while it
// is what runs, the questions are asked again.
func TestGateOfACommitThatWasVerified(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		_, good := w.change("good")
		w.verified(good)
		w.answered(w.ask(good), "report|not deployed to `staging` yet")
		_, bad := w.change("bad")
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.deploy(bad)
		w.answered(w.ask(good), "production approved|was verified here before")
	})
}

// GitHub refuses an answer although the run waits: the gate is answered again, and never
// left open for nobody.
func TestGateThatRefusesAnAnswer(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := gatekept(t, dsn)
		w.GitHub.Fault(simulator.Fault{Operation: "actions/review-custom-gates-for-run", Status: http.StatusUnprocessableEntity})
		asked := w.shop.Deploy("production", "main", simulator.DeployOptions{Creator: "ana", WorkflowRun: true})
		w.Settle()
		for deadline := time.Now().Add(patience); len(asked.Gate()) == 0 && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond) // until the second try is due, which nothing else waits for
			w.Settle()
		}
		w.gate(asked, "approved")
	})
}

// The ledger's entry of a gate is shown to who may read the repository, and names only
// consumers that they may read.
func TestGateInTheLedger(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := gatekept(t, dsn)
		for _, branch := range []string{"harmless", "attack"} {
			files := map[string]string{"README.md": "more"}
			if branch == "attack" {
				files = map[string]string{"openapi.yaml": without("price")}
			}
			commit := w.shop.CommitAs("eve", branch, "Change", files)
			w.shop.Deploy("production", commit, simulator.DeployOptions{Creator: "eve", WorkflowRun: true})
			w.Settle()
		}
		w.shop.Grant("ana", "read")
		w.web.Grant("ana", "read")
		w.shop.Grant("cleo", "read")
		ask := &asking{live: &live{world: w}}
		for login, want := range map[string]string{"ana": "approved web rejected web", "cleo": "approved redacted rejected redacted"} {
			_, body, _ := ask.ask(w.GitHub.UserToken(login), "ledger?repository=acme/shop")
			var got []string
			for line := range strings.Lines(body) {
				var entry struct {
					ledger.Entry
					Redacted bool
				}
				var said gate.Entry
				if err := json.Unmarshal([]byte(line), &entry); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				if entry.Kind != ledger.EntryGate {
					continue
				}
				if err := json.Unmarshal(entry.Body, &said); err != nil {
					t.Errorf("%s is shown %s: %v", login, line, err)
				}
				got = append(got, string(said.State))
				if strings.Contains(line, "acme/web") {
					got = append(got, "web")
				}
				if entry.Redacted {
					got = append(got, "redacted")
				}
			}
			if text := strings.Join(got, " "); text != want {
				t.Errorf("%s is shown %q, expected %q:\n%s", login, text, want, body)
			}
		}
	})
}
