package contracttext

import (
	"testing"

	"plimsoll/checks/text/texttest"
)

func TestContractReportGolden(t *testing.T) {
	for name, report := range scenarios() {
		t.Run(name, func(t *testing.T) {
			before := texttest.MustJSON(t, report)
			run := ContractReport(report)
			texttest.Golden(t, name+".golden.md", texttest.Page(run, ContractComment(report)))
			if after := texttest.MustJSON(t, report); after != before {
				t.Error("writing the report has changed it")
			}
			texttest.WithinLimits(t, run)
		})
	}
}
