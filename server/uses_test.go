package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// with gives the shop's contract with one more field of an item.
func with(lines string) string { return shopContract + lines }

const weight = "                  weight:\n                    type: integer\n"

// reading is the declaration of web with other fields; tail is put behind it.
func reading(fields, tail string) map[string]string {
	return map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "[name, price]", "["+fields+"]", 1) + tail}
}

const (
	inProduction = "    environments:\n      production: {}\n"
	inBoth       = "    environments:\n      production: {}\n      staging: {}\n"
)

// asks opens a pull request of the consumer that changes files, and settles.
func (w *world) asks(branch string, files map[string]string) *simulator.PullRequest {
	w.t.Helper()
	w.web.CommitAs("ben", branch, "Change "+branch, files)
	pull := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ben"})
	w.Settle()
	return pull
}

// adds puts another contract on the shop's default branch, and settles.
func (w *world) adds(contract string) string {
	w.t.Helper()
	sha := w.shop.CommitAs("ana", "main", "Change the contract", map[string]string{"openapi.yaml": contract})
	w.Settle()
	return sha
}

// deploys brings a commit of a repository somewhere, and settles.
func (w *world) deploys(repo *simulator.Repository, environment, ref string) {
	w.t.Helper()
	repo.Deploy(environment, ref, simulator.DeployOptions{}).Status("success", "")
	w.Settle()
}

// page holds a pull request to a golden page or an outcome.
func (w *world) page(pull *simulator.PullRequest, want string) {
	w.t.Helper()
	testbedtest.Shown(w.t, w.GitHub.Render(pull), want)
}

// eachWorld runs a scenario on every database.
func eachWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		test(t, newWorld(t, testbed.Options{DSN: dsn}))
	})
}

// A declared field or operation that exists nowhere fails, with the nearest name on
// its own line.
func TestTypoInADeclaration(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		field := w.asks("field", reading("name, prise", ""))
		w.expect(field, "failure", "1 declared use does not exist in the provider's contract", "Similar: `price`")
		w.page(field, `
			acme/web pull 1 (open)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9:27 price shop web; .github/plimsoll.yml:9 failure; [recheck]
			check plimsoll/readiness: success`)
		w.expect(w.asks("operation", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "/items/{id}", "/item/{id}")}),
			"failure", "operation GET /item/{id} is not in the contract", "Similar: `GET /items/{id}`")
		field.Push("Mend it", reading("name", ""))
		w.Settle()
		w.expect(field, "success", "All declared uses are available", "No deployment of `web` is known")
	})
}

// What is only moved, or said in other words, is not asked about.
func TestUntouchedUseIsNotEvaluated(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.web.CommitAs("ben", "main", "Read what is not there", reading("name, prise", ""))
	w.Settle()
	moved := w.asks("moved", map[string]string{".github/plimsoll.yml": "# Who uses what.\n" + reading("name, prise", "")[".github/plimsoll.yml"]})
	w.expect(moved, "success", "Safe to merge: no change affects consumers")
	w.expect(w.asks("owner", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(reading("name, prise", "")[".github/plimsoll.yml"], "@acme/web", "@acme/people")}), "success")
	w.expect(w.asks("more", reading("prise, price", "")), "failure", "prise")
}

// A field that is on the provider's branch and does not run yet: the provider goes
// first, and the check follows it.
func TestFieldThatIsNotLiveYet(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.deploys(w.shop, "production", "main")
		w.adds(with(weight))
		pull := w.asks("weight", reading("name, weight", inProduction))
		w.expect(pull, "neutral", "Deploy shop first: 1 declared use is not live in production", "**Deploy `shop` to `production` first.**")
		testbedtest.Golden(t, "uses/not-live.md", testbedtest.About(onContracts, w.GitHub.Render(pull)))
		w.deploys(w.shop, "production", "main")
		w.expect(pull, "success", "live in `production`")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral (replaced)
			check plimsoll/contracts: success: ✅ production shop web
			check plimsoll/readiness: failure: 5; ❌ .github/plimsoll.yml:3 HC001 web; ❌ .github/plimsoll.yml:3 AL001 web; ❌ .github/plimsoll.yml:3 RB001 web; ❌ .github/plimsoll.yml:11 VF001 verify web; ❌ .github/plimsoll.yml:11 DP002 web; web 1 6 5; #❌ ×5; .github/plimsoll.yml:3 failure ×3; .github/plimsoll.yml:11 failure ×2; [recheck]`)
	})
}

// Every commit that runs counts, in every environment where the consumer runs.
func TestRolloutsAndSeveralEnvironments(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.deploys(w.shop, "production", "main")
	w.adds(with(weight))
	w.deploys(w.shop, "staging", "main")
	w.deploys(w.web, "staging", "main")
	pull := w.asks("weight", reading("name, weight", ""))
	w.expect(pull, "success", "live in `staging`")
	w.deploys(w.web, "production", "main")
	w.expect(pull, "neutral", "Deploy shop first", "`production`")
	rollout := w.shop.Deploy("production", "main", simulator.DeployOptions{})
	rollout.Status("in_progress", "")
	w.Settle()
	w.expect(pull, "neutral", "Deploy shop first")
	rollout.Status("success", "")
	w.Settle()
	w.expect(pull, "success", "live in `production` and `staging`")
}

// A provider that is not known to run where the consumer runs: that can't be told.
func TestProviderThatDoesNotRunThere(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.deploys(w.shop, "production", "main")
		pull := w.asks("staging", reading("name", inBoth))
		w.expect(pull, "neutral", "Can't check shop in staging", "No deployment of `shop` to `staging` is known")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral: ⚠️ shop staging web; [recheck]
			check plimsoll/readiness: failure: 5; ❌ .github/plimsoll.yml:3 HC001 web; ❌ .github/plimsoll.yml:3 AL001 web; ❌ .github/plimsoll.yml:3 RB001 web; ❌ .github/plimsoll.yml:11 VF001 verify web; ❌ .github/plimsoll.yml:11 DP002 web; web 1 6 5; #❌ ×5; .github/plimsoll.yml:3 failure ×3; .github/plimsoll.yml:11 failure ×2; [recheck]`)
		w.deploys(w.shop, "staging", "main")
		w.expect(pull, "success")
	})
}

// What the provider's branch has dropped and what runs still has: a warning, since
// the next deployment takes it away.
func TestFieldThatIsGoneAndStillLive(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.deploys(w.shop, "production", "main")
		w.adds(without("color"))
		pull := w.asks("color", reading("name, color", inProduction))
		w.expect(pull, "neutral", "was removed on its default branch", "It is still live in `production`")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral: ⚠️ .github/plimsoll.yml:9:27 commit1 production shop web; .github/plimsoll.yml:9 warning; [recheck]
			check plimsoll/readiness: failure: 5; ❌ .github/plimsoll.yml:3 HC001 web; ❌ .github/plimsoll.yml:3 AL001 web; ❌ .github/plimsoll.yml:3 RB001 web; ❌ .github/plimsoll.yml:11 VF001 verify web; ❌ .github/plimsoll.yml:11 DP002 web; web 1 6 5; #❌ ×5; .github/plimsoll.yml:3 failure ×3; .github/plimsoll.yml:11 failure ×2; [recheck]`)
	})
}

const aging = `                  sku:
                    type: string
                    deprecated: true
                    x-sunset: "2027-01-31"
`

// What the provider has deprecated is named with its date; what is only assumed
// warns nobody.
func TestDeprecatedUse(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.adds(with(aging))
		pull := w.asks("sku", reading("name, sku", ""))
		w.expect(pull, "neutral", "A used part of shop is deprecated", "property `sku` in `GET /items/{id}`, which may be removed from `2027-01-31` on")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral: ⚠️ .github/plimsoll.yml:9 shop sku web; .github/plimsoll.yml:9 warning; [recheck]
			check plimsoll/readiness: success`)
		assumed := w.asks("all", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "            reads: [name, price]\n", "", 1)})
		w.expect(assumed, "success", "1 deprecated part that may be in use")
		w.page(assumed, `
			acme/web pull 2 (open)
			check plimsoll/contracts: success: ✅ shop web; 1
			check plimsoll/readiness: success`)
	})
}

// Nobody provides it, and then somebody does.
func TestNobodyProvidesIt(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		pull := w.asks("stock", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "api: shop", "api: shops")})
		w.expect(pull, "neutral", "No known provider of shops", "Similar: `acme/shop/shop`")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral: ⚠️ .github/plimsoll.yml:6 shops web; .github/plimsoll.yml:6 warning; [recheck]
			check plimsoll/readiness: success`)
		w.repository("shops", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "shop", "shops"), "openapi.yaml": shopContract})
		w.Settle()
		w.expect(pull, "success", "All uses of `shops` by `web` are available")
	})
}

// Several provide one of that name: the first does, and others are named in full.
func TestNameThatSeveralProvide(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.repository("twin", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "name: shop", "name: twin"), "openapi.yaml": without("color")})
		w.Settle()
		pull := w.asks("name", reading("color", ""))
		w.expect(pull, "success")
		pull.Push("Name the other in full", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(reading("color", "")[".github/plimsoll.yml"], "api: shop", "api: acme/twin/shop")})
		w.Settle()
		w.expect(pull, "failure", "1 declared use does not exist in the provider's contract")
	})
}

// A contract that can't be read on the provider's branch is said, with its line.
func TestProvidersContractIsBroken(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.adds(strings.Replace(shopContract, "paths:\n", "paths: [\n", 1))
		pull := w.asks("name", reading("name", ""))
		w.expect(pull, "neutral", "Can't read the contract of shop", "openapi.yaml:")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral: ⚠️ .github/plimsoll.yml:6 openapi.yaml:3:8 shop web; [recheck]
			check plimsoll/readiness: success`)
		w.adds(shopContract)
		w.expect(pull, "success")
	})
}

// What a private provider's contract holds is not shown on a public pull request;
// of an outsider's pull request it is not even said whether it fits.
func TestPrivateProviderOfAPublicConsumer(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.deploys(w.shop, "production", "main")
		w.adds(with(strings.ReplaceAll(weight+aging, "weight", "zzweight")))
		w.web.SetPrivate(false)
		w.Settle()
		pull := w.asks("guess", reading("zzweigth, sku, zzweight", inProduction))
		w.expect(pull, "failure", "The provider is private")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9:21 shop web; ⚠️ .github/plimsoll.yml:9:31 .github/plimsoll.yml:9:36 production shop web; ⚠️ .github/plimsoll.yml:9 shop web; .github/plimsoll.yml:9 failure; .github/plimsoll.yml:9 warning ×3; [recheck]
			check plimsoll/readiness: failure: 5; ❌ .github/plimsoll.yml:3 HC001 web; ❌ .github/plimsoll.yml:3 AL001 web; ❌ .github/plimsoll.yml:3 RB001 web; ❌ .github/plimsoll.yml:11 VF001 verify web; ❌ .github/plimsoll.yml:11 DP002 web; web 1 6 5; #❌ ×5; .github/plimsoll.yml:3 failure ×3; .github/plimsoll.yml:11 failure ×2; [recheck]`)
		fork := w.web.Fork("eve")
		fork.CommitAs("eve", "guess", "Guess", reading("zzweight, secret", ""))
		outsider := w.web.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "guess", Author: "eve"})
		w.Settle()
		w.expect(outsider, "neutral", "No known provider of shop")
		w.page(outsider, `
			acme/web pull 2 (open)
			check plimsoll/contracts: neutral: ⚠️ .github/plimsoll.yml:6 shop web; .github/plimsoll.yml:6 warning; [recheck]
			check plimsoll/readiness: success`)
		missing := w.asks("shops", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "api: shop", "api: shops")})
		w.expect(missing, "neutral", "No known provider of shops")
		for _, pull := range []*simulator.PullRequest{pull, outsider, missing} {
			page := w.GitHub.Render(pull)
			for _, secret := range []string{"acme/shop", "2027", "Nearest", "GET /items"} {
				_, shown, _ := strings.Cut(page, "plimsoll/contracts")
				shown, _, _ = strings.Cut(shown, "plimsoll/readiness") // which shows lines of the consumer's own file
				if strings.Contains(shown, secret) {
					t.Errorf("a public pull request shows %q:\n%s", secret, page)
				}
			}
		}
	})
}

// When the provider's branch moves, exactly the consumer's pull requests that use
// it are evaluated again.
func TestConsumerFollowsTheProvider(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		pull := w.asks("weight", reading("name, weight", ""))
		other := w.asks("words", map[string]string{"README.md": "web"})
		w.expect(pull, "failure", "weight")
		used := w.Used(func() {
			w.shop.CommitAs("ana", "main", "Add the weight", map[string]string{"openapi.yaml": with(weight)})
		})
		w.expect(pull, "success", "are available")
		for _, e := range used {
			if strings.HasSuffix(e.Path, "/pulls/2") {
				t.Errorf("a pull request that uses nothing new is judged again: %s %s", e.Method, e.Path)
			}
		}
		w.expect(other, "success")
		w.adds(shopContract)
		w.expect(pull, "failure", "weight")
	})
}

// A use that was imported from evidence, and not declared, does not fail.
func TestImportedUseThatIsNotOffered(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		pull := w.asks("pact", map[string]string{
			".github/plimsoll.yml": strings.Replace(webFile, "        operations:\n          - op: GET /items/{id}\n            reads: [name, price]\n", "        import: [\"pacts/*.json\"]\n", 1),
			"pacts/web-shop.json": `{
  "consumer": {"name": "web"},
  "provider": {"name": "shop"},
  "interactions": [
    {
      "description": "an offer",
      "request": {"method": "GET", "path": "/offers/7"},
      "response": {"status": 200, "body": {"name": "Lamp"}}
    }
  ],
  "metadata": {"pactSpecification": {"version": "2.0.0"}}
}
`,
		})
		w.expect(pull, "neutral", "operation GET /offers/7 is not in the contract", "evidence of the kind `pact`")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral: 1; ⚠️ pact pacts/web-shop.json:7:44 shop web 7; pacts/web-shop.json:7 warning; [recheck]
			check plimsoll/readiness: success`)
	})
}

// What has changed since the stored copy that the use was written for is told.
func TestChangesSinceTheStoredCopy(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.adds(strings.Replace(shopContract, "price:\n                    type: integer", "price:\n                    type: string", 1))
		file := strings.Replace(reading("name, price", "")[".github/plimsoll.yml"], "      - api: shop\n", "      - api: shop\n        baseline: shop.yaml\n", 1)
		pull := w.asks("copy", map[string]string{".github/plimsoll.yml": file, "shop.yaml": shopContract})
		w.expect(pull, "neutral", "A used part of shop has changed since its baseline", "changed the type of", "`web` reads `price`")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral: ⚠️ .github/plimsoll.yml:10 integer price shop string web; .github/plimsoll.yml:10 warning; [recheck]
			check plimsoll/readiness: success`)
		pull.Push("Take the copy anew", map[string]string{"shop.yaml": strings.Replace(shopContract, "price:\n                    type: integer", "price:\n                    type: string", 1)})
		w.Settle()
		w.expect(pull, "success")
	})
}

// What the pull request itself adds to the repository's own contract counts.
func TestOwnContractIsThatOfTheHead(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	both := shopFile + strings.TrimPrefix(strings.ReplaceAll(strings.ReplaceAll(webFile, "name: web", "name: admin"), "[name, price]", "[name, weight]"), "version: 1\ncomponents:\n")
	pull := w.pull("both", map[string]string{".github/plimsoll.yml": both, "openapi.yaml": with(weight)})
	w.expect(pull, "success", "All uses of `shop` by `admin` are available")
	w.expect(w.pull("one", map[string]string{".github/plimsoll.yml": both}), "failure", "weight")
}
