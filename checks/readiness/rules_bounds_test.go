package readiness

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A repository with more Dockerfiles, Compose files and workflows than anybody has is
// told to be so, in bounded time, and passes nothing.
func TestManyFiles(t *testing.T) {
	const declared = "version: 1\ncomponents:\n  - name: orders\n    environments: {production: {}}\n"
	workflow := "on: push\njobs:\n  deploy:\n    runs-on: x\n    environment: production\n    concurrency: one\n    steps: [{uses: actions/checkout@v4}]\n"
	dockerfiles, composes, actions := memory{}, memory{"Dockerfile": "FROM alpine\n"}, memory{}
	for i := range 200 {
		dockerfiles[fmt.Sprintf("s%d/Dockerfile", i)] = "FROM alpine\nHEALTHCHECK CMD true\n"
		composes[fmt.Sprintf("s%d/compose.yaml", i)] = "services: {}\n"
		actions[fmt.Sprintf(".github/workflows/%03d.yml", i)] = workflow + "# " + strings.Repeat("x", 100<<10)
	}
	nodes := memory{}
	for i := range 20 {
		nodes[fmt.Sprintf(".github/workflows/%03d.yml", i)] = workflow + "x: [" + strings.Repeat("a,", 100_000) + "a]\n"
	}
	for name, c := range map[string]struct {
		files memory
		rule  string
	}{"Dockerfiles": {dockerfiles, "HC006"}, "Compose files": {composes, "HC006"}, "bytes of workflows": {actions, "DP001"}, "nodes of workflows": {nodes, "DP001"}} {
		t.Run(name, func(t *testing.T) {
			c.files[".github/plimsoll.yml"] = declared
			start := time.Now()
			result := testCase{file: name}.evaluate(t, c.files).Components[0].Result(c.rule)
			t.Logf("took %s", time.Since(start))
			if result.State != Unknown {
				t.Errorf("%+v", result)
			}
		})
	}
}
