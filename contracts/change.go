package contracts

import "strings"

// Level says how severe a change is for any possible consumer.
type Level string

// The levels, the most severe first.
const (
	Breaking Level = "breaking" // some conforming consumer fails
	Risky    Level = "risky"    // some real consumers may fail
	Info     Level = "info"     // nobody fails
)

// Direction says on which side of an exchange a change is seen. For callbacks and
// webhooks it is reversed, since there the provider sends the request.
type Direction string

// The directions. A change to an operation as a whole (removed, its security)
// counts as Request.
const (
	Request  Direction = "request"
	Response Direction = "response"
)

// Rank orders levels: the more severe, the larger.
func (l Level) Rank() int {
	switch l {
	case Breaking:
		return 2
	case Risky:
		return 1
	default:
		return 0
	}
}

// EdgeKind says what an edge of the contract is.
type EdgeKind string

// The kinds of edges.
const (
	KindOperation EdgeKind = "operation"
	KindParameter EdgeKind = "parameter"
	KindBody      EdgeKind = "body"
	KindMediaType EdgeKind = "media-type"
	KindStatus    EdgeKind = "status"
	KindHeader    EdgeKind = "header"
	KindProperty  EdgeKind = "property"
	KindItem      EdgeKind = "item"
	KindMapValue  EdgeKind = "map-value"
	KindSchema    EdgeKind = "schema"
	KindEnumValue EdgeKind = "enum-value"
	KindBranch    EdgeKind = "branch"
	KindSecurity  EdgeKind = "security"
	KindServer    EdgeKind = "server"
)

// Edge is one element of a contract. It is identified by the schema that holds it (or
// the operation, where no schema does) and by its own name. Order.total is one edge,
// however many operations reach it.
type Edge struct {
	Schema string   `json:"schema"`
	Name   string   `json:"name"`
	Kind   EdgeKind `json:"kind"`
}

// String gives the edge as a path, as reports name it: Order.sku, Order.items[],
// Order.labels{}.
func (e Edge) String() string {
	path := e.Schema
	switch {
	case path == "":
		path = e.Name
	case e.Name == "", strings.HasPrefix(e.Name, "["), strings.HasPrefix(e.Name, "{"):
		path += e.Name
	default:
		path += "." + e.Name
	}
	switch {
	case e.Kind == KindItem && !strings.HasSuffix(path, "]"):
		path += "[]"
	case e.Kind == KindMapValue && !strings.HasSuffix(path, "}"):
		path += "{}"
	}
	return path
}

// WithoutFile leaves out the file in which the edge's schema stands ("schemas#Order").
func (e Edge) WithoutFile() Edge {
	if file, name, ok := strings.Cut(e.Schema, "#"); ok && name != "" && !strings.ContainsAny(file, " {") {
		e.Schema = name
	}
	return e
}

// OperationRef is one operation through which a change is reached, and the path from the
// operation's message to the edge.
type OperationRef struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Status    string `json:"status,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	// Pointer is a usage pattern such as items[].sku.
	Pointer string `json:"pointer,omitempty"`
}

// MaxOperations is how many operations a Change lists. Reached counts all of them.
const MaxOperations = 20

// Change is one rule that applies at one edge in one direction.
type Change struct {
	// Fingerprint is the hash of rule, API, edge, direction and old → new: no
	// wording, no path by which it was reached, no line number.
	Fingerprint string `json:"fingerprint"`
	// Rule is a stable name, one of Rules().
	Rule      string    `json:"rule"`
	Level     Level     `json:"level"`
	Direction Direction `json:"direction"`
	Edge      Edge      `json:"edge"`
	// From and To are the old and new value, in the contract's own words (a type,
	// a bound, an enum value); nil where there is none.
	From *string `json:"from"`
	To   *string `json:"to"`
	// Reached counts the operations through which the edge is reached.
	Reached    int            `json:"reached"`
	Operations []OperationRef `json:"operations"`
	Source     ChangeSource   `json:"source"`
}

// ChangeSource is where the change stands in both versions; nil where the edge
// does not exist there.
type ChangeSource struct {
	Base *Position `json:"base"`
	Head *Position `json:"head"`
}
