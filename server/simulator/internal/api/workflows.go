package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

// dispatchInputs returns the inputs that a workflow's file declares for a start by hand;
// ok is false if it has none.
func dispatchInputs(file []byte) (inputs map[string]any, ok bool) {
	var workflow struct {
		On any `yaml:"on"`
	}
	if yaml.Unmarshal(file, &workflow) != nil {
		return nil, false
	}
	const event = "workflow_dispatch"
	switch on := workflow.On.(type) {
	case string:
		return nil, on == event
	case []any:
		return nil, slices.Contains(on, any(event))
	case map[string]any:
		_, ok = on[event]
		with, _ := on[event].(map[string]any)
		inputs, _ = with["inputs"].(map[string]any)
	}
	return inputs, ok
}

// dispatchWorkflow starts a workflow of the default branch's files. What it does is
// for a script to play.
func (c *call) dispatchWorkflow() reply {
	asked := decode[struct {
		Ref    string         `json:"ref"`
		Inputs map[string]any `json:"inputs"`
	}](c)
	_, isBranch := c.repo.Branches[asked.Ref]
	_, isTag := c.repo.Tags[asked.Ref]
	if !isBranch && !isTag {
		return refuse(http.StatusUnprocessableEntity, "No ref found for: "+asked.Ref)
	}
	files := c.repo.Git.Files(c.repo.Git.TreeOf(c.repo.Branches[c.repo.DefaultBranch]))
	entry, there := files[".github/workflows/"+c.vars["workflow_id"]]
	if !there {
		return notFound()
	}
	file, err := c.repo.Git.Blob(entry.Hash)
	inputs, ok := dispatchInputs(file)
	if err != nil || !ok {
		return refuse(http.StatusUnprocessableEntity, "Workflow does not have 'workflow_dispatch' trigger")
	}
	var unexpected []string
	for _, name := range slices.Sorted(maps.Keys(asked.Inputs)) {
		if _, declared := inputs[name]; !declared {
			unexpected = append(unexpected, fmt.Sprintf("%q", name))
		}
	}
	if unexpected != nil {
		return refuse(http.StatusUnprocessableEntity, "Unexpected inputs provided: ["+strings.Join(unexpected, ", ")+"]")
	}
	c.repo.Dispatches = append(c.repo.Dispatches, model.Dispatch{
		ID: c.github.NextID("workflow"), Workflow: c.vars["workflow_id"], Ref: asked.Ref, Inputs: asked.Inputs, At: c.github.Now(),
	})
	return answer(http.StatusNoContent, nil)
}

// listDispatched lists the runs that the App has started of one workflow.
func (c *call) listDispatched() reply {
	since, _ := time.Parse(time.RFC3339, strings.TrimPrefix(c.query("created"), ">="))
	var found []model.Dispatch
	for _, d := range slices.Backward(c.repo.Dispatches) {
		if c.github.Now().Before(d.At.Add(c.repo.ListRunsLate)) {
			continue
		}
		if d.Workflow == c.vars["workflow_id"] && !d.At.Before(since) && (c.query("event") == "" || c.query("event") == "workflow_dispatch") &&
			(c.query("actor") == "" || c.query("actor") == c.github.App.Bot.Login) {
			found = append(found, d)
		}
	}
	return counted(c, "workflow_runs", found, func(d model.Dispatch) payload.Object { return c.payload.Dispatched(c.repo, d) })
}
