package apis_test

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/source"
	"plimsoll/server/dashboard/apis"
	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/store/storetest"
)

const contract = `openapi: 3.0.3
info: {title: Orders, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      deprecated: true
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {id: {type: string}, total: {type: integer}}}}}}}
`

// outside answers as the registry would: web and billing break.
type outside struct{}

var breaks = source.Asked{Answer: contracts.AnswerNo, Reasons: []contracts.AnswerReason{
	{Code: contracts.CodeConsumerBreaks, Answer: contracts.AnswerNo, API: "acme/orders/orders", Consumer: &contracts.AnswerVersion{Repository: "acme/web", RepositoryID: 12, Private: true, Component: "web"}},
	{Code: contracts.CodeConsumerBreaks, Answer: contracts.AnswerNo, API: "acme/orders/orders", Consumer: &contracts.AnswerVersion{Repository: "acme/billing", RepositoryID: 13, Private: true, Component: "billing"}},
}}

func (outside) CanIDeploy(context.Context, source.DeployQuestion) (source.Asked, error) {
	return breaks, nil
}

func (outside) CanRemove(context.Context, answers.RemoveQuestion) (source.Asked, error) {
	return breaks, nil
}

func (outside) Version(ctx context.Context, _ contracts.RepositoryRef, version contracts.ContractVersion) (*openapi.Contract, error) {
	return openapi.Load(ctx, treetest.Map{version.Spec: contract}, version.Spec, openapi.LoadOptions{})
}

func shop(t testing.TB, dsn string) *dashboardtest.World {
	t.Helper()
	w := dashboardtest.Open(t, dsn, false)
	w.Must(apis.New(apis.Deps{Frame: w.Frame, Store: w.Store, Answers: outside{}, Contracts: outside{}, WebURL: "https://github.test"}))
	w.Shop()
	return w
}

const orders = "/apis/acme/orders/orders"

func check(t *testing.T, page string, wanted, unwanted []string) {
	t.Helper()
	for _, text := range wanted {
		if !strings.Contains(page, text) {
			t.Errorf("%q is missing in\n%s", text, page)
		}
	}
	for _, text := range unwanted {
		if strings.Contains(page, text) {
			t.Errorf("%q is shown", text)
		}
	}
}

// Each part of the page names the consumers that its visitor may read, with the lines that
// show the use, and no others.
func TestAPIByPerson(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := shop(t, dsn)
		line := "https://github.test/acme/billing/blob/" + dashboardtest.Commit("billing") + "/.github/plimsoll.yml#L12"
		check(t, w.Page("ana", orders), []string{"GET /orders/{id}", "items[].sku", line, ">web</a>", ">billing</a>", "2 consumers"}, []string{"globex"})
		check(t, w.Page("bob", orders), []string{"items[].sku", ">web</a>", "1 consumer;"}, []string{"billing", "globex"})
		check(t, w.Page("ana", orders+"?q=total"), []string{"<code>total</code>", ">web</a>", ">billing</a>", "may still use"}, []string{"items[].sku"})
		check(t, w.Page("ana", orders+"?q=sku"), []string{"items[].sku", ">web</a>"}, []string{">billing</a>", "<code>total</code>"})
		check(t, w.Page("ana", orders+"?q=absent"), []string{"No consumer that you see lists a use of"}, nil)
		check(t, w.Page("ana", orders+"/deploy"), []string{"default branch", "production", "staging", "<b>No</b>", "web", "billing"}, nil)
		check(t, w.Page("bob", orders+"/deploy"), []string{"<b>No</b>", "web"}, []string{"billing"})
		check(t, w.Page("bob", orders+"/remove?operation=GET+/orders/{id}&field=total"), []string{"<b>No</b>", "web"}, []string{"billing"})
		check(t, w.Page("ana", orders+"/deprecations"), []string{"GET /orders/{id}", "0 of 2 migrated", ">web</a>", ">billing</a>"}, nil)
		check(t, w.Page("bob", orders+"/deprecations"), []string{"0 of 1 migrated", ">web</a>"}, []string{"billing"})
		check(t, w.Page("ana", "/apis"), []string{orders, "@acme/orders"}, []string{"reactor"})
		check(t, w.Page("eve", "/apis"), []string{"/apis/globex/reactor/reactor"}, []string{"acme"})
	})
}

// A use counts in the row of the operation that it means, as it does in a verdict: the concrete
// path of a Pact file, an operationId, another name of a parameter. What names no operation of
// the contract has a row of its own.
func TestUsesCountForTheOperationThatTheyMean(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	use := func(selector string, kind contracts.EvidenceKind, reads ...string) contracts.OperationUse {
		one := contracts.OperationUse{Selector: selector, Evidence: contracts.Evidence{Kind: kind, Position: contracts.Position{File: "pacts/billing.json", Line: 4}}, Reads: new([]contracts.Pattern)}
		for _, text := range reads {
			*one.Reads = append(*one.Reads, contracts.Pattern{Text: text})
		}
		return one
	}
	uses := func(all ...contracts.OperationUse) {
		w.Register(contracts.Registration{Repository: dashboardtest.Billing, Commit: dashboardtest.Commit("billing"), Components: []contracts.Component{{
			Name: "billing", Consumes: []contracts.Consumed{{API: "orders", Usage: contracts.Usage{Operations: all}}},
		}}})
	}
	const row, written = `<th scope="row">GET /orders/{id}</th>`, `<th scope="row">GET /orders/4711</th>`
	for _, one := range []contracts.OperationUse{
		use("GET /orders/4711", contracts.EvidencePact, "total"), use("getOrder", contracts.EvidenceDeclared, "total"), use("GET /orders/{orderId}", contracts.EvidenceDeclared, "total"),
	} {
		uses(one)
		page := w.Page("ana", orders)
		check(t, page, []string{row, `billing uses it as ` + one.Selector, "4 rows"}, []string{`<th scope="row">` + one.Selector + `</th>`})
		if rows := strings.Count(page, row); rows != 1 {
			t.Errorf("%s: %d rows", one.Selector, rows)
		}
		check(t, w.Page("ana", orders+"?q="+url.QueryEscape(one.Selector)), []string{row, ">billing</a>"}, nil)
	}
	// A declaration means what it says: this is a path that the contract does not have.
	uses(use("GET /orders/4711", contracts.EvidenceDeclared, "total"), use("GET /refunds/1", contracts.EvidencePact, "total"))
	check(t, w.Page("ana", orders), []string{row, written, `<th scope="row">GET /refunds/1</th>`}, []string{"uses it as"})
	// What counts for all fields is not hidden by what lists some.
	all := use("GET /orders/12", contracts.EvidencePact)
	all.Reads = nil
	uses(use("GET /orders/4711", contracts.EvidencePact, "total"), all)
	check(t, w.Page("ana", orders), []string{"billing uses it as GET /orders/12 and lists no fields"}, []string{written})
}

// unreadable is a registry whose contracts can't be read.
type unreadable struct {
	outside
	err error
}

func (u unreadable) Version(context.Context, contracts.RepositoryRef, contracts.ContractVersion) (*openapi.Contract, error) {
	return nil, u.err
}

// Without the contract, the page lists what consumers write, and says so.
func TestUsesOfAContractThatCannotBeRead(t *testing.T) {
	for _, err := range []error{errors.New("GitHub answers with 502"), fs.ErrNotExist, &contracts.Problem{Message: "it is no OpenAPI document"}} {
		w := dashboardtest.Open(t, storetest.SQLite(t), false)
		from := unreadable{err: err}
		w.Must(apis.New(apis.Deps{Frame: w.Frame, Store: w.Store, Answers: from, Contracts: from, WebURL: "https://github.test"}))
		w.Shop()
		check(t, w.Page("ana", orders), []string{"GET /orders/{id}", "listed as its consumers write it", ">web</a>"}, nil)
	}
}

// What is read of an API is shared by everybody who looks at it in the same seconds. Each of
// them sees what they may read of it, no matter who asked before.
func TestSharedReadingsAreFiltered(t *testing.T) {
	w := dashboardtest.Open(t, storetest.SQLite(t), true)
	w.Must(apis.New(apis.Deps{Frame: w.Frame, Store: w.Store, Answers: outside{}, Contracts: outside{}, WebURL: "https://github.test"}))
	w.Shop()
	for range 2 {
		check(t, w.Page("ana", orders), []string{">web</a>", ">billing</a>"}, nil)
		check(t, w.Page("bob", orders), []string{">web</a>"}, []string{"billing"})
		check(t, w.Page("ana", orders+"/deprecations"), []string{"0 of 2 migrated", ">billing</a>"}, nil)
		check(t, w.Page("bob", orders+"/deprecations"), []string{"0 of 1 migrated"}, []string{"billing"})
		w.Hidden("eve", orders, "/apis/acme/absent/absent")
	}
}

func TestAPIsOfOthersAreNotFound(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	for _, part := range []string{"", "/deploy", "/remove?operation=GET+/orders", "/deprecations"} {
		w.Hidden("eve", orders+part, "/apis/acme/absent/absent"+part)
		w.Hidden("root", orders+part, "/apis/acme/absent/absent"+part)
		w.Hidden("ana", "/apis/globex/reactor/reactor"+part, "/apis/globex/absent/reactor"+part)
		w.Hidden("ana", "/apis/acme/orders/other"+part, "/apis/acme/absent/absent"+part)
	}
	if page := w.Page("bob", "/apis?q=reactor"); strings.Contains(page, "globex") {
		t.Error("the search finds what bob may not read")
	}
}

func TestAPIInABrowser(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	w.Look(t, "ana", map[string]string{
		"apis": "/apis", "api": orders, "api-search": orders + "?q=total", "api-deploy": orders + "/deploy",
		"api-remove": orders + "/remove?operation=GET+/orders/{id}&field=total", "api-deprecations": orders + "/deprecations",
	})
}
