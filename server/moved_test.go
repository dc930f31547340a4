package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// fileOf is the declaration of a consumer that reads fields of the shop's item.
func fileOf(name, fields string) map[string]string {
	file := strings.ReplaceAll(strings.Replace(webFile, "[name, price]", "["+fields+"]", 1), "web", name)
	return map[string]string{".github/plimsoll.yml": file}
}

// checksOf names the conclusions of all check runs ever made on a head, oldest first.
func checksOf(pull *simulator.PullRequest) string {
	var all []string
	for _, check := range pull.Repository().Checks(pull.HeadSHA(), onContracts) {
		all = append(all, check.Conclusion)
	}
	return strings.Join(all, " ")
}

// TestABlockedPullRequestLetsGoByItself: as its consumers move, one after the
// other, it counts down and passes, and no other pull request is touched.
func TestABlockedPullRequestLetsGoByItself(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		app := w.repository("app", fileOf("app", "name, price"))
		report := w.repository("report", fileOf("report", "name, price, color"))
		w.Settle()
		blocked := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		other := w.pull("drop-color", map[string]string{"openapi.yaml": without("color")})
		harmless := w.pull("words", map[string]string{"README.md": "shop, with words"})
		w.expect(blocked, "failure", "3 consumers break: app, report, web")
		w.expect(other, "failure", "1 consumer breaks: report")

		step := func(name string, repo *simulator.Repository, fields, conclusion string, texts ...string) {
			t.Helper()
			used := w.Used(func() { repo.CommitAs("ben", "main", "Move "+name, fileOf(name, fields)) })
			for _, e := range used {
				if strings.Contains(e.Path, "/"+harmless.HeadSHA()) || strings.HasSuffix(e.Path, "/pulls/3") {
					t.Errorf("a pull request that %s does not concern is asked for: %s %s", name, e.Method, e.Path)
				}
				if strings.HasSuffix(e.Path, "/pulls/2") && name != "report" {
					t.Errorf("a pull request without a finding on %s is judged again: %s %s", name, e.Method, e.Path)
				}
			}
			w.expect(blocked, conclusion, texts...)
		}
		step("web", w.web, "name", "failure", "**1 of 3 consumers migrated.**", "**`app`** breaks", "**`report`** breaks")
		step("app", app, "name", "failure", "**2 of 3 consumers migrated.**", "**`report`** breaks")
		testbedtest.Outcome(t, w.GitHub.Render(blocked), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot] (edited 2×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/report commit1 price report
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/report commit1 price report; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		step("report", report, "name", "success", "All 3 consumers have migrated.")
		testbedtest.Golden(t, "moved/all.md", testbedtest.About(onContracts, w.GitHub.Render(blocked)))
		w.expect(other, "success")
		if got := checksOf(harmless); got != "success" {
			t.Errorf("the pull request that touches nothing has the checks %s", got)
		}
	})
}

// TestANewUseBlocksAnOpenPullRequest: what nobody used is used when
// somebody begins to use it.
func TestANewUseBlocksAnOpenPullRequest(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		pull := w.pull("drop-color", map[string]string{"openapi.yaml": without("color")})
		w.expect(pull, "success", "no known consumers affected")
		w.web.CommitAs("ben", "main", "Show the color", fileOf("web", "name, price, color"))
		w.Settle()
		w.expect(pull, "failure", "1 consumer breaks: web")
	})
}

// TestAConsumerIsEvaluatedFromItsBaseline: a use that was declared before a field was
// taken away is told of it on later pull requests, and blocks none of them.
func TestAConsumerIsEvaluatedFromItsBaseline(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		w.web.CommitAs("ben", "main", "Show the color", fileOf("web", "name, color"))
		w.Settle()
		w.shop.CommitAs("ana", "main", "Drop the color", map[string]string{"openapi.yaml": without("color")})
		w.Settle()
		pull := w.pull("drop-price", map[string]string{"openapi.yaml": strings.Replace(without("color"), "                  price:\n                    type: integer\n", "", 1)})
		w.expect(pull, "neutral", "1 consumer breaks: web (already on main)", "Already on `main`: removed")
		if n := len(pull.Comments()); n != 0 {
			t.Errorf("%d comments about what this pull request does not do", n)
		}
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			check plimsoll/contracts: neutral: 1; ⚠️ .github/plimsoll.yml:9 @acme/web color commit1 web; #⚠️; #✅; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}
