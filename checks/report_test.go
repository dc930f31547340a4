package checks

import "testing"

func TestContractReportGolden(t *testing.T) {
	for name, report := range scenarios() {
		t.Run(name, func(t *testing.T) {
			before := mustJSON(t, report)
			run := ContractReport(report)
			golden(t, name+".golden.md", page(run, ContractComment(report)))
			if after := mustJSON(t, report); after != before {
				t.Error("writing the report has changed it")
			}
			withinLimits(t, run)
		})
	}
}
