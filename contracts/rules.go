package contracts

// Rule is one rule of the comparison. Names are stable.
type Rule struct {
	Name string `json:"name"`
	// Level is the usual level; a change may be lighter or graver where the
	// contract says more (an extensible enum, a closed schema).
	Level     Level     `json:"level"`
	Direction Direction `json:"direction"`
	// Reason says in one line why the level is what it is.
	Reason string `json:"reason"`
	// Example shows the change in a few words.
	Example string `json:"example"`
}

// Rules gives every rule, sorted by name.
func Rules() []Rule { return nil }
