package deploytext

import (
	"encoding/json"
	"testing"

	"plimsoll/deploy/ledger"
)

func TestEntrySummary(t *testing.T) {
	for _, c := range []struct {
		kind       ledger.EntryKind
		body, want string
	}{
		{ledger.EntryDeployment, `{"state":"success","task":"rollback"}`, "success (rollback)"},
		{ledger.EntryVerdict, `{"verdict":{"answer":"roll back"}}`, "roll back"},
		{ledger.EntryGate, `{"state":"approved"}`, "approved"},
		{ledger.EntryAnswer, `{"answer":"yes"}`, "yes"},
		{ledger.EntryRollback, `{"rollback":{"state":"proposed"}}`, "proposed"},
		{ledger.EntryRollback, `{"rollback":{"state":"performed","lost":{"kind":"not-picked-up"}}}`, "not-picked-up"},
		{ledger.EntryRollback, `{"remedy":{"state":"performed","outcome":"verified"}}`, "over: verified"},
		{ledger.EntryRollback, `{"refused":"no write access","source":"comment/7"}`, "refused: no write access"},
		{ledger.EntryGateOverride, `{"reason":"we watch \u001b[31mit"}`, "we watch [31mit"},
		{ledger.EntryOverride, `{"reason":"later"}`, "later"},
		{ledger.EntryOverride, `nothing`, ""},
	} {
		if got := EntrySummary(ledger.Entry{Kind: c.kind, Body: json.RawMessage(c.body)}); got != c.want {
			t.Errorf("%s %s: %q, expected %q", c.kind, c.body, got, c.want)
		}
	}
	for _, kind := range ledger.EntryKinds {
		if EntrySummary(ledger.Entry{Kind: kind, Body: json.RawMessage(`{"state":"x","answer":"x","reason":"x","verdict":{"answer":"x"},"rollback":{"state":"x"}}`)}) != "x" {
			t.Errorf("nothing is told of the kind %s", kind)
		}
	}
}
