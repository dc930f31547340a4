package deploytext

import (
	"cmp"
	"encoding/json"
	"fmt"

	"plimsoll/checks"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
)

// LedgerFaultSentence says what is wrong with a ledger, and what may have been done.
func LedgerFaultSentence(f *ledger.Fault) string {
	kept := "the ledger records"
	if f.Noted {
		kept = "the given head records"
	}
	switch f.Kind {
	case ledger.EntryMissing:
		return fmt.Sprintf("entry %d is missing; the next one is %d. It was removed or renumbered.", f.Sequence, f.Found)
	case ledger.EntryMisplaced:
		return fmt.Sprintf("entry %d is in the place of entry %d. It was inserted.", f.Found, f.Sequence)
	case ledger.EntryChanged:
		return fmt.Sprintf("entry %d was changed: its hash does not match its content.", f.Sequence)
	case ledger.EntryUnlinked:
		return fmt.Sprintf("entry %d does not follow entry %d: one of the two was replaced, with its hash.", f.Sequence, f.Sequence-1)
	case ledger.EntryBeyond:
		return fmt.Sprintf("entry %d is after the recorded end: it was inserted, or the end was moved back.", f.Sequence)
	case ledger.EntryCut:
		return fmt.Sprintf("entry %d and all later entries are missing: %s %d entries. The end was cut off.", f.Sequence, kept, f.Found)
	case ledger.EntryOther:
		if f.Noted {
			return fmt.Sprintf("entry %d does not match the given head: the ledger was rewritten.", f.Sequence)
		}
		return fmt.Sprintf("entry %d does not match the recorded last entry.", f.Sequence)
	}
	return fmt.Sprintf("entry %d: %s", f.Sequence, f.Kind)
}

// entryBody is what one line shows of the body of an entry.
type entryBody struct {
	State deploy.State `json:"state"`
	// Environment by GitHub's name.
	Environment string `json:"environment"`
	Task        string `json:"task"`
	Answer      string `json:"answer"`
	Reason      string `json:"reason"`
	Verdict     struct {
		Answer deploy.Answer `json:"answer"`
	} `json:"verdict"`
	Refused string `json:"refused"`
}

// rollbackProgress says how far a rollback has come.
func rollbackProgress(e ledger.Entry) string {
	var body ledger.RollbackEntry
	if json.Unmarshal(e.Body, &body) != nil {
		return ""
	}
	switch m := body.Rollback; {
	case m.Outcome != "":
		return "over: " + string(m.Outcome)
	case m.Lost != nil:
		return string(m.Lost.Kind)
	default:
		return string(m.State)
	}
}

// EntrySummary says in some words what an entry of the ledger tells, in plain text.
func EntrySummary(e ledger.Entry) string {
	var body entryBody
	if json.Unmarshal(e.Body, &body) != nil {
		return ""
	}
	switch e.Kind {
	case ledger.EntryDeployment:
		text := cmp.Or(string(body.State), "requested")
		if body.Task != "" && body.Task != "deploy" {
			text += " (" + body.Task + ")"
		}
		return checks.Plain(text)
	case ledger.EntryVerdict:
		return checks.Plain(string(body.Verdict.Answer))
	case ledger.EntryGate:
		return checks.Plain(string(body.State))
	case ledger.EntryAnswer:
		return checks.Plain(body.Answer)
	case ledger.EntryRollback:
		if body.Refused != "" {
			return checks.Plain("refused: " + body.Refused)
		}
		return checks.Plain(rollbackProgress(e))
	case ledger.EntryAcknowledgement, ledger.EntryOverride, ledger.EntryGateOverride:
		return checks.Plain(body.Reason)
	}
	return ""
}
