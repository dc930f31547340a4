// Package sarif has the types of SARIF 2.1.0 (OASIS) as far as the commands write them:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
package sarif

import "plimsoll/contracts"

// New makes the file of one run of Plimsoll.
func New(run Run) Log {
	return Log{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []Run{run}}
}

// Log is a whole SARIF file.
type Log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []Run  `json:"runs"`
}

// Run is one run of the tool.
type Run struct {
	Tool        Tool         `json:"tool"`
	Automation  *Automation  `json:"automationDetails,omitempty"`
	Invocations []Invocation `json:"invocations,omitempty"`
	Results     []Result     `json:"results"`
}

// Automation tells runs of one tool apart.
type Automation struct {
	ID string `json:"id"`
}

// Invocation says how a run went.
type Invocation struct {
	Successful    bool           `json:"executionSuccessful"`
	Notifications []Notification `json:"toolExecutionNotifications"`
}

// Notification is what a run says of itself.
type Notification struct {
	Level     string     `json:"level"`
	Message   Text       `json:"message"`
	Locations []Location `json:"locations,omitempty"`
}

// Tool is what ran.
type Tool struct {
	Driver Driver `json:"driver"`
}

// Driver names the tool and its rules.
type Driver struct {
	Name  string `json:"name"`
	Rules []Rule `json:"rules"`
}

// Rule is a kind of result.
type Rule struct {
	ID            string `json:"id"`
	Short         Text   `json:"shortDescription"`
	Full          Text   `json:"fullDescription"`
	Help          *Text  `json:"help,omitempty"`
	Configuration Config `json:"defaultConfiguration"`
}

// Config is how a rule is set.
type Config struct {
	Level string `json:"level"`
}

// Text is a message.
type Text struct {
	Text string `json:"text"`
}

// Result is one finding.
type Result struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      Text              `json:"message"`
	Locations    []Location        `json:"locations"`
	Related      []Location        `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	// Baseline is new or unchanged, where the run was compared with a base.
	Baseline     string        `json:"baselineState,omitempty"`
	Suppressions []Suppression `json:"suppressions,omitempty"`
	Fixes        []Fix         `json:"fixes,omitempty"`
}

// Suppression says why a result does not count.
type Suppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

// Fix is a change that fixes a result.
type Fix struct {
	Description Text             `json:"description"`
	Changes     []ArtifactChange `json:"artifactChanges"`
}

// ArtifactChange is what a fix does to one file.
type ArtifactChange struct {
	Artifact     Artifact      `json:"artifactLocation"`
	Replacements []Replacement `json:"replacements"`
}

// Replacement takes out a span and puts in a text.
type Replacement struct {
	Deleted  Span `json:"deletedRegion"`
	Inserted Text `json:"insertedContent"`
}

// Span goes up to its end, which is not part of it.
type Span struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

// Location is a place that a result speaks of.
type Location struct {
	ID       int      `json:"id,omitempty"`
	Physical Physical `json:"physicalLocation"`
	Message  *Text    `json:"message,omitempty"`
}

// Physical is a place in a file.
type Physical struct {
	Artifact Artifact `json:"artifactLocation"`
	Region   *Region  `json:"region,omitempty"`
}

// Artifact is a file.
type Artifact struct {
	URI string `json:"uri"`
}

// Region is where in a file.
type Region struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

// PhysicalOf gives a position as SARIF has it.
func PhysicalOf(p contracts.Position) Physical {
	physical := Physical{Artifact: Artifact{URI: p.File}}
	if p.Line > 0 {
		physical.Region = &Region{StartLine: p.Line, StartColumn: p.Column}
	}
	return physical
}

// Level gives SARIF's level of a change's weight.
func Level(weight string) string {
	switch weight {
	case "breaking":
		return "error"
	case "risky":
		return "warning"
	}
	return "note"
}
