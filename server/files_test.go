package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

func TestBrokenRepositoryFileOnAPullRequest(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	broken := strings.Replace(shopFile, "    provides:", "    providse:", 1)
	pull := w.pull("typo", map[string]string{".github/plimsoll.yml": broken})
	w.expect(pull, "failure", "providse", "provides", ".github/plimsoll.yml:5")
	testbedtest.Outcome(t, w.GitHub.RenderAll(), `
		acme/shop pull 1 (open)
		check plimsoll/contracts: failure: 1; ❌; .github/plimsoll.yml:5 failure; [recheck]
		check plimsoll/readiness: failure: 1; ❌; shop 1 4 3; 3; # ×3; .github/plimsoll.yml:5 failure; [recheck]`)
}

// A consumer whose file broke on its default branch goes on counting as it was.
func TestBrokenConsumerKeepsItsLastGoodVersion(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.web.CommitAs("ana", "main", "Break the file", map[string]string{".github/plimsoll.yml": "version: 1\ncomponents: 7\n"})
	w.Settle()
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "1 consumer breaks: web", "last valid version")
}

func TestBrokenContractSaysWhere(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("broken", map[string]string{"openapi.yaml": shopContract + "  /broken: [\n"})
	w.expect(pull, "failure", "openapi.yaml:23")
}

func TestRemoteReferenceIsRefused(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	remote := strings.Replace(shopContract, "schema:\n                type: object\n                properties:", "schema:\n                $ref: https://evil.example/schema.yaml\n                properties:", 1)
	pull := w.pull("remote", map[string]string{"openapi.yaml": remote})
	w.expect(pull, "failure", "openapi.yaml:15", "//evil.example/schema.yaml", "read from the repository")
}

func TestContractTakenAway(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("gone", map[string]string{
		"openapi.yaml":         simulator.Deleted,
		".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: shop\n    owner: \"@acme/shop\"\n",
	})
	w.expect(pull, "failure", "1 consumer breaks: web")
}

func TestContractMovedToAnotherPath(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("move", map[string]string{
		"openapi.yaml":         simulator.Deleted,
		"api/shop.yaml":        without("price"),
		".github/plimsoll.yml": strings.Replace(shopFile, "spec: openapi.yaml", "spec: api/shop.yaml", 1),
	})
	w.expect(pull, "failure", "1 consumer breaks: web", "`price`")
}

func TestContractFileMissing(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("lost", map[string]string{"openapi.yaml": simulator.Deleted})
	w.expect(pull, "failure", "openapi.yaml")
}

func TestNewContractBreaksNobody(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("second", map[string]string{
		"admin.yaml":           shopContract,
		".github/plimsoll.yml": shopFile + "      - api: admin\n        spec: admin.yaml\n",
	})
	w.expect(pull, "success")
}

// What a pull request says about blocking has no force before it is merged.
func TestPullRequestCannotSwitchItsCheckOff(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("sneaky", map[string]string{
		"openapi.yaml":         without("price"),
		".github/plimsoll.yml": strings.Replace(shopFile, "spec: openapi.yaml", "spec: openapi.yaml\n        on_break: warn", 1),
	})
	w.expect(pull, "failure", "1 consumer breaks: web")
	if _, err := pull.Merge("merge"); err != nil {
		t.Fatal(err)
	}
	w.Settle()
	later := w.pull("later", map[string]string{"openapi.yaml": without("name")})
	w.expect(later, "neutral", "web")
}

// A private consumer of a public provider is counted and never named.
func TestPrivateConsumerOfAPublicProvider(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.shop.SetPrivate(false)
	w.Settle()
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "1 private consumer")
	for _, secret := range []string{"acme/web", "`web`", "@acme/web", w.web.Head("main")[:7]} {
		if page := w.GitHub.Render(pull); strings.Contains(page, secret) {
			t.Errorf("the page gives away %q:\n%s", secret, page)
		}
	}
}

// What an outsider writes into files must not mention people or make links.
func TestHostileNamesAreEscaped(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	hostile := strings.Replace(shopContract, "                  price:\n                    type: integer\n",
		"                  \"@everyone <img src=x onerror=alert(1)> [x](https://evil.example) | `\":\n                    type: integer\n", 1)
	pull := w.pull("hostile", map[string]string{"openapi.yaml": hostile})
	page := w.GitHub.Render(pull)
	if shown, quoted := strings.Count(page, "@everyone"), strings.Count(page, "`` @everyone <img src=x onerror=alert(1)> [x](https://evil.example) | ` ``"); shown == 0 || shown != quoted {
		t.Errorf("shown %d times, as code only %d times:\n%s", shown, quoted, page)
	}
	w.expect(pull, "failure")
}

func TestConsumerThatMovedNoLongerBreaks(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.web.CommitAs("ana", "main", "Stop reading prices", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "[name, price]", "[name]", 1)})
	w.Settle()
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "success", "no known consumers affected")
}

func TestRepositoriesComeAndGo(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	app := w.repository("app", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "web", "app")})
	w.Settle()
	app.Rename("mobile")
	w.Settle()
	w.web.Archive()
	w.Settle()
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "2 consumers break", "acme/mobile", "archived")
	w.web.Delete()
	w.Settle()
	again := w.pull("change-again", map[string]string{"openapi.yaml": without("price")})
	w.expect(again, "failure", "2 consumers break")
}

// What the organisation says holds for all of its repositories: a repository may
// tighten it and not loosen it.
func TestOrganisationsFileHoldsForAll(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	lax := strings.Replace(shopFile, "spec: openapi.yaml", "spec: openapi.yaml\n        on_break: warn", 1)
	w.shop.CommitAs("ana", "main", "Only warn", map[string]string{".github/plimsoll.yml": lax})
	w.Settle()
	w.expect(w.pull("before", map[string]string{"openapi.yaml": without("price")}), "neutral", "web")

	home := w.repository(".github", map[string]string{"plimsoll.yml": "version: 1\npolicy:\n  on_break: block\n"})
	w.Settle()
	w.expect(w.pull("floor", map[string]string{"openapi.yaml": without("price")}), "failure", "web")

	home.CommitAs("ana", "main", "Break it", map[string]string{"plimsoll.yml": "version: 1\npolicy: 7\n"})
	w.Settle()
	w.expect(w.pull("broken", map[string]string{"openapi.yaml": without("price")}), "failure", "web")

	home.CommitAs("ana", "main", "Take it away", map[string]string{"plimsoll.yml": simulator.Deleted})
	w.Settle()
	w.expect(w.pull("after", map[string]string{"openapi.yaml": without("price")}), "neutral", "web")
}
