package readycheck

import (
	"crypto/sha256"
	"encoding/hex"

	"plimsoll/checks/readiness"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/cmd/plimsoll/internal/sarif"
	"plimsoll/contracts"
)

// SARIF gives the findings as SARIF 2.1.0: what blocks is an error, what is new a
// warning, what is old a note; waived ones are suppressed. What could not be checked
// is a notification of the run, which has no place among the results.
func (j *Result) SARIF() sarif.Log {
	run := sarif.Run{Tool: sarif.Tool{Driver: sarif.Driver{Name: "Plimsoll", Rules: []sarif.Rule{}}}, Results: []sarif.Result{}}
	index := map[string]int{}
	for i, r := range readiness.Rules {
		index[r.ID] = i
		level := "error"
		if r.Level == readiness.Warning {
			level = "warning"
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarif.Rule{ID: r.ID, Short: sarif.Text{Text: r.Title}, Full: sarif.Text{Text: r.Why},
			Help: &sarif.Text{Text: r.Why + " In place, it is the component's " + r.Good + "."}, Configuration: sarif.Config{Level: level}})
	}
	for _, c := range j.report.Components {
		for _, f := range c.Findings {
			result := sarif.Result{RuleID: f.Rule, RuleIndex: index[f.Rule], Level: gapLevel(f), Message: sarif.Text{Text: c.Name + ": " + f.Message},
				Locations: []sarif.Location{{Physical: sarif.PhysicalOf(contracts.Position(f.Position))}}, Fingerprints: map[string]string{"plimsoll/v1": gapFingerprint(f.Finding)}}
			if j.base != "" {
				result.Baseline = map[bool]string{true: "new", false: "unchanged"}[f.New]
			}
			if f.Waiver != nil {
				result.Suppressions = []sarif.Suppression{{Kind: "external", Justification: string(f.Waiver.Reason)}}
			}
			if fix, ok := sarifFixOf(f.Fix); ok {
				result.Fixes = []sarif.Fix{fix}
			}
			run.Results = append(run.Results, result)
		}
	}
	run.Invocations = []sarif.Invocation{{Successful: true, Notifications: j.notifications()}}
	return sarif.New(run)
}

func gapLevel(f readiness.Compared) string {
	switch {
	case f.Blocks:
		return "error"
	case f.New && f.Waiver == nil:
		return "warning"
	}
	return "note"
}

// gapFingerprint names a lack the same wherever its line has moved.
func gapFingerprint(f readiness.Finding) string {
	sum := sha256.Sum256([]byte(f.Rule + "\x00" + f.Component + "\x00" + f.Subject))
	return hex.EncodeToString(sum[:6])
}

func (j *Result) notifications() []sarif.Notification {
	all := []sarif.Notification{}
	for _, c := range j.report.Components {
		for _, r := range c.Results {
			if r.State == readiness.Unknown {
				all = append(all, sarif.Notification{Level: "warning", Message: sarif.Text{Text: r.Rule + " of " + c.Name + " is unknown: " + r.Reason}})
			}
		}
	}
	for _, u := range j.report.Unread {
		all = append(all, sarif.Notification{Level: "warning", Message: sarif.Text{Text: "could not be read: " + u.Message}, Locations: []sarif.Location{{Physical: sarif.PhysicalOf(contracts.Position(u.Position))}}})
	}
	return all
}

// sarifFixOf gives the edits of a finding; ok is false where one of them has no place.
func sarifFixOf(edits []readiness.Snippet) (fix sarif.Fix, ok bool) {
	for i, s := range edits {
		if s.Loose {
			return sarif.Fix{}, false
		}
		if i == 0 {
			fix.Description = sarif.Text{Text: readinesstext.SnippetPosition(s)}
		}
		first := s.After + 1
		fix.Changes = append(fix.Changes, sarif.ArtifactChange{Artifact: sarif.Artifact{URI: s.File}, Replacements: []sarif.Replacement{{
			Deleted:  sarif.Span{StartLine: first, StartColumn: 1, EndLine: first + s.Replaces, EndColumn: 1},
			Inserted: sarif.Text{Text: s.Text},
		}}})
	}
	return fix, len(edits) > 0
}
