package failuretext

import (
	"strings"
	"testing"

	"plimsoll/checks"
	"plimsoll/checks/markdowntest"
	"plimsoll/checks/text/texttest"
)

func TestExplanations(t *testing.T) {
	const head = "bbbbbbb2222222222222222222222222bbbbbbbb"
	for name, run := range map[string]checks.CheckRun{
		"missing-permission":    PermanentError(checks.ContractsRun, head, 17, MissingPermission("contents: read", "72d3162e-cc78-11e3-81ab-4c9367dc0958")),
		"repository-archived":   PermanentError(checks.ContractsRun, head, 17, RepositoryArchived("72d3162e-cc78-11e3-81ab-4c9367dc0958")),
		"suspended":             PermanentError(checks.ContractsRun, head, 17, InstallationSuspended("72d3162e-cc78-11e3-81ab-4c9367dc0958")),
		"over-limit":            PermanentError(checks.ContractsRun, head, 17, OverLimit("The contract api/openapi.yaml", "32 MiB", "72d3162e-cc78-11e3-81ab-4c9367dc0958")),
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
