package server_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"

	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// besides opens a pull request of another provider and consumer, and gives what
// holds it to its answer: what is large elsewhere keeps nobody from theirs.
func (w *world) besides() func() {
	other := w.repository("other", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "shop", "other"), "openapi.yaml": shopContract})
	w.repository("reader", map[string]string{".github/plimsoll.yml": strings.NewReplacer("web", "reader", "api: shop", "api: other").Replace(webFile)})
	w.Settle()
	return func() {
		pull := shopPull(other, "besides")
		w.Settle()
		w.expect(pull, "failure", "1 consumer breaks: reader")
	}
}

// A repository file of 2,000 components, all of which read what is removed.
func TestTwoThousandComponents(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	answered := w.besides()
	var file strings.Builder
	file.WriteString("version: 1\ncomponents:\n")
	for i := range 2_000 {
		fmt.Fprintf(&file, "  - {name: c%d, owner: \"@acme/web\", consumes: [{api: shop, operations: [{op: GET /items/{id}, reads: [price]}]}]}\n", i)
	}
	text := strings.ReplaceAll(file.String(), "op: GET /items/{id}", `op: "GET /items/{id}"`)
	w.web.CommitAs("ana", "main", "Many", map[string]string{".github/plimsoll.yml": text})
	pull := shopPull(w.shop, "change")
	answered()
	w.expect(pull, "failure", "2000 consumers break", "GET /items/{id}")
	if n := len(pull.Comments()); n != 1 {
		t.Errorf("%d comments, expected one", n)
	}
	w.alive()
}

// A contract of 5,000 operations, each of which loses a property of its own.
func TestFiveThousandOperationsChanged(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	answered := w.besides()
	contract := func(properties string) map[string]string {
		var text strings.Builder
		text.WriteString("openapi: 3.0.3\ninfo: {title: Shop, version: 1.0.0}\npaths:\n")
		for i := range 5_000 {
			fmt.Fprintf(&text, "  /items%d/{id}:\n    get:\n      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n"+
				"      responses: {\"200\": {description: one, content: {application/json: {schema: {type: object, properties: %s}}}}}\n", i, properties)
		}
		return map[string]string{"openapi.yaml": text.String()}
	}
	w.shop.CommitAs("ana", "main", "Grow", contract("{name: {type: string}, price: {type: integer}}"))
	w.web.CommitAs("ana", "main", "Follow", map[string]string{".github/plimsoll.yml": strings.NewReplacer("/items/{id}", "/items4711/{id}").Replace(webFile)})
	w.Settle()
	pull := w.pull("change", contract("{name: {type: string}}"))
	answered()
	check := w.expect(pull, "failure", "1 consumer breaks: web", "GET /items4711/{id}")
	if len(check.Annotations) > 150 {
		t.Errorf("%d annotations", len(check.Annotations))
	}
	w.alive()
}

// A Pact of 50,000 interactions is more than is read: that is told where it comes, and
// until it is fixed the consumer counts as one that lists nothing.
func TestFiftyThousandInteractions(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	answered := w.besides()
	var pact strings.Builder
	pact.WriteString(`{"consumer": {"name": "web"}, "provider": {"name": "shop"}, "interactions": [`)
	for i := range 50_000 {
		if i > 0 {
			pact.WriteByte(',')
		}
		fmt.Fprintf(&pact, "\n"+`{"description": "item %d", "request": {"method": "GET", "path": "/items/%d"}, "response": {"status": 200, "body": {"price": %d}}}`, i, i, i)
	}
	pact.WriteString(`], "metadata": {"pactSpecification": {"version": "2.0.0"}}}`)
	w.web.CommitAs("ana", "tests", "Test much", map[string]string{
		".github/plimsoll.yml": strings.Replace(webFile, "        operations:\n          - op: GET /items/{id}\n            reads: [name, price]\n", "        import: [pacts/web-shop.json]\n", 1),
		"pacts/web-shop.json":  pact.String(),
	})
	own := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: "tests", Author: "ana"})
	w.Settle()
	w.expect(own, "neutral", "1 problem in the repository file", "pacts/web-shop.json")
	if _, err := own.Merge(simulator.Squash); err != nil {
		t.Fatal(err)
	}
	w.Settle()
	pull := shopPull(w.shop, "change")
	answered()
	w.expect(pull, "neutral", "1 consumer may break: web", "does not list what it reads")
	w.alive()
}

// A consumer of an API that nobody provides: it may come, since its provider may be
// out of sight, and nobody else's answer changes.
func TestConsumerOfNobodysAPI(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	answered := w.besides()
	w.web.CommitAs("ana", "ghost", "Use a ghost", map[string]string{".github/plimsoll.yml": webFile + "      - api: ghost\n        operations:\n          - op: GET /ghosts\n            reads: [sheet]\n"})
	pull := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: "ghost", Author: "ana"})
	answered()
	if checks := pull.Checks(onContracts); len(checks) != 1 || checks[0].Conclusion == "failure" || strings.Contains(checks[0].Summary, "Delivery") {
		t.Errorf("not one answer that lets it pass:\n%s", w.GitHub.Render(pull))
	}
	if _, err := pull.Merge(simulator.Squash); err != nil {
		t.Fatal(err)
	}
	w.Settle()
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "1 consumer breaks: web")
	w.alive()
}

// panicking is a log in which one line ends in a panic: in the job that writes it.
type panicking struct {
	key   atomic.Pointer[string] // of the job
	times atomic.Int64           // how often, at most
	hit   atomic.Int64
}

func (p *panicking) Write(line []byte) (int, error) {
	key := p.key.Load()
	if key != nil && strings.Contains(string(line), `"key":"`+*key+`"`) && strings.Contains(string(line), `"message":"worked"`) && p.times.Add(-1) >= 0 {
		p.hit.Add(1)
		panic("the log's disk is on fire")
	}
	return len(line), nil
}

// A job that panics is tried again, and one that always does ends dead with its
// reason; the queue goes on with the others.
func TestPanicInAJob(t *testing.T) {
	for name, test := range map[string]struct {
		times int64
		dead  int64
	}{"twice": {2, 0}, "at every try": {1 << 40, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &panicking{}
			opened, err := testbed.Open(t.Context(), testbed.Options{DSN: storetest.SQLite(t), GitHub: testbedtest.GitHub(t), Log: zerolog.New(log), Queue: brisk(), Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := opened.Close(); err != nil {
					t.Error(err)
				}
			})
			settle := func() {
				t.Helper()
				if err := opened.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			repository := func(name string, files map[string]string) *simulator.Repository {
				repo := opened.GitHub.NewRepository("acme/"+name, simulator.RepositoryOptions{Private: true})
				repo.CommitAs("ana", "main", "Begin", files)
				return repo
			}
			shop := repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
			repository("web", map[string]string{".github/plimsoll.yml": webFile})
			installation := opened.GitHub.Install("acme")
			settle()
			log.times.Store(test.times)
			key := fmt.Sprintf("repo/%d/pull/1", shop.ID())
			log.key.Store(&key)
			pulls := []*simulator.PullRequest{shopPull(shop, "first"), shopPull(shop, "second"), shopPull(shop, "third")}
			settle()
			if log.hit.Load() < min(test.times, 2) {
				t.Fatalf("%d panics", log.hit.Load())
			}
			for _, pull := range pulls {
				if checks := pull.Checks(onContracts); len(checks) != 1 || !strings.Contains(checks[0].Title, "1 consumer breaks: web") || len(pull.Comments()) != 1 {
					t.Errorf("not one answer:\n%s", opened.GitHub.Render(pull))
				}
			}
			jobs, err := opened.Server.Queue().Dead(t.Context(), installation.ID(), 5)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(jobs)) != test.dead {
				t.Fatalf("%d dead jobs, expected %d", len(jobs), test.dead)
			}
			for _, job := range jobs {
				if job.Key != key || job.State != queue.Dead || job.LastError != "panic: the log's disk is on fire" {
					t.Errorf("the dead job is %+v", job)
				}
			}
		})
	}
}
