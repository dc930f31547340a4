package main

import (
	"crypto/sha256"
	"encoding/hex"

	"plimsoll/checks/readiness"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/contracts"
)

// sarif gives the findings as SARIF 2.1.0: what blocks is an error, what is new a
// warning, what is old a note; waived ones are suppressed. What could not be found out
// is a notification of the run, which has no place among the results.
func (j *judgedFolder) sarif() sarifLog {
	run := sarifRun{Tool: sarifTool{Driver: sarifDriver{Name: "Plimsoll", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	index := map[string]int{}
	for i, r := range readiness.Rules {
		index[r.ID] = i
		level := "error"
		if r.Level == readiness.Warning {
			level = "warning"
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: r.ID, Short: sarifText{r.Title}, Full: sarifText{r.Why},
			Help: &sarifText{r.Why + " In place, it is the component's " + r.Good + "."}, Configuration: sarifConfig{level}})
	}
	for _, c := range j.report.Components {
		for _, f := range c.Findings {
			result := sarifResult{RuleID: f.Rule, RuleIndex: index[f.Rule], Level: gapLevel(f), Message: sarifText{c.Name + ": " + f.Message},
				Locations: []sarifLocation{{Physical: sarifPlace(contracts.Position(f.Place))}}, Fingerprints: map[string]string{"plimsoll/v1": gapFingerprint(f.Finding)}}
			if j.base != "" {
				result.Baseline = map[bool]string{true: "new", false: "unchanged"}[f.New]
			}
			if f.Waiver != nil {
				result.Suppressions = []sarifSuppression{{Kind: "external", Justification: string(f.Waiver.Reason)}}
			}
			if fix, ok := sarifFixOf(f.Mend); ok {
				result.Fixes = []sarifFix{fix}
			}
			run.Results = append(run.Results, result)
		}
	}
	run.Invocations = []sarifInvocation{{Successful: true, Notifications: j.notifications()}}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

func gapLevel(f readiness.Judged) string {
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

func (j *judgedFolder) notifications() []sarifNotification {
	all := []sarifNotification{}
	for _, c := range j.report.Components {
		for _, r := range c.Results {
			if r.State == readiness.Unknown {
				all = append(all, sarifNotification{Level: "warning", Message: sarifText{r.Rule + " of " + c.Name + " could not be found out: " + r.Reason}})
			}
		}
	}
	for _, u := range j.report.Unread {
		all = append(all, sarifNotification{Level: "warning", Message: sarifText{"could not be read: " + u.Message}, Locations: []sarifLocation{{Physical: sarifPlace(contracts.Position(u.Place))}}})
	}
	return all
}

// sarifFixOf gives the edits of a finding; ok is false where one of them has no place.
func sarifFixOf(mend []readiness.Snippet) (fix sarifFix, ok bool) {
	for i, s := range mend {
		if s.Loose {
			return sarifFix{}, false
		}
		if i == 0 {
			fix.Description = sarifText{readinesstext.SnippetPlace(s)}
		}
		first := s.After + 1
		fix.Changes = append(fix.Changes, sarifArtifactChange{Artifact: sarifArtifact{URI: s.File}, Replacements: []sarifReplacement{{
			Deleted:  sarifSpan{StartLine: first, StartColumn: 1, EndLine: first + s.Replaces, EndColumn: 1},
			Inserted: sarifText{s.Text},
		}}})
	}
	return fix, len(mend) > 0
}
