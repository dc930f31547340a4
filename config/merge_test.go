package config

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func parsed(t *testing.T, text string) *Repository {
	t.Helper()
	r, err := ParseRepository(".github/plimsoll.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func organisation(t *testing.T) *Repository {
	t.Helper()
	data, err := os.ReadFile("../testdata/config/organisation.yml")
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(data))
}

func TestMergeFillsInKeyByKey(t *testing.T) {
	own := parsed(t, `version: 1
components:
  - name: a
    provides: [{api: x, spec: x.yaml}, {api: y, spec: y.yaml, external: true}]
  - name: b
    owner: "@acme/b"
    release: released
    health: {runbook: docs/b.md}
    environments:
      production:
        gate: true
        on_failure: []
        verify: {for: 20m, probes: [{get: /healthz}]}
      lab: {production: false}
`)
	before := parsedAgain(t, own)
	merged, notes := Merge(own, organisation(t))
	if len(notes) != 0 {
		t.Errorf("notes: %v", notes)
	}
	if !reflect.DeepEqual(own, before) {
		t.Error("merging changed the repository's own file")
	}
	a, b := merged.Components[0], merged.Components[1]
	if a.Owner != "@acme/platform" || a.Release != Deployed || a.Health.Endpoint.Text != "GET /healthz" || a.Provides[0].OnBreak != Block {
		t.Errorf("a: %+v", a)
	}
	if v := a.Environments["production"].Verify; v.For.Value() != 10*time.Minute || v.Datasource != "eu" {
		t.Errorf("a's verification: %+v", v)
	}
	if b.Owner != "@acme/b" || b.Release != Released || b.Health.Runbook != "docs/b.md" || b.Health.Endpoint.Text != "GET /healthz" {
		t.Errorf("b: %+v", b)
	}
	production := b.Environments["production"]
	if v := production.Verify; v.For.Value() != 20*time.Minute || v.Every.Value() != 30*time.Second || len(v.Probes) != 1 || v.Datasource != "eu" {
		t.Errorf("b's verification: %+v", v)
	}
	if production.OnFailure == nil || len(production.OnFailure) != 0 {
		t.Errorf("an empty list was filled in: %v", production.OnFailure)
	}
	if production.Rollback.By != ByWorkflow || len(production.After) != 1 || production.After[0].Environment != "staging" || len(b.Environments) != 3 {
		t.Errorf("b's environments: %+v", b.Environments)
	}
}

// parsedAgain gives a deep copy, to see whether something was changed.
func parsedAgain(t *testing.T, r *Repository) *Repository {
	t.Helper()
	value := deepCopy(reflect.ValueOf(r))
	return value.Interface().(*Repository)
}

func deepCopy(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(deepCopy(v.Elem()))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(deepCopy(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMap(v.Type())
		for key, value := range v.Seq2() {
			out.SetMapIndex(key, deepCopy(value))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if out.Field(i).CanSet() {
				out.Field(i).Set(deepCopy(v.Field(i)))
			}
		}
		return out
	}
	return v
}

func TestMergeHoldsThePolicy(t *testing.T) {
	own := parsed(t, `version: 1
components:
  - name: a
    provides: [{api: x, spec: x.yaml, on_break: warn}]
    environments:
      staging: {verify: {for: 1m}}
      production: {gate: false, verify: {for: 1m}}
      live: {production: true, verify: {for: 1m}}
policy:
  on_break: warn
  block: [OW001]
  max_waiver: 30d
  min_watch: 5m
`)
	merged, notes := Merge(own, organisation(t))
	c := merged.Components[0]
	if c.Provides[0].OnBreak != Block {
		t.Error("warn beats the organisation's block")
	}
	production := c.Environments["production"]
	if !*production.Gate || production.Verify.For.Value() != 10*time.Minute || c.Environments["live"].Verify.For.Value() != 10*time.Minute || c.Environments["staging"].Verify.For.Value() != time.Minute {
		t.Errorf("environments: %+v", c.Environments)
	}
	p := merged.Policy
	if p.OnBreak != Block || !slices.Equal(p.Block, []Rule{"OW001", "RB001", "health", "verify"}) || p.MaxWaiver.Value() != 30*24*time.Hour || p.MinWatch.Value() != 10*time.Minute || !p.Gate {
		t.Errorf("policy: %+v", p)
	}
	told := ""
	for _, note := range notes {
		told += note.Error() + "\n"
		if note.Line == 0 {
			t.Errorf("no place: %v", note)
		}
	}
	for _, want := range []string{"policy.on_break: warn is weaker", "provides[0].on_break: warn is weaker", "environments.production.gate: false is weaker", "is shorter than the policy's min_watch", "live.verify.for: "} {
		if !strings.Contains(told, want) {
			t.Errorf("not reported: %s in\n%s", want, told)
		}
	}
	if own.Components[0].Provides[0].OnBreak != Warn || *own.Components[0].Environments["production"].Gate {
		t.Error("merging changed the repository's own file")
	}
}

func TestMergeWithoutOrganisation(t *testing.T) {
	own := parsed(t, "version: 1\ndefaults: {owner: \"@acme/x\", environments: {prod: {gate: true}}}\ncomponents: [{name: a}]\n")
	merged, notes := Merge(own, nil)
	if c := merged.Components[0]; len(notes) != 0 || c.Owner != "@acme/x" || !*c.Environments["prod"].Gate {
		t.Errorf("%+v %v", c, notes)
	}
}

func TestWaivers(t *testing.T) {
	w := parsed(t, "version: 1\ncomponents: [{health: {waive: [{rule: runbook, reason: x, until: 2027-01-31}]}}]\n").Components[0].Health.Waive[0]
	lastSecond := time.Date(2027, 1, 31, 23, 59, 59, 0, time.UTC)
	if w.Until.Passed(lastSecond) || !w.Until.Passed(lastSecond.Add(time.Second)) {
		t.Error("a waiver counts until the end of its day")
	}
	if !w.Rule.Covers("RB001") || w.Rule.Covers("HC001") || !Rule("HC002").Covers("HC002") || Rule("HC002").Covers("HC003") {
		t.Error("rules cover wrongly")
	}
	policy := &Policy{MaxWaiver: Duration(90 * 24 * time.Hour)}
	if policy.TooLong(w, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) || !policy.TooLong(w, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Error("max_waiver")
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		paths, want string
		notes       int
	}{
		{"README.md", "", 0},
		{"plimsoll.yml", "plimsoll.yml", 0},
		{".github/plimsoll.yml plimsoll.yml", ".github/plimsoll.yml", 1},
		{"plimsoll.yaml", "", 1},
		{".github/Plimsoll.YML", "", 1},
		{".plimsoll.yml .github/plimsoll.yml", ".github/plimsoll.yml", 1},
		{"docs/plimsoll.yaml testdata/plimsoll.json plimsoll.txt", "", 0},
	} {
		file, notes := Find(strings.Fields(c.paths))
		if file != c.want || len(notes) != c.notes {
			t.Errorf("%s: %q and %v", c.paths, file, notes)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		glob, path string
		want       bool
	}{
		{"pacts/*.json", "pacts/a.json", true},
		{"pacts/*.json", "pacts/b/a.json", false},
		{"pacts/**/*.json", "pacts/a.json", true},
		{"pacts/**/*.json", "pacts/b/c/a.json", true},
		{"**", "a/b/c", true},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"{a,b}/x.{yml,yaml}", "b/x.yaml", true},
		{"{a,b}/x.{yml,yaml}", "c/x.yaml", false},
		{"*", "a/b", false},
		{"a/**", "a", true},
		{"**/a", "a", true},
		{"a**", "ab", true},
		{"a***", "a", true},
		{"app/[id]/*.json", "app/[id]/a.json", true},
		{"app/[id]/*.json", "app/i/a.json", false},
		{"a{b", "a{b", true},
		{"{a,b/c}", "b/c", true},
		{"{,a}b", "b", true},
		// each would cost too much if it were tried in every way
		{strings.Repeat("*a", 15) + "*b", strings.Repeat("a", 500), false},
		{strings.Repeat("{a,a}", 40) + "b", strings.Repeat("a", 40), false},
		{strings.Repeat("{a,aa,aaa}", 40) + "b", strings.Repeat("a", 100), false},
		{strings.Repeat("**/*a/", 8) + "b", strings.Repeat("aaaa/", 200) + "a", false},
	} {
		if got := Glob(c.glob).Match(c.path); got != c.want {
			t.Errorf("%s matches %s: %v", c.glob, c.path, got)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"provides", "consumes", "environments", "health", "on_failure"}
	for word, want := range map[string]string{
		"provide": "provides", "provdies": "provides", "Consumes": "consumes", "env": "environments", "helth": "health",
		"onfailure": "on_failure", "x": "", "zebra": "", "": "", strings.Repeat("a", 1000): "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("Nearest(%.20q) = %q, expected %q", word, got, want)
		}
	}
}

func TestMergeOfWhatUnknownAnswersDo(t *testing.T) {
	for _, c := range []struct{ organisation, own, want GateUnknown }{
		{"", "", ""}, {"", Allow, Allow}, {"", Hold, Hold}, {Allow, "", Allow}, {Allow, Hold, Hold}, {Hold, "", Hold}, {Hold, Allow, Hold},
	} {
		own := &Repository{Policy: &Policy{GateUnknown: c.own}}
		merged, notes := Merge(own, &Repository{Policy: &Policy{GateUnknown: c.organisation}})
		if got := merged.Policy.GateUnknown; got != c.want {
			t.Errorf("organisation %q, own %q: %q, want %q", c.organisation, c.own, got, c.want)
		}
		if reported := len(notes) > 0; reported != (c.organisation == Hold && c.own == Allow) {
			t.Errorf("organisation %q, own %q: reported %v", c.organisation, c.own, notes)
		}
	}
}
