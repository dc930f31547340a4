package preset

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

func TestVersions(t *testing.T) {
	pods := func(names ...string) (all []map[string]string) {
		for _, name := range names {
			all = append(all, map[string]string{"pod": name, "instance": "10.0.0.1:8080", "destination_version": "v1"})
		}
		return all
	}
	for _, c := range []struct {
		name, declared      string
		found               []map[string]string
		label, instance, no string
	}{
		{name: "pods of a Deployment", found: pods("orders-6d4cf56db6-b7kq2"), label: "pod", instance: "pod"},
		{name: "pods of a StatefulSet", found: pods("orders-0", "orders-1"), label: "destination_version", instance: "pod"},
		{name: "Argo Rollouts", found: []map[string]string{{"rollouts_pod_template_hash": "6d4cf56db6", "pod": "orders-6d4cf56db6-b7kq2"}}, label: "rollouts_pod_template_hash", instance: "pod"},
		{name: "Istio", found: []map[string]string{{"destination_version": "v2", "destination_revision": "unknown", "instance": "10.0.0.1:15020"}}, label: "destination_version", instance: "instance"},
		{name: "Istio without versions", found: []map[string]string{{"destination_version": "unknown", "instance": "10.0.0.1:15020"}}, no: "no label has the version"},
		{name: "declared", declared: "version", found: []map[string]string{{"version": "1.2", "pod": "orders-6d4cf56db6-b7kq2"}}, label: "version", instance: "pod"},
		{name: "declared and not there", declared: "release", found: pods("orders-6d4cf56db6-b7kq2"), no: "no label has the version"},
		{name: "no instances", declared: "version", found: []map[string]string{{"version": "1.2"}}, no: "no label distinguishes instances (expected pod or instance)"},
		{name: "some without a pod", declared: "version", found: []map[string]string{{"version": "1", "pod": "a", "instance": "a:1"}, {"version": "1", "instance": "b:1"}}, label: "version", instance: "instance"},
		{name: "nothing", no: "no label has the version"},
	} {
		v, err := Source{}.Versions(c.declared, c.found)
		switch {
		case c.no != "":
			if err == nil || err.Error() != c.no {
				t.Errorf("%s: %+v, %v, expected %s", c.name, v, err, c.no)
			}
		case err != nil || v.Label != c.label || v.instance != c.instance:
			t.Errorf("%s: %+v, %v", c.name, v, err)
		}
	}
}

// The pattern finds the hash in the name of a pod, and nothing in other names.
func TestPodOfVersion(t *testing.T) {
	for name, want := range map[string]string{
		"orders-6d4cf56db6-b7kq2":           "6d4cf56db6",
		"my-shop-orders-v2-54b8d5c7f-xw9c4": "54b8d5c7f",
		"orders-0":                          "", "orders-b7kq2": "", "orders-6d4cf56db6-b7kq": "", "orders-api-abcde": "", "": "", "orders-6d4cf56db6-b7kq2-x": "",
	} {
		got := ""
		if m := podName.FindStringSubmatch(name); m != nil {
			got = m[1]
		}
		if got != want {
			t.Errorf("%q: %q, expected %q", name, got, want)
		}
	}
}

// A part has about half of the instances that there are, by any kind of name.
func TestPart(t *testing.T) {
	for _, names := range [][]string{
		{"orders-6d4cf56db6-b7kq2", "orders-6d4cf56db6-xw9c4", "orders-6d4cf56db6-lmn5d", "orders-6d4cf56db6-zt8vf"},
		{"orders-0", "orders-1"}, {"10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.13:8080", "10.0.0.14:8080"}, {"a:1", "b:1"},
	} {
		var found []map[string]string
		for _, name := range names {
			found = append(found, map[string]string{"instance": name})
		}
		re, in := regexp.MustCompile("^(?:"+part("instance", found)+")$"), 0
		for _, name := range names {
			if re.MatchString(name) {
				in++
			}
		}
		if in != len(names)/2 {
			t.Errorf("%v: %d match %s", names, in, re)
		}
	}
}

// Every query is PromQL, groups by version alone, and selects with the declared labels only.
func TestQueriesByVersion(t *testing.T) {
	match := map[string]string{"job": `"} or vector(1) or up{a="`}
	for _, c := range conventions {
		s, err := everything(t, c, match, Changed{})
		if err != nil {
			t.Fatal(err)
		}
		query := s.Instances("version")
		if query == "" {
			if s.Instances("") != "" {
				t.Errorf("%s: instances without a label, and not with one", c.Name)
			}
			continue
		}
		exact(t, c, query, match)
		v, err := s.Versions("", []map[string]string{{"pod": "orders-6d4cf56db6-b7kq2"}})
		if err != nil {
			t.Fatal(err)
		}
		sides, parts := s.ByVersion(v, 0.5, 15*time.Second), s.Part(v, 0.5, 15*time.Second)
		if len(sides) != len(parts) || len(sides) == 0 {
			t.Fatalf("%s: %d and %d signals", c.Name, len(sides), len(parts))
		}
		for i, one := range sides {
			if one.Name != parts[i].Name || one.Kind != Proportion || parts[i].Kind != Proportion {
				t.Errorf("%s: %s beside %s", c.Name, one.Name, parts[i].Name)
			}
			for _, query := range []string{one.Bad, one.Total} {
				exact(t, c, query, match)
				if !strings.Contains(query, "sum by (plimsoll_version)") {
					t.Errorf("%s: %s", c.Name, query)
				}
			}
			for _, query := range []string{parts[i].Bad, parts[i].Total} {
				if expr, err := parser.ParseExpr(query); err != nil || expr.Type() != parser.ValueTypeVector || !strings.Contains(query, "pod=~") {
					t.Errorf("%s: %v: %s", c.Name, err, query)
				}
			}
		}
	}
	for _, hostile := range []string{"a) or vector(1", "a-b", "1"} {
		if query := (Source{Convention: named(t, "http_requests_total")}).Instances(hostile); query != "" {
			t.Errorf("%q: %s", hostile, query)
		}
	}
}
