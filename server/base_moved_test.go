package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// elsewhere is the shop's file with its contract at another path.
func elsewhere(path string) string { return strings.Replace(shopFile, "openapi.yaml", path, 1) }

// A pull request that drops a field breaks the consumer that reads it, whatever happened to
// the contract on the base branch since the pull request's branch was cut.
func TestContractThatMovesOnTheBaseBranch(t *testing.T) {
	for name, move := range map[string]func(w *world){
		"to another path": func(w *world) {
			w.shop.CommitAs("ben", "main", "Move the contract", map[string]string{
				"openapi.yaml": simulator.Deleted, "api/openapi.yaml": shopContract, ".github/plimsoll.yml": elsewhere("api/openapi.yaml"),
			})
		},
		"and changes": func(w *world) {
			w.shop.CommitAs("ben", "main", "Move the contract", map[string]string{
				"openapi.yaml": simulator.Deleted, "api/openapi.yaml": without("color"), ".github/plimsoll.yml": elsewhere("api/openapi.yaml"),
			})
		},
		"nothing moves": func(w *world) {
			w.shop.CommitAs("ben", "main", "Say hello", map[string]string{"README.md": "hello"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				w := newWorld(t, testbed.Options{DSN: dsn})
				w.shop.CommitAs("ana", "drop-price", "Drop the price", map[string]string{"openapi.yaml": without("price")})
				w.shop.CommitAs("ana", "words", "Words", map[string]string{"notes.yaml": "a: 1"})
				move(w)
				w.Settle()
				attack := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "drop-price", Author: "ana"})
				honest := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "words", Author: "ana"})
				w.Settle()
				w.expect(attack, "failure", "1 consumer breaks: web")
				w.expect(honest, "success", "No contract changed")
			})
		})
	}
}

// A contract that the base branch got since counts as well: the pull request changes a file
// that it refers to.
func TestContractThatComesToTheBaseBranch(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	const shared = "components:\n  schemas:\n    Item:\n      type: object\n      properties: {name: {type: string}, price: {type: integer}}\n"
	const spec = `openapi: 3.0.3
info: {title: stock, version: "1"}
paths:
  /stock/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: An item
          content: {application/json: {schema: {$ref: "shared.yaml#/components/schemas/Item"}}}
`
	w.shop.CommitAs("ana", "main", "Share the item", map[string]string{"shared.yaml": shared})
	w.shop.CommitAs("ana", "drop-price", "Drop the price", map[string]string{"shared.yaml": strings.Replace(shared, ", price: {type: integer}", "", 1)})
	w.shop.CommitAs("ben", "main", "Offer the stock", map[string]string{
		"stock.yaml": spec, ".github/plimsoll.yml": shopFile + "      - {api: stock, spec: stock.yaml}\n",
	})
	w.web.CommitAs("ben", "main", "Show the stock", map[string]string{".github/plimsoll.yml": webFile +
		"      - api: acme/shop/stock\n        operations:\n          - {op: \"GET /stock/{id}\", reads: [price]}\n"})
	w.Settle()
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "drop-price", Author: "ana"})
	w.Settle()
	w.expect(pull, "failure", "1 consumer breaks: web")
}

// A pull request that touches no contract is evaluated again when the contract on the base
// branch begins to refer to a file that it changes. The honest twin changes another file.
func TestFileThatBecomesPartOfAContract(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		const shared = "components:\n  schemas:\n    Price: {type: integer}\n"
		w.shop.CommitAs("ana", "main", "Share the price", map[string]string{"shared.yaml": shared, "other.yaml": shared})
		pull := w.pull("attack", map[string]string{"shared.yaml": strings.Replace(shared, "integer", "string", 1)})
		twin := w.pull("twin", map[string]string{"other.yaml": strings.Replace(shared, "integer", "string", 1)})
		w.expect(pull, "success", "")
		w.shop.CommitAs("ben", "main", "Refer to it", map[string]string{
			"openapi.yaml": strings.Replace(shopContract, "price:\n                    type: integer\n", "price:\n                    $ref: \"shared.yaml#/components/schemas/Price\"\n", 1),
		})
		w.Settle()
		w.expectNewest(pull, "failure", "1 consumer breaks: web")
		w.expectNewest(twin, "success", "")
		w.alive()
	})
}

// A harmless change of the contract's old file hides no change of a file that the contract
// refers to since it moved.
func TestContractThatMovesAndRefersToAnotherFile(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	const shared = "components:\n  schemas:\n    Price: {type: integer}\n"
	w.shop.CommitAs("ana", "main", "Share the price", map[string]string{"shared.yaml": shared})
	w.shop.CommitAs("eve", "attack", "Change the price", map[string]string{
		"shared.yaml": strings.Replace(shared, "integer", "string", 1), "openapi.yaml": shopContract + "# a word\n",
	})
	w.shop.CommitAs("ben", "main", "Move the contract", map[string]string{
		"openapi.yaml": simulator.Deleted, ".github/plimsoll.yml": elsewhere("api.yaml"),
		"api.yaml": strings.Replace(shopContract, "price:\n                    type: integer\n", "price:\n                    $ref: \"shared.yaml#/components/schemas/Price\"\n", 1),
	})
	w.Settle()
	attack := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "attack", Author: "eve"})
	w.Settle()
	w.expect(attack, "failure", "1 consumer breaks: web")
}

// A writer who points away from the contract is evaluated by what stood there, as a fork is;
// one who moves it is evaluated by what it becomes.
func TestWriterWhoPointsAway(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"to a copy": {
			"copy.yaml": shopContract, "openapi.yaml": without("price"), ".github/plimsoll.yml": elsewhere("copy.yaml"),
		},
		"to a moved one that breaks": {
			"api.yaml": without("price"), "openapi.yaml": simulator.Deleted, ".github/plimsoll.yml": elsewhere("api.yaml"),
		},
		"by another API's name": {
			"openapi.yaml": without("price"), ".github/plimsoll.yml": strings.Replace(shopFile, "api: shop", "api: store", 1),
		},
		"by another component's name": {
			"openapi.yaml": without("price"), ".github/plimsoll.yml": strings.Replace(shopFile, "name: shop", "name: store", 1),
		},
		"by a broken file":   {"openapi.yaml": without("price"), ".github/plimsoll.yml": "version: 1\ncomponents: 7\n"},
		"by no file":         {"openapi.yaml": without("price"), ".github/plimsoll.yml": simulator.Deleted},
		"by nothing at all":  {".github/plimsoll.yml": "version: 1\n"},
		"by another file":    {"openapi.yaml": without("price"), ".github/plimsoll.yml": simulator.Deleted, "plimsoll.yml": "version: 1\n"},
		"and drops the file": {"openapi.yaml": simulator.Deleted, "copy.yaml": shopContract, ".github/plimsoll.yml": "version: 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				w := newWorld(t, testbed.Options{DSN: dsn})
				w.expect(w.pull("attack", files), "failure", "web")
			})
		})
	}
	t.Run("honestly", func(t *testing.T) {
		w := newWorld(t, testbed.Options{})
		w.expect(w.pull("move", map[string]string{
			"api.yaml": without("color"), "openapi.yaml": simulator.Deleted, ".github/plimsoll.yml": elsewhere("api.yaml"),
		}), "success")
	})
}

// The same for readiness: what the base branch has moved since is evaluated where it was.
func TestReadinessOfWhatMovesOnTheBaseBranch(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p := newPlatform(t, testbed.Options{DSN: dsn}, nil)
		p.shop.CommitAs("ana", "no-probes", "Drop the probes", map[string]string{"services/stock/k8s/app.yaml": deployment("stock", "")})
		p.shop.CommitAs("ana", "words", "Words", map[string]string{"services/notes.yaml": "a: 1"})
		p.shop.CommitAs("ben", "main", "Move the stock", map[string]string{
			"services/stock/k8s/app.yaml": simulator.Deleted, "services/stock/openapi.yaml": simulator.Deleted,
			"stock/k8s/app.yaml": deployment("stock", bothProbes), "stock/openapi.yaml": healthContract,
			".github/plimsoll.yml": begin + ordersFile + strings.ReplaceAll(stockFile, "services/stock", "stock"),
		})
		p.Settle()
		attack := p.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "no-probes", Author: "ana"})
		honest := p.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "words", Author: "ana"})
		p.Settle()
		p.ready(attack, "failure", "stock")
		p.ready(honest, "success")
	})
}

// Both sides change something harmless, and the merge of both breaks a consumer: the base
// branch drops a schema that nothing uses, and the pull request begins to use it. The head
// alone, compared with the merge base, changes nothing.
func TestMergeThatBreaksWhatNeitherSideBreaks(t *testing.T) {
	const shared = "Color: {type: string}\nPrice: {type: integer}\nSize: {type: integer}\n"
	spec := strings.Replace(shopContract, "color:\n                    type: string\n", "color:\n                    $ref: shared.yaml#/Color\n", 1)
	uses := strings.Replace(spec, "price:\n                    type: integer\n", "price:\n                    $ref: shared.yaml#/Price\n", 1)
	for name, c := range map[string]struct{ drop, want string }{
		"the schema is dropped": {"Price: {type: integer}\n", "failure"},
		"another is dropped":    {"Size: {type: integer}\n", "success"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
				w.shop.CommitAs("ana", "main", "Keep a spare", map[string]string{"openapi.yaml": spec, "shared.yaml": shared})
				w.shop.CommitAs("ana", "early", "Share the price", map[string]string{"openapi.yaml": uses})
				w.shop.CommitAs("ana", "late", "Share the price", map[string]string{"openapi.yaml": uses + "# late\n"})
				early := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "early", Author: "ana"})
				w.Settle()
				w.expect(early, "success")
				w.shop.CommitAs("ben", "main", "Tidy up", map[string]string{"shared.yaml": strings.Replace(shared, c.drop, "", 1)})
				w.Settle()
				w.GitHub.Fault(simulator.Fault{Operation: "pulls/get", Stale: true})
				late := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "late", Author: "ana"})
				w.Settle()
				w.expect(early, c.want)
				w.expect(late, c.want)
			})
		})
	}
}

// A file that is called like a program is no contract, so no such file has to be looked for
// where the contract was: the repository's declaration says so.
func TestContractThatIsCalledLikeAProgram(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		pull := w.pull("go", map[string]string{"openapi.yaml": simulator.Deleted, "contract.go": shopContract, ".github/plimsoll.yml": elsewhere("contract.go")})
		w.expect(pull, "failure", "contract.go", "has the extension of a program")
		w.shop.CommitAs("ana", "drop-price", "Drop the price", map[string]string{"openapi.yaml": simulator.Deleted, "contract.md": without("price"), ".github/plimsoll.yml": elsewhere("contract.md")})
		w.shop.CommitAs("ana", "main", "Call it a document", map[string]string{"openapi.yaml": simulator.Deleted, "contract.md": shopContract, ".github/plimsoll.yml": elsewhere("contract.md")})
		w.shop.CommitAs("eve", "attack", "Drop the price", map[string]string{"contract.md": without("price")})
		w.shop.CommitAs("ben", "main", "Call it a contract", map[string]string{"contract.md": simulator.Deleted, "openapi.yaml": shopContract, ".github/plimsoll.yml": shopFile})
		w.Settle()
		attack := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "attack", Author: "eve"})
		w.Settle()
		w.expect(attack, "failure", "1 consumer breaks: web")
	})
}
