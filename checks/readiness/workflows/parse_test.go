package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
)

func TestIsWorkflow(t *testing.T) {
	for file, want := range map[string]bool{
		".github/workflows/a.yml": true, ".github/workflows/a.yaml": true, ".github/workflows/sub/a.yml": false,
		"workflows/a.yml": false, ".github/a.yml": false, ".github/workflows/a.json": false, "x/.github/workflows/a.yml": false,
	} {
		if IsWorkflow(file) != want {
			t.Errorf("%s: not %v", file, want)
		}
	}
}

const whole = `name: Deploy
on:
  push:
    branches: [main]
    paths: ["services/orders/**"]
  release: {types: [published]}
  repository_dispatch: {types: [deploy]}
  deployment:
  deployment_status:
  schedule: [{cron: "0 0 * * *"}]
  workflow_dispatch:
    inputs:
      Sha: {description: which commit, required: true}
      target: {type: choice, options: [a, b], default: a}
      dry: {type: boolean}
  workflow_call:
    inputs:
      ref: {type: string, default: main}
concurrency: {group: one, cancel-in-progress: true}
jobs:
  build:
    runs-on: x
    steps:
      - uses: actions/checkout@v4
        with: {ref: next}
      - uses: Actions/Checkout@main
  ship:
    needs: [build]
    runs-on: x
    environment:
      name: production
    concurrency: ship
    steps:
      - run: |
          ship

          it
  call:
    uses: ./.github/workflows/other.yml
`

func TestParse(t *testing.T) {
	w, err := Parse(Folder+"/deploy.yml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, e := range w.Events {
		events = append(events, fmt.Sprintf("%s:%d%v%v", e.Name, e.At.Line, e.Types, e.Paths))
	}
	want := []string{"push:3[][services/orders/**]", "release:6[published][]", "repository_dispatch:7[deploy][]", "deployment:8[][]", "deployment_status:9[][]", "schedule:10[][]", "workflow_dispatch:11[][]", "workflow_call:16[][]"}
	if !slices.Equal(events, want) {
		t.Errorf("events %q", events)
	}
	if got := fmt.Sprint(w.Name, w.Inputs["sha"], w.Inputs["target"], w.Inputs["dry"].Type, w.CallInputs["ref"]); got !=
		"Deploy{.github/workflows/deploy.yml:13:7 Sha string [] } {.github/workflows/deploy.yml:14:7 target choice [a b] a}boolean{.github/workflows/deploy.yml:18:7 ref string [] main}" {
		t.Errorf("inputs %s", got)
	}
	if len(w.Faults) > 0 || *w.Concurrency != (Concurrency{At: w.Concurrency.At, Group: "one", Cancel: true}) || w.Concurrency.At.Line != 19 {
		t.Errorf("%+v %+v", w.Faults, w.Concurrency)
	}
	var jobs []string
	for _, j := range w.Jobs {
		text := fmt.Sprintf("%s %d needs %v", j.ID, j.At.Line, j.Needs)
		for _, c := range j.Checkouts {
			text += fmt.Sprintf(" checkout %d %q", c.At.Line, c.Ref)
		}
		if j.Environment != nil {
			text += fmt.Sprintf(" environment %d %s", j.Environment.At.Line, j.Environment.Name)
		}
		if j.Concurrency != nil {
			text += fmt.Sprintf(" concurrency %d %s", j.Concurrency.At.Line, j.Concurrency.Group)
		}
		if j.Call != nil {
			text += fmt.Sprintf(" calls %d %s", j.Call.At.Line, j.Call.Uses)
		}
		jobs = append(jobs, text)
	}
	wantJobs := []string{`build 21 needs [] checkout 24 "next" checkout 26 ""`, "ship 27 needs [build] environment 30 production concurrency 32 ship", "call 38 needs [] calls 39 ./.github/workflows/other.yml"}
	if !slices.Equal(jobs, wantJobs) {
		t.Errorf("jobs %q", jobs)
	}
	if w.Job("SHIP") != w.Jobs[1] || w.Job("none") != nil {
		t.Error("job by id")
	}
}

// What an outsider may write to keep the reader busy ends at once, and a file that is
// refused says why.
func TestHostile(t *testing.T) {
	head := "on:\n  workflow_dispatch:\n    inputs: {sha: {type: string}}\n"
	job := "\n    runs-on: x\n    environment: p\n    steps: [{uses: actions/checkout@v4, with: {ref: '${{ inputs.sha }}'}}]\n"
	long := strings.Repeat("github.sha||", 1700) + "github.sha"
	bomb := "on: push\nx0: &x0 [a,a,a,a,a,a,a,a,a,a]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("x%d: &x%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d,", i), 10), ","))
	}
	var calls, chain strings.Builder
	for i := range 300 {
		fmt.Fprintf(&calls, "  c%d:\n    uses: ./.github/workflows/a.yml\n", i)
	}
	for i := range 6000 {
		fmt.Fprintf(&chain, "  j%d: {runs-on: x, needs: [j%d], environment: p, steps: [{run: a}]}\n", i, i+1)
	}
	for name, text := range map[string]string{
		"bomb":                   bomb,
		"many documents":         strings.Repeat("a: 1\n---\n", 10_000),
		"deep":                   "on: push\njobs: " + strings.Repeat("[", 5000),
		"binary":                 "on: push\x00\x01",
		"long":                   strings.Repeat("# x\n", 200_000),
		"many events":            "on: [" + strings.Repeat("push,", 100_000) + "push]\njobs:\n  a:" + job,
		"one condition at many":  head + "jobs:\n  a:\n    if: &x " + long + job + conditions(2500, job),
		"nested parentheses":     head + "jobs:\n  a:\n    if: " + strings.Repeat("(", 20_000) + "a" + strings.Repeat(")", 20_000) + job,
		"negations":              head + "jobs:\n  a:\n    if: ${{ " + strings.Repeat("!", 20_900) + "a }}" + job,
		"long ref":               head + "jobs:\n  a:\n    env: {A: &x '${{ " + long + " }}'}" + strings.Replace(job, "inputs.sha", "env.A", 1),
		"everything calls":       head + "jobs:\n" + calls.String(),
		"a chain of needs":       head + "jobs:\n" + chain.String(),
		"many faults":            head + "jobs:\n  a:" + job + manyKeys(20_000),
		"unfinished expressions": head + "jobs:\n  a:\n    env: {A: '" + strings.Repeat("${{ ", 50_000) + "'}" + strings.Replace(job, "inputs.sha", "env.A", 1),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			w, err := Parse(Folder+"/a.yml", []byte(text))
			if err != nil {
				if told(err) == "" {
					t.Errorf("error %T %v", err, err)
				}
			} else {
				other, _ := Parse(Folder+"/b.yml", []byte(text))
				NewSet("", []*Workflow{w, other}).Survey()
			}
			t.Logf("%s, error %v", time.Since(start), err)
		})
	}
}

// Workflows that call one another in layers are followed so far and no further, and
// that is told.
func TestCallsInLayers(t *testing.T) {
	var all []*Workflow
	for layer := range 10 {
		text := "on: push\njobs:\n  ship: {runs-on: x, environment: p, steps: [{run: a}]}\n"
		for job := range 10 {
			text += fmt.Sprintf("  c%d:\n    uses: ./.github/workflows/l%d.yml\n", job, layer+1)
		}
		w, err := Parse(fmt.Sprintf("%s/l%d.yml", Folder, layer), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, w)
	}
	survey := NewSet("", all).Survey()
	if !survey.Cut || len(survey.Deployments) == 0 || len(survey.Deployments) > maxVisits {
		t.Errorf("cut %v, %d deployments", survey.Cut, len(survey.Deployments))
	}
}

func conditions(n int, job string) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "  b%d:\n    if: *x%s", i, job)
	}
	return out.String()
}

func manyKeys(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "    k%d: 1\n", i)
	}
	return out.String()
}

// told is the message of an error that people may see; "" for any other.
func told(err error) string {
	if errs, ok := errors.AsType[config.Errors](err); ok && len(errs) > 0 {
		return errs[0].Message
	}
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return problem.Message
	}
	return ""
}

func FuzzWorkflow(f *testing.F) {
	f.Add([]byte(whole))
	for _, seed := range []string{
		"on: deployment\njobs:\n  a: &a\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n        with: {ref: '${{ github.event.deployment.sha }}'}\n  b: *a\n",
		"on: {workflow_dispatch: {inputs: {sha: {type: string}}}}\njobs: {a: {runs-on: x, environment: '${{ matrix.e }}', strategy: {matrix: {e: [a, {b: c}], include: [{e: d}]}}, if: \"${{ !(github.event_name == 'push') }}\", steps: [{uses: 'actions/checkout@v4', env: {A: '${{ inputs.sha }}'}, with: {ref: 'x${{ env.A }}'}}]}}\n",
		"on: [workflow_call, push]\njobs: {a: {uses: ./.github/workflows/a.yml, with: {x: '${{ inputs.x }}'}}}\n",
		"on: push\njobs: {a: {runs-on: x, timeout-minutes: 1.5, environment: {name: a, deployment: false}, concurrency: {group: '${{ github.run_id }}', cancel-in-progress: true}, steps: [{run: a}]}}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := Parse(Folder+"/a.yml", data)
		if err != nil {
			if w != nil || told(err) == "" {
				t.Fatalf("error %T %v", err, err)
			}
			return
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, fault := range w.Faults {
			if fault.Line > lines+1 || strings.ContainsAny(fault.Message, "\n\r") {
				t.Fatalf("%d lines, %v", lines, &fault)
			}
		}
		for _, d := range NewSet("", []*Workflow{w}).Survey().Deployments {
			if d.At.Line < 1 || d.At.Line > lines {
				t.Fatalf("%+v of %d lines", d, lines)
			}
			edits, ok := d.TakeCommit("sha")
			if !ok {
				edits = nil
			}
			if edit, ok := d.OneAtATime("deploy"); ok {
				edits = append(edits, edit)
			}
			for _, edit := range edits {
				if edit.After < 0 || edit.After > lines || edit.Replaces < 0 || edit.After+edit.Replaces > lines || edit.Text == "" {
					t.Fatalf("%+v of %d lines", edit, lines)
				}
			}
		}
	})
}
