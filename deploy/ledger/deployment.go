package ledger

import (
	"encoding/json"
	"plimsoll/deploy"
)

// DeploymentEntry is the body of the ledger's entry of a deployment.
type DeploymentEntry struct {
	Deployment int64        `json:"deployment"`
	Status     int64        `json:"status,omitempty"`
	State      deploy.State `json:"state"`
	Ref        string       `json:"ref,omitempty"`
	Task       string       `json:"task,omitempty"`
	// Environment by GitHub's name for it.
	Environment string        `json:"environment"`
	URL         string        `json:"url,omitempty"`
	Targets     []TargetEntry `json:"places"`
}

// TargetEntry is a target as the ledger stores it.
type TargetEntry struct {
	Component   string `json:"component"`
	Environment string `json:"environment"`
	Instance    string `json:"instance,omitempty"`
	Production  bool   `json:"production,omitempty"`
}

// Targets returns the targets of the entry's deployment, or the one target of the entry.
func (e Entry) Targets() []TargetEntry {
	if e.Kind == EntryDeployment {
		var body DeploymentEntry
		if json.Unmarshal(e.Body, &body) == nil && len(body.Targets) > 0 {
			return body.Targets
		}
	}
	return []TargetEntry{{Component: e.Component, Environment: e.Environment}}
}
