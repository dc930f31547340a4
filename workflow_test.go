package plimsoll_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

// pinnedAction is an action by the hash of a commit: a tag can be moved.
var pinnedAction = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)

// mayWrite is what the token of each job may write. Nothing else may.
var mayWrite = map[string]string{"release/contents": "write", "release/id-token": "write", "release/attestations": "write"}

// The workflow that makes releases runs only what is pinned, with the least permissions, and puts
// nothing from outside into a command.
func TestReleaseWorkflow(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(".github", "workflows", "release.yml"))
	if err != nil {
		t.Fatal(err)
	}
	workflow, faults := actionlint.Parse(text)
	for _, fault := range faults {
		t.Error(fault)
	}
	if workflow.Permissions == nil || workflow.Permissions.All != nil || len(workflow.Permissions.Scopes) > 0 {
		t.Error("permissions of the workflow: expected none; each job names its own")
	}
	actions, written := 0, 0
	for name, job := range workflow.Jobs {
		if job.Permissions == nil || job.Permissions.All != nil {
			t.Fatalf("job %s names no permissions", name)
		}
		for scope, permission := range job.Permissions.Scopes {
			if mayWrite[name+"/"+scope] != permission.Value.Value {
				t.Errorf("job %s has %s: %s", name, scope, permission.Value.Value)
			}
			written++
		}
		for _, step := range job.Steps {
			switch run := step.Exec.(type) {
			case *actionlint.ExecAction:
				actions++
				if !pinnedAction.MatchString(run.Uses.Value) {
					t.Errorf("%s is not pinned by the hash of a commit", run.Uses.Value)
				}
			case *actionlint.ExecRun:
				if strings.Contains(run.Run.Value, "${{") {
					t.Errorf("a command holds an expression: %s", run.Run.Value)
				}
			}
		}
	}
	if actions < 3 || written != len(mayWrite) {
		t.Errorf("%d actions and %d permissions: the test shows nothing", actions, written)
	}
}
