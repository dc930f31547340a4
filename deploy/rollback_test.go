package deploy

import (
	"encoding/json"
	"strings"
	"testing"

	"plimsoll/config"
	"plimsoll/contracts"
)

func rollbackIn(target Target) Rollback {
	return Rollback{Verification: "1/9/x", Deployment: 9, Commit: "bad", ToCommit: "good", State: RollbackPerforming, By: config.ByDeployment, Target: target}
}

// What the payload says is read back as it was meant, whatever the names hold, and
// GitHub's answer, which may give it as a string, as well.
func TestRollbackPayload(t *testing.T) {
	for _, name := range []string{"orders", `a"b`, `a\`, "{}", "</script>", "a\u2028b", "日本", "plimsoll", strings.Repeat("x", 255), "a\x00b"} {
		r := rollbackIn(Target{Component: name, Environment: name, Instance: name})
		raw := RollbackPayload(r)
		if !json.Valid(raw) {
			t.Fatalf("%q: no JSON: %s", name, raw)
		}
		held, err := json.Marshal(string(raw))
		if err != nil {
			t.Fatal(err)
		}
		for _, payload := range []json.RawMessage{raw, held} {
			d := Deployment{ID: 10, Task: TaskRollback, Commit: "good", Payload: payload}
			if !r.Undoes(d) {
				t.Errorf("%q: not known again by %s", name, payload)
			}
			p := readPayload(payload)
			if len(p.components) != 1 || p.components[0] != name || p.environment != name || p.instance != name {
				t.Errorf("%q: read as %+v", name, p)
			}
		}
	}
}

// What somebody else asks for is not taken for ours, whatever its payload holds.
func TestUndoes(t *testing.T) {
	r := rollbackIn(Target{Component: "orders", Environment: "production"})
	ours := string(RollbackPayload(r))
	base := Deployment{ID: 10, Task: TaskRollback, Commit: "good", Payload: json.RawMessage(ours)}
	for name, change := range map[string]func(d *Deployment, m *Rollback){
		"another task":        func(d *Deployment, _ *Rollback) { d.Task = "deploy" },
		"another commit":      func(d *Deployment, _ *Rollback) { d.Commit = "other" },
		"before the bad one":  func(d *Deployment, _ *Rollback) { d.ID = 8 },
		"one that has failed": func(_ *Deployment, m *Rollback) { m.Spent = 10 },
		"another component": func(d *Deployment, _ *Rollback) {
			d.Payload = json.RawMessage(strings.Replace(ours, "orders", "web", 1))
		},
		"an instance":    func(_ *Deployment, m *Rollback) { m.Target.Instance = "eu" },
		"undoes another": func(d *Deployment, _ *Rollback) { d.Payload = json.RawMessage(strings.Replace(ours, ":9", ":7", 1)) },
		"undoes a word": func(d *Deployment, _ *Rollback) {
			d.Payload = json.RawMessage(`{"plimsoll":{"component":"orders","undoes":"9"}}`)
		},
		"undoes a number": func(d *Deployment, _ *Rollback) {
			d.Payload = json.RawMessage(`{"plimsoll":{"component":"orders","undoes":9}}`)
		},
		"undoes too much": func(d *Deployment, _ *Rollback) {
			d.Payload = json.RawMessage(`{"plimsoll":{"component":"orders","undoes":{"deployment":9e99}}}`)
		},
		"components in a list": func(d *Deployment, _ *Rollback) {
			d.Payload = json.RawMessage(`{"plimsoll":{"component":["orders"],"undoes":{"deployment":9}}}`)
		},
		"not below plimsoll": func(d *Deployment, _ *Rollback) {
			d.Payload = json.RawMessage(`{"component":"orders","undoes":{"deployment":9}}`)
		},
		"no payload": func(d *Deployment, _ *Rollback) { d.Payload = nil },
		"null":       func(d *Deployment, _ *Rollback) { d.Payload = json.RawMessage(`null`) },
		"a list":     func(d *Deployment, _ *Rollback) { d.Payload = json.RawMessage(`[{"plimsoll":{}}]`) },
		"deep":       func(d *Deployment, _ *Rollback) { d.Payload = json.RawMessage(strings.Repeat("[", 20000)) },
		"cut off":    func(d *Deployment, _ *Rollback) { d.Payload = json.RawMessage(ours[:len(ours)-2]) },
	} {
		d, r := base, r
		change(&d, &r)
		if r.Undoes(d) {
			t.Errorf("%s: taken for ours", name)
		}
	}
	if !r.Undoes(base) {
		t.Error("our own is not known again")
	}
}

// A payload that names an artifact is not taken over: the old commit is another one.
func TestRollbackPayloadNamesNoArtifact(t *testing.T) {
	if got := ArtifactOf(RollbackPayload(rollbackIn(Target{Component: "image", Environment: "digest"})), "orders"); got != "" {
		t.Errorf("it names %s", got)
	}
}

// A workflow's deployment is known by commit, place and time; one of ours by its id.
func TestMadeBy(t *testing.T) {
	target := Target{Component: "orders", Environment: "production", Production: true}
	base := Verification{Repository: contracts.RepositoryRef{ID: 1}, Deployment: 12, Target: target, Commit: "good", Began: began}
	byWorkflow := rollbackIn(target)
	byWorkflow.By, byWorkflow.State, byWorkflow.Intended = config.ByWorkflow, RollbackPerformed, began
	for name, c := range map[string]struct {
		change func(m *Rollback, v *Verification)
		want   bool
	}{
		"by the workflow":            {func(*Rollback, *Verification) {}, true},
		"of another class since":     {func(_ *Rollback, v *Verification) { v.Target.Production = false }, true},
		"succeeded before":           {func(_ *Rollback, v *Verification) { v.Began = began.Add(-1) }, false},
		"another commit":             {func(_ *Rollback, v *Verification) { v.Commit = "other" }, false},
		"another instance":           {func(_ *Rollback, v *Verification) { v.Target.Instance = "eu" }, false},
		"the bad deployment again":   {func(_ *Rollback, v *Verification) { v.Deployment = 9 }, false},
		"only proposed":              {func(m *Rollback, _ *Verification) { m.State = RollbackProposed }, false},
		"failed":                     {func(m *Rollback, _ *Verification) { m.State = RollbackFailed }, false},
		"by deployment, not yet":     {func(m *Rollback, _ *Verification) { m.By = config.ByDeployment }, false},
		"by deployment, this one":    {func(m *Rollback, _ *Verification) { m.By, m.Made = config.ByDeployment, 12 }, true},
		"by deployment, another one": {func(m *Rollback, _ *Verification) { m.Made = 13 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, v := byWorkflow, base
			c.change(&r, &v)
			if got := r.MadeBy(v); got != c.want {
				t.Errorf("made by it: %v, expected %v", got, c.want)
			}
		})
	}
}
