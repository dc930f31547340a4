package failuretext

import (
	"strings"
	"testing"

	"plimsoll/checks"
	"plimsoll/checks/markdowntest"
	"plimsoll/checks/text/texttest"
	"plimsoll/contracts"
)

func TestExplanations(t *testing.T) {
	const head = "bbbbbbb2222222222222222222222222bbbbbbbb"
	for name, run := range map[string]checks.CheckRun{
		"missing-permission":    PermanentError(checks.ContractsRun, head, 17, MissingPermission("contents: read", "72d3162e-cc78-11e3-81ab-4c9367dc0958")),
		"over-limit":            PermanentError(checks.ContractsRun, head, 17, OverLimit("What GitHub says about this pull request", "64 MiB", "72d3162e-cc78-11e3-81ab-4c9367dc0958")),
		"too-many-files":        PermanentError(checks.ReadinessRun, head, 17, Unreadable(contracts.Problem{Position: contracts.Position{File: "."}, Message: "the repository has more files than can be listed (400000 files in 300 requests)", Hint: "name the contract and the evidence files in plimsoll.yml: files named there are still read"}, "72d3162e-cc78-11e3-81ab-4c9367dc0958")),
		"file-too-large":        PermanentError(checks.ReadinessRun, head, 17, Unreadable(contracts.Problem{Position: contracts.Position{File: "deploy/a_b.yml"}, Message: "has 34000000 bytes, at most 33554432 are read"}, "72d3162e-cc78-11e3-81ab-4c9367dc0958")),
		"internal-error":        PermanentError(checks.ContractsRun, head, 0, InternalError("72d3162e-cc78-11e3-81ab-4c9367dc0958")),
		"error-without-a-title": PermanentError(checks.ContractsRun, head, 17, Explanation{What: "It broke.", Next: "Try again."}),
	} {
		t.Run(name, func(t *testing.T) {
			texttest.Golden(t, name+".golden.md", texttest.Page(run, checks.Comment{}))
			if run.Title == "" || strings.TrimSpace(run.Summary) == "" {
				t.Error("GitHub demands a title and a summary")
			}
			if wrong := markdowntest.Inert(run.Summary); len(wrong) > 0 {
				t.Error(wrong)
			}
		})
	}
}
