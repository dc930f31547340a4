package plimsoll_test

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"
)

// actionFile is action.yml, as far as it is checked here.
type actionFile struct {
	Name, Description string
	Inputs            map[string]struct {
		Description string
		Default     *string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []struct {
			ID, Shell, Run, Uses string
			Env                  map[string]string
			Dir                  string `yaml:"working-directory"`
		}
	}
}

// action.yml has what GitHub requires of a composite action. Inputs reach the script as
// variables alone, and every variable, input and output is used.
func TestActionFile(t *testing.T) {
	text, err := os.ReadFile("action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action actionFile
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	if action.Name == "" || action.Description == "" || action.Runs.Using != "composite" || len(action.Runs.Steps) != 1 {
		t.Fatalf("not a composite action of one step: %+v", action)
	}
	step := action.Runs.Steps[0]
	if step.Shell != "bash" || strings.Contains(step.Run, "${{") {
		t.Errorf("an expression becomes code: %s", step.Run)
	}
	script, err := os.ReadFile("packaging/action/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(script), "${{") || strings.Contains(string(script), "eval ") {
		t.Error("the script is made of inputs")
	}
	var used []string
	for name, value := range step.Env {
		for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(value, -1) {
			used = append(used, m[1])
		}
		if name != "GITHUB_TOKEN" && !strings.Contains(string(script), name) {
			t.Errorf("the script does not read %s", name)
		}
		if strings.Contains(value, "github.event") {
			t.Errorf("%s holds a text of the pull request", name)
		}
	}
	page, err := os.ReadFile("docs/action.md")
	if err != nil {
		t.Fatal(err)
	}
	used = append(used, strings.TrimSuffix(strings.TrimPrefix(step.Dir, "${{ inputs."), " }}"))
	for name, input := range action.Inputs {
		if input.Description == "" || input.Default == nil || !slices.Contains(used, name) || !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("input %s: description, default, use and a row in docs/action.md are needed: %+v", name, input)
		}
	}
	if len(used) != len(action.Inputs) {
		t.Errorf("inputs %v are used, of %d", used, len(action.Inputs))
	}
	for name, output := range action.Outputs {
		if output.Description == "" || output.Value != "${{ steps."+step.ID+".outputs."+name+" }}" || !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("output %s: %+v", name, output)
		}
	}
}

// The workflows of docs/action.md are valid by actionlint, which also refuses texts of a pull
// request in scripts; so are the repository's own.
func TestWorkflowsAreValid(t *testing.T) {
	page, err := os.ReadFile("docs/action.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)^ *```").FindAllStringSubmatch(string(page), -1)
	var first string
	workflows := map[string]string{}
	for i, m := range examples {
		text := strings.TrimPrefix(strings.ReplaceAll("\n"+m[2], "\n"+m[1], "\n"), "\n")
		if strings.Contains(text, "\njobs:") {
			first = cmp.Or(first, text)
			workflows[fmt.Sprintf("example %d", i)] = text
		}
	}
	if len(workflows) != 3 {
		t.Fatalf("%d workflows in docs/action.md", len(workflows))
	}
	for _, name := range []string{".github/workflows/ci.yml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		workflows[name] = string(text)
	}
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range workflows {
		found, err := linter.Lint(name+".yml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range found {
			t.Errorf("%s: %s", name, one)
		}
	}
	var triggers struct {
		On          any
		Permissions map[string]string
	}
	if err := yaml.Unmarshal([]byte(first), &triggers); err != nil || triggers.On != "pull_request" ||
		len(triggers.Permissions) != 2 || triggers.Permissions["contents"] != "read" || triggers.Permissions["pull-requests"] != "write" {
		t.Errorf("more than the action needs: %v, %+v", err, triggers)
	}
}
