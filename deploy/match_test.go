package deploy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// declared reads "name[@path][!]: environment environment" per component, between
// semicolons; ! makes it a released one, + after an environment declares it of the
// production class, - declares that it is not.
func declared(text string) (all []contracts.Component) {
	for one := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' }) {
		name, environments, _ := strings.Cut(strings.TrimSpace(one), ":")
		c := contracts.Component{Release: "deployed"}
		if name, c.Path, _ = strings.Cut(name, "@"); strings.HasSuffix(name, "!") {
			c.Release = deploy.Released
		}
		c.Name = strings.TrimSuffix(name, "!")
		for e := range strings.FieldsSeq(environments) {
			environment := contracts.Environment{Name: strings.TrimRight(e, "+-")}
			if environment.Name != e {
				environment.Production = new(strings.HasSuffix(e, "+"))
			}
			c.Environments = append(c.Environments, environment)
		}
		all = append(all, c)
	}
	return all
}

func TestMatch(t *testing.T) {
	const three = "orders@services/orders: staging production; billing@services/billing: staging production; docs@docs"
	const plain = "orders@services/orders; orders-worker@services/worker; app!"
	for _, test := range []struct {
		name, components, environment, payload string
		// "component environment[/instance][*]", * for the production class
		want string
	}{
		{"one component", "web", "production", "", "web production*"},
		{"of no production class", "web", "staging", "", "web staging"},
		{"by the name", "web", "Prod-EU", "", "web Prod-EU*"},
		{"nothing declared: all that are deployed", plain, "qa", "", "orders qa; orders-worker qa"},
		{"no components", "", "production", "", ""},

		{"declared by several", three, "production", "", "orders production*; billing production*"},
		{"in other letters", three, "Production", "", "orders production*; billing production*"},
		{"declared by one", "orders: live+; billing: qa", "live", "", "orders live*"},
		{"declared not to be production", "orders: production-", "production", "", "orders production"},
		{"an instance", three, "production-eu", "", "orders production/eu*; billing production/eu*"},
		{"a longer instance", "web: production", "production (eu-west 1)", "", "web production/eu-west-1*"},
		{"the longest declared name", "web: production production-eu", "production-eu-1", "", "web production-eu/1*"},
		{"pre-production is not production", "web: production", "pre-production", "", ""},
		{"reproduction is not production", "web: production", "reproduction", "", ""},
		{"declared nowhere", three, "github-pages", "", "docs github-pages"},
		{"declared nowhere and all declare", "web: production", "github-pages", "", ""},

		{"component first", three, "orders-production", "", "orders production*"},
		{"component last", three, "production/orders", "", "orders production*"},
		{"component in brackets", three, "Production (Orders)", "", "orders production*"},
		{"with a slash", three, "orders/production", "", "orders production*"},
		{"component, environment, instance", three, "production-orders-eu", "", "orders production/eu*"},
		{"two components", three, "orders+billing production", "", "orders production*; billing production*"},
		{"a component that declares none", three, "docs-production", "", "docs production*"},
		{"not declared by that component", "orders: production; billing: qa", "orders-qa", "", "orders qa"},
		{"whole words", three, "reorders-production", "", "docs reorders-production"},
		{"a name within another", plain, "orders-worker-production", "", "orders-worker production*"},
		{"the shorter of two names", plain, "orders-production", "", "orders production*"},
		{"the component alone", plain, "orders", "", "orders orders"},
		{"pre-production of a component", "orders: production", "orders-pre-production", "", "orders pre-production"},
		{"a released component by its name", plain, "app-production", "", "app production*"},

		{"payload: component", three, "production", `{"component": "billing"}`, "billing production*"},
		{"payload: components", three, "production", `{"components": ["Billing", "docs"]}`, "billing production*; docs production*"},
		{"payload: a string", three, "production", `"{\"component\": \"billing\"}"`, "billing production*"},
		{"payload: another's component", three, "production", `{"component": "elsewhere"}`, ""},
		{"payload: our own keys", three, "eu1", `{"component": 3, "plimsoll": {"component": "orders", "environment": "production", "instance": "eu1"}}`, "orders production/eu1*"},
		{"payload: our own keys go first", three, "production", `{"component": "docs", "plimsoll": {"components": ["orders"]}}`, "orders production*"},
		{"payload: an environment of somebody's", "web: production", "production", `{"environment": "test"}`, "web production*"},
		{"payload: component and compound name", three, "billing-production-eu", `{"component": "billing"}`, "billing production/eu*"},
		{"payload: path", three, "production", `{"path": "services/billing/"}`, "billing production*"},
		{"payload: path within", three, "production", `{"path": "./services/billing/src"}`, "billing production*"},
		{"payload: path above", three, "production", `{"path": "services"}`, "orders production*; billing production*"},
		{"payload: path of nobody", three, "production", `{"path": "tools"}`, ""},
		{"payload: path in the whole repository", "web", "production", `{"path": "tools"}`, "web production*"},
		{"payload: region", three, "production", `{"region": "us"}`, "orders production/us*; billing production/us*"},
		{"payload: instance before region and suffix", "web: production", "production-eu", `{"region": "us", "instance": "blue"}`, "web production/blue*"},
		{"payload: nothing of ours", "web", "production", `{"sha": 3, "deploy": ["x"]}`, "web production*"},
		{"payload: not JSON", "web", "production", `"deploy it"`, "web production*"},
		{"payload: a list", "web", "production", `[1]`, "web production*"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := shown(deploy.Match(declared(test.components), deploy.Deployment{Environment: test.environment, Payload: json.RawMessage(test.payload)}))
			if got != test.want {
				t.Errorf("%q: got %q, expected %q", test.environment, got, test.want)
			}
		})
	}
}

func shown(targets []deploy.Target) string {
	lines := make([]string, len(targets))
	for i, p := range targets {
		lines[i] = p.Component + " " + p.Environment
		if p.Instance != "" {
			lines[i] += "/" + p.Instance
		}
		if p.Production {
			lines[i] += "*"
		}
	}
	return strings.Join(lines, "; ")
}

// A review app never passes for production, and never stands where production does.
func TestMatchTransient(t *testing.T) {
	for environment, want := range map[string]string{
		"pr-12":            "web pr-12",
		"production":       "web production/transient",
		"production-pr-12": "web production/pr-12-transient",
		"staging":          "web staging/transient",
	} {
		d := deploy.Deployment{Environment: environment, Transient: true, Production: true}
		components := "web: production staging"
		if environment == "pr-12" {
			components = "web"
			d.Production = false
		}
		if got := shown(deploy.Match(declared(components), d)); got != want {
			t.Errorf("%s: got %q, expected %q", environment, got, want)
		}
	}
}

func TestMatchProduction(t *testing.T) {
	for _, test := range []struct {
		components string
		github     bool
		want       bool
	}{
		{"web", false, false}, {"web", true, true},
		{"web: live", false, false}, {"web: live", true, true},
		{"web: live+", false, true}, {"web: live-", true, false},
	} {
		targets := deploy.Match(declared(test.components), deploy.Deployment{Environment: "live", Production: test.github})
		if len(targets) != 1 || targets[0].Production != test.want {
			t.Errorf("%q, GitHub says %t: %v, expected %t", test.components, test.github, targets, test.want)
		}
	}
}

func TestTagged(t *testing.T) {
	const components = "ios-app!@apps/ios; ios!; android!; orders@services/orders"
	for tag, want := range map[string]string{
		"ios-app/4.2":            "ios-app",
		"ios-app-v4.2":           "ios-app",
		"ios-app@4.2":            "ios-app",
		"iOS-App_V4.2":           "ios-app",
		"@acme/ios-app@4.2.0":    "ios-app",
		"apps/ios/v4.2":          "ios-app",
		"ios-4.2":                "ios",
		"ios/v4":                 "ios",
		"orders-v1":              "",
		"services/orders/v1.0.0": "",
		"v4.2":                   "ios-app ios android",
		"4.2":                    "ios-app ios android",
		"release-2026-11":        "ios-app ios android",
		"ios-appendix-1":         "ios-app ios android",
		"ios-app-beta":           "ios-app ios android",
	} {
		var names []string
		for _, c := range deploy.Tagged(declared(components), tag) {
			names = append(names, c.Name)
		}
		if got := fmt.Sprint(strings.Join(names, " ")); got != want {
			t.Errorf("%s: got %q, expected %q", tag, got, want)
		}
	}
}

func TestNewestReleasesOfEachComponent(t *testing.T) {
	var all []deploy.Release
	for i := range 50 {
		all = append(all, deploy.Release{Tag: fmt.Sprintf("android-%d", i), Commit: fmt.Sprint("a", i), PublishedAt: at(i)})
	}
	all = append(all, deploy.Release{Tag: "ios-1", Commit: "i1", PublishedAt: at(0)}, deploy.Release{Tag: "orders-1", Commit: "o"})
	live := deploy.Supported(declared("android!; ios!; orders"), all)
	if len(live) != deploy.MostReleases+1 {
		t.Fatalf("%d versions live on, expected the newest %d of android and one of ios", len(live), deploy.MostReleases)
	}
	if first := live[0]; first.Component != "android" || first.Release != "android-49" || !first.Production || first.Environment != "" || !first.Since.Equal(at(49)) {
		t.Errorf("the newest first: %+v", first)
	}
	if last := live[len(live)-1]; last.Component != "ios" || last.Commit != "i1" {
		t.Errorf("of each component: %+v", last)
	}
}
