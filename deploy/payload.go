package deploy

import (
	"cmp"
	"encoding/json"
	"strings"
)

// payload is what a deployment's own payload says about where it goes.
type payload struct {
	components                  []string
	path, environment, instance string
}

// readPayload takes what is known of any payload; the keys below "plimsoll" go
// first, and only there an environment counts: elsewhere it may mean anything.
func readPayload(raw json.RawMessage) payload {
	own := object(raw)
	ours := object(own["plimsoll"])
	p := payload{
		path:        cmp.Or(text(ours["path"]), text(own["path"])),
		environment: text(ours["environment"]),
		instance:    cmp.Or(text(ours["instance"]), text(ours["region"]), text(own["instance"]), text(own["region"])),
	}
	for _, from := range []map[string]json.RawMessage{ours, own} {
		if p.components = append(texts(from["component"]), texts(from["components"])...); len(p.components) > 0 {
			break
		}
	}
	return p
}

// object reads an object, or a string that holds one; nil for anything else.
func object(raw json.RawMessage) map[string]json.RawMessage {
	if held := text(raw); held != "" {
		raw = json.RawMessage(held)
	}
	var found map[string]json.RawMessage
	if json.Unmarshal(raw, &found) != nil {
		return nil
	}
	return found
}

// text reads a string; "" for anything else.
func text(raw json.RawMessage) string {
	var found string
	if json.Unmarshal(raw, &found) != nil {
		return ""
	}
	return strings.TrimSpace(found)
}

// texts reads a string or a list of strings.
func texts(raw json.RawMessage) []string {
	if one := text(raw); one != "" {
		return []string{one}
	}
	var all []string
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	return all
}
