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
	Targets     []TargetEntry `json:"targets"`
}

// UnmarshalJSON reads an entry, also of versions that called targets places.
func (d *DeploymentEntry) UnmarshalJSON(data []byte) error {
	type current DeploymentEntry
	stored := struct {
		*current
		Places []TargetEntry `json:"places"`
	}{current: (*current)(d)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if stored.Places != nil {
		d.Targets = stored.Places
	}
	return nil
}

// RollbackEntry is the body of the ledger's entry of a rollback.
type RollbackEntry struct {
	Verification string          `json:"verification"`
	Rollback     deploy.Rollback `json:"rollback"`
}

// UnmarshalJSON reads an entry, also of earlier versions, which had other names for rollbacks.
func (r *RollbackEntry) UnmarshalJSON(data []byte) error {
	type current RollbackEntry
	stored := struct {
		*current
		Remedy *deploy.Rollback `json:"remedy"`
	}{current: (*current)(r)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if stored.Remedy != nil {
		r.Rollback = *stored.Remedy
	}
	return nil
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
