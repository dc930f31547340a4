package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// shopRules is the shop's file with rule settings.
func shopRules(entries ...string) string {
	text := shopFile + "        rules:\n"
	for _, entry := range entries {
		text += "          - " + entry + "\n"
	}
	return text
}

const (
	ignorePrice  = `{rule: response-property-removed, operation: "GET /items/**", field: price, ignore: true, reason: "the <b>shop</b> page @acme/all is gone", until: 2027-01-31}`
	ignoredPrice = "Ignored by rule in"
)

// ruled is a world whose shop has a repository file of its own, and a clock.
func ruled(t *testing.T, o testbed.Options, file string) (*world, *clock) {
	t.Helper()
	at := &clock{now: testbedtest.Noon}
	o.Clock = at.Now
	w := newWorld(t, o)
	w.shop.CommitAs("ana", "main", "Set rules", map[string]string{".github/plimsoll.yml": file})
	w.Settle()
	return w, at
}

func TestIgnoredByTheBaseBranch(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w, _ := ruled(t, testbed.Options{DSN: dsn}, shopRules(ignorePrice))
		pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		w.expect(pull, "success", "1 change ignored by a rule", ignoredPrice, "/.github/plimsoll.yml#L9", "until 2027-01-31", "breaks `web`")
		testbedtest.Golden(t, "rules/ignored.txt", testbedtest.About(onContracts, w.GitHub.RenderAll()))
	})
}

// What only the pull request itself says takes effect when it is merged.
func TestIgnoredOnlyByThePullRequest(t *testing.T) {
	w, _ := ruled(t, testbed.Options{}, shopFile)
	pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price"), ".github/plimsoll.yml": shopRules(ignorePrice)})
	w.expect(pull, "failure", "1 consumer breaks: web", "takes effect after it is merged into `main`")
	// The line alone, merged on its own, lets the open pull request pass.
	w.shop.CommitAs("ana", "main", "Ignore it", map[string]string{".github/plimsoll.yml": shopRules(ignorePrice)})
	w.Settle()
	w.expect(pull, "success", ignoredPrice)
}

// A pull request that began before the entry was withdrawn is not judged by it.
func TestIgnoreThatTheBaseBranchHasWithdrawn(t *testing.T) {
	w, _ := ruled(t, testbed.Options{}, shopRules(ignorePrice))
	pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "success", ignoredPrice)
	w.shop.CommitAs("ana", "main", "Withdraw it", map[string]string{".github/plimsoll.yml": shopFile})
	w.Settle()
	w.expect(pull, "failure", "1 consumer breaks: web")
}

func TestIgnoreThatEnds(t *testing.T) {
	w, at := ruled(t, testbed.Options{}, shopRules(ignorePrice))
	pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "success", ignoredPrice)
	at.set(time.Date(2027, 2, 1, 0, 0, 1, 0, time.UTC))
	w.Server.Queue().Wake()
	w.Settle()
	w.expect(pull, "failure", "1 consumer breaks: web", "ended on 2027-01-31 and does not count")
}

func TestIgnoreThatThePolicyForbids(t *testing.T) {
	for name, c := range map[string]struct{ policy, want string }{
		"fixed":    {"rules: [{rule: response-property-*}]", "the policy fixes `response-property-removed`"},
		"too long": {"max_waiver: 7d", "reaches further ahead than `max_waiver` of the policy"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := ruled(t, testbed.Options{}, shopFile)
			w.repository(".github", map[string]string{"plimsoll.yml": "version: 1\npolicy: {" + c.policy + "}\n"})
			w.Settle()
			w.shop.CommitAs("ana", "main", "Set rules", map[string]string{".github/plimsoll.yml": shopRules(ignorePrice)})
			w.Settle()
			pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
			w.expect(pull, "failure", "1 consumer breaks: web", c.want)
		})
	}
}

// The policy that is added later counts for pull requests that are open.
func TestPolicyAgainstAnOpenPullRequest(t *testing.T) {
	w, _ := ruled(t, testbed.Options{}, shopRules(ignorePrice))
	home := w.repository(".github", map[string]string{"plimsoll.yml": "version: 1\n"})
	w.Settle()
	pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "success", ignoredPrice)
	home.CommitAs("ana", "main", "Fix it", map[string]string{"plimsoll.yml": "version: 1\npolicy: {rules: [{rule: \"*\"}]}\n"})
	w.Settle()
	w.expect(pull, "failure", "1 consumer breaks: web")
}

func TestLevels(t *testing.T) {
	for name, c := range map[string]struct {
		entry, property, conclusion string
		want                        []string
	}{
		"raised, and nobody uses it":   {"{rule: response-property-removed, level: breaking, reason: ask the board}", "color", "failure", []string{"1 change is set to breaking", "Reason: ask the board."}},
		"raised to a warning":          {"{rule: response-property-removed, field: color, level: risky}", "color", "neutral", []string{"Level `risky` by rule in"}},
		"lowered, and a consumer":      {"{rule: response-property-removed, level: risky}", "price", "neutral", []string{"1 consumer breaks: web (not blocking)", "Level `risky` by rule in"}},
		"info, and a consumer breaks":  {"{rule: response-property-removed, level: info}", "price", "neutral", []string{"1 consumer breaks: web (not blocking)", "Level `info` by rule in"}},
		"info, and nobody uses it":     {"{rule: response-property-removed, level: info}", "color", "success", []string{"Level `info` by rule in"}},
		"another rule":                 {"{rule: response-property-added, level: info}", "price", "failure", []string{"1 consumer breaks: web"}},
		"another operation":            {`{rule: "*", operation: "POST /items/**", ignore: true, reason: no, until: 2027-01-31}`, "price", "failure", []string{"1 consumer breaks: web"}},
		"another field":                {"{rule: \"*\", field: prices, ignore: true, reason: no, until: 2027-01-31}", "price", "failure", []string{"1 consumer breaks: web"}},
		"everything":                   {`{rule: "*", operation: "* /**", ignore: true, reason: no, until: 2027-01-31}`, "price", "success", []string{ignoredPrice}},
		"the last entry that counts":   {"{rule: \"*\", ignore: true, reason: no, until: 2027-01-31}\n          - {rule: \"*\", level: breaking}", "price", "failure", []string{"1 consumer breaks: web"}},
		"an entry that ended is none":  {"{rule: \"*\", ignore: true, reason: no, until: 2027-01-31}\n          - {rule: \"*\", level: breaking, until: 2020-01-31}", "price", "success", []string{ignoredPrice}},
		"only a warning by on_break":   {"{rule: \"*\", level: breaking}\n        on_break: warn", "color", "neutral", nil},
		"of the defaults":              {"{rule: response-property-added, level: info}\ndefaults: {rules: [{rule: response-property-removed, level: breaking}]}", "color", "failure", []string{"1 change is set to breaking"}},
		"a floor of its own policy":    {"{rule: \"*\", level: info}\npolicy: {rules: [{rule: response-property-removed, level: breaking}]}", "color", "failure", []string{"1 change is set to breaking"}},
		"hostile patterns cost little": {`{rule: "` + strings.Repeat("*a", 16) + `*", level: info}`, "price", "failure", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := ruled(t, testbed.Options{}, shopRules(c.entry))
			w.expect(w.pull("drop", map[string]string{"openapi.yaml": without(c.property)}), c.conclusion, c.want...)
		})
	}
}

// Thousands of entries are refused, and the last good version goes on counting.
func TestThousandsOfRules(t *testing.T) {
	w, _ := ruled(t, testbed.Options{}, shopFile)
	var entries []string
	for i := range 1000 {
		entries = append(entries, fmt.Sprintf(`{rule: "*", operation: "GET %s/%d/**", level: info}`, strings.Repeat("/*a*a*", 7), i))
	}
	pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price"), ".github/plimsoll.yml": shopRules(entries...)})
	w.expect(pull, "failure", "more than 200 entries under rules in one file")
}

// Mistakes are shown with their lines on the pull request that makes them.
func TestRulesThatMatchNothing(t *testing.T) {
	w, _ := ruled(t, testbed.Options{}, shopFile)
	pull := w.pull("rules", map[string]string{".github/plimsoll.yml": shopRules("{rule: response-propety-removed, level: info}", "{rule: \"*\", ignore: true}")})
	w.expect(pull, "failure", "#L9", "no rule is called", "Did you mean response-property-removed?", "ignore needs a reason", "ignore needs an end")
	pull.Push("Correct it", map[string]string{".github/plimsoll.yml": shopRules(`{rule: "*", operation: "GET /item/{id}", level: info}`)})
	w.Settle()
	w.expect(pull, "neutral", "the contract has no operation GET /item/{id}", "GET /items/{id}")
}

// The gate says the same as the check run, by the settings of the default branch: a commit
// that brings its own is held to those that are there.
func TestGateAndRules(t *testing.T) {
	const gated = "    environments:\n      production: {gate: true}\n"
	for name, c := range map[string]struct{ base, head, gate string }{
		"ignored":             {shopRules(ignorePrice), "", "approved"},
		"lowered":             {shopRules("{rule: response-property-removed, level: info}"), "", "rejected"},
		"another rule":        {shopRules("{rule: response-property-added, level: info}"), "", "rejected"},
		"by the commit alone": {shopFile, shopRules(ignorePrice), "rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			w := gatekept(t, storetest.SQLite(t))
			w.shop.CommitAs("ana", "main", "Set rules", map[string]string{".github/plimsoll.yml": c.base + gated})
			w.Settle()
			files := map[string]string{"openapi.yaml": without("price")}
			if c.head != "" {
				files[".github/plimsoll.yml"] = c.head + gated
			}
			commit := w.shop.CommitAs("eve", "drop", "Drop the price", files)
			asked := w.shop.Deploy("production", commit, simulator.DeployOptions{Creator: "eve", WorkflowRun: true})
			w.Settle()
			w.gate(asked, c.gate)
			if c.gate == "approved" && !strings.Contains(strings.Join(asked.Gate(), "\n"), ".github/plimsoll.yml:9") {
				t.Errorf("the gate does not say by which rule it was approved:\n%s", strings.Join(asked.Gate(), "\n"))
			}
		})
	}
}
