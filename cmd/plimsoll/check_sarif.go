package main

import (
	"fmt"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
)

// SARIF 2.1.0 (OASIS), as far as it is needed: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations,omitempty"`
	Results     []sarifResult     `json:"results"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID            string      `json:"id"`
	Short         sarifText   `json:"shortDescription"`
	Full          sarifText   `json:"fullDescription"`
	Help          *sarifText  `json:"help,omitempty"`
	Configuration sarifConfig `json:"defaultConfiguration"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Related      []sarifLocation   `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	// Baseline is new or unchanged, where the run was compared with a base.
	Baseline     string             `json:"baselineState,omitempty"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	Fixes        []sarifFix         `json:"fixes,omitempty"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

type sarifFix struct {
	Description sarifText             `json:"description"`
	Changes     []sarifArtifactChange `json:"artifactChanges"`
}

type sarifArtifactChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifSpan `json:"deletedRegion"`
	Inserted sarifText `json:"insertedContent"`
}

// sarifSpan goes up to, and not with, its end.
type sarifSpan struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifLocation struct {
	ID       int           `json:"id,omitempty"`
	Physical sarifPhysical `json:"physicalLocation"`
	Message  *sarifText    `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

func (c *checked) sarif() sarifLog {
	run := sarifRun{Tool: sarifTool{Driver: sarifDriver{Name: "Plimsoll", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	index := map[string]int{}
	for _, r := range diff.Rules() {
		text, example := contracttext.RuleText(r.Name)
		full := text
		if example != "" {
			full += " For example: " + example
		}
		index[r.Name] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: r.Name, Short: sarifText{text}, Full: sarifText{full},
			Configuration: sarifConfig{sarifLevel(string(r.Level))}})
	}
	for i := range c.findings {
		f := &c.findings[i]
		where := f.Change.Source.Head
		if where == nil {
			where = f.Change.Source.Base
		}
		result := sarifResult{RuleID: f.Change.Rule, RuleIndex: index[f.Change.Rule], Level: sarifLevel(c.weight(f)),
			Message:      sarifText{fmt.Sprintf("%s%s (reached from %d %s)", sentenceOf(f.Change), sinceBaseline(f), f.Change.Reached, plural(f.Change.Reached, "operation"))},
			Fingerprints: map[string]string{"plimsoll/v1": f.Change.Fingerprint}}
		if where != nil {
			result.Locations = []sarifLocation{{Physical: sarifPlace(*where)}}
		}
		for k, h := range f.Affected {
			result.Related = append(result.Related, sarifLocation{ID: k + 1, Physical: sarifPlace(h.Evidence[0].Position),
				Message: &sarifText{h.Consumer.Component + ": " + string(h.Verdict) + ", " + contracttext.PlainReasonSentence(h.Reason)}})
		}
		run.Results = append(run.Results, result)
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

func sarifPlace(p contracts.Position) sarifPhysical {
	place := sarifPhysical{Artifact: sarifArtifact{URI: p.File}}
	if p.Line > 0 {
		place.Region = &sarifRegion{StartLine: p.Line, StartColumn: p.Column}
	}
	return place
}

func sarifLevel(weight string) string {
	switch weight {
	case "breaking":
		return "error"
	case "risky":
		return "warning"
	}
	return "note"
}
