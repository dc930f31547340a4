package orgfixture_test

import (
	"reflect"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/orgfixture"
)

var orders = contracts.APIRef{Repository: contracts.RepositoryRef{Installation: 1, ID: 1, Owner: "acme", Name: "orders"}, Name: "orders"}

func TestAnOrganisationIsTheSameForTheSameSeed(t *testing.T) {
	one, same, other := orgfixture.New(orgfixture.Options{API: orders}), orgfixture.New(orgfixture.Options{API: orders}), orgfixture.New(orgfixture.Options{API: orders, Seed: 1})
	if !reflect.DeepEqual(one, same) || reflect.DeepEqual(one, other) {
		t.Error("the seed does not decide")
	}
	components, uses, popular := 0, 0, 0
	for _, r := range one.Repositories {
		for _, c := range r.Now.Components {
			components++
			for _, consumed := range c.Consumes {
				uses += len(consumed.Usage.Operations)
				if consumed.API == "orders" || strings.HasSuffix(consumed.API, "/orders/orders") {
					popular++
				}
			}
		}
	}
	if len(one.Repositories) != 2000 || components != 5000 || uses != 50_000 || popular != 200 {
		t.Errorf("%d repositories, %d components, %d declared operations, %d consumers of the popular API", len(one.Repositories), components, uses, popular)
	}
}

func TestAnOrganisationFitsItsContract(t *testing.T) {
	o := orgfixture.Options{API: orders, Repositories: 30, Components: 60, Operations: 600, Popular: 20, Resources: 10}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Register(t.Context(), orgfixture.Provider(orders, strings.Repeat("a", 40), strings.Repeat("b", 40))); err != nil {
			t.Fatal(err)
		}
		if err := orgfixture.New(o).Write(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		found, err := s.Consumers(t.Context(), orders)
		if err != nil {
			t.Fatal(err)
		}
		heads, live, released, written := 0, 0, 0, 0
		for _, c := range found {
			switch {
			case c.Release != "":
				released++
			case c.Environment != "":
				live++
			default:
				heads++
			}
			if c.Written != nil {
				written++
			}
			if c.Stale != "" {
				t.Errorf("%s is %s", c.Component, c.Stale)
			}
		}
		if heads != 20 || live < 20 || released == 0 || written == 0 {
			t.Errorf("%d heads, %d live, %d released, %d with a baseline", heads, live, released, written)
		}
		load := func(text string) *openapi.Contract {
			loaded, err := openapi.Load(t.Context(), treetest.Map{"openapi.yaml": text}, "openapi.yaml", openapi.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return loaded
		}
		comparison, err := diff.Compare(t.Context(), load(orgfixture.Contract(10, -1, -1)), load(orgfixture.Contract(10, 3, 4)), diff.Options{API: orders.FullName()})
		if err != nil {
			t.Fatal(err)
		}
		findings, problems, err := comparison.Judge(t.Context(), found)
		if err != nil || len(problems) > 0 {
			t.Fatalf("problems %v, %v", problems, err)
		}
		affected := 0
		for _, finding := range findings {
			affected += len(finding.Affected)
		}
		if affected == 0 || affected == len(findings)*len(found) {
			t.Errorf("%d hits of %d findings and %d versions", affected, len(findings), len(found))
		}
	})
}
