package contracts

import (
	"slices"
	"strings"
)

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
func Rules() []Rule {
	rules := make([]Rule, 0, len(ruleTable))
	for _, r := range ruleTable {
		rules = append(rules, r.Rule)
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return rules
}

// harm says whom a change hurts: the row of impact.md's table by which a
// consumer is judged.
type harm uint8

const (
	harmNobody          harm = iota
	harmUsers                // whoever uses the operation: breaks
	harmUsersMay             // whoever uses the operation: may break
	harmUsersLeft            // whoever uses the operation, but an accepted alternative is left
	harmGenerated            // a client whose generator keys on the name: may break
	harmReaders              // reads the edge or below: breaks
	harmIntolerant           // the same, unless the pattern is marked ?
	harmReadersMay           // reads the edge: may break; marked !: breaks
	harmReadersUnproved      // reads the edge: may break, since nothing is proved
	harmVariantReaders       // reads only inside the branch: breaks
	harmSenders              // sends the edge or below: breaks
	harmSendersMay           // sends the edge: may break
	harmSendersNull          // sends the edge: may break; declares null: breaks
	harmSendersUnproved      // sends the edge: may break, since nothing is proved
	harmDropped              // sends what is no longer known: open or closed decides
	harmNewRequired          // sends the parent: breaks, listed or not
	harmNowRequired          // sends the parent and lists what it sends without this: breaks
	harmEnumSenders          // sends that value: breaks; values not listed: may break
	harmDefaulted            // does not send it: may break
	harmVariantSenders       // sends that variant: breaks
	harmMapSenders           // sends what no property names
	harmStatus               // handles that success status, or lists none: breaks
	harmStatusMay            // handles that status: may break
	harmMediaSenders         // sends a body of that media type
	harmMediaReaders         // reads a body of that media type
)

// ruleSpec is a rule with the way its changes are judged.
type ruleSpec struct {
	Rule
	harm harm
}

var ruleTable = buildRules()

var ruleByName = func() map[string]*ruleSpec {
	index := make(map[string]*ruleSpec, len(ruleTable))
	for i := range ruleTable {
		index[ruleTable[i].Name] = &ruleTable[i]
	}
	return index
}()

// row is one line of the rule tables; the direction is in the name.
type row struct {
	name    string
	level   Level
	harm    harm
	reason  string
	example string
}

func buildRules() []ruleSpec {
	var specs []ruleSpec
	for _, table := range [][]row{operationRules, messageRules, schemaRules, valueRules, unionRules, boundRules()} {
		for _, r := range table {
			direction := Request
			if strings.HasPrefix(r.name, "response-") {
				direction = Response
			}
			specs = append(specs, ruleSpec{Rule: Rule{Name: r.name, Level: r.level, Direction: direction, Reason: r.reason, Example: r.example}, harm: r.harm})
		}
	}
	return specs
}

// boundKeywords maps the keywords of numeric limits and the like to how rules
// name them.
var boundKeywords = []struct{ keyword, name string }{
	{"minimum", "minimum"}, {"maximum", "maximum"}, {"minLength", "min-length"}, {"maxLength", "max-length"},
	{"minItems", "min-items"}, {"maxItems", "max-items"}, {"minProperties", "min-properties"}, {"maxProperties", "max-properties"},
	{"multipleOf", "multiple-of"}, {"pattern", "pattern"}, {"uniqueItems", "unique-items"},
}

func boundRules() []row {
	var rows []row
	for _, b := range boundKeywords {
		rows = append(rows,
			row{"request-" + b.name + "-tightened", Breaking, harmSendersMay, "values that were accepted are now refused", b.keyword + " added or made stricter in a request"},
			row{"request-" + b.name + "-loosened", Info, harmNobody, "whatever was accepted still is", b.keyword + " dropped or made looser in a request"},
			row{"response-" + b.name + "-tightened", Info, harmNobody, "whatever comes was already possible", b.keyword + " added or made stricter in a response"},
			row{"response-" + b.name + "-loosened", Info, harmNobody, "a reader seldom relies on a bound", b.keyword + " dropped or made looser in a response"},
		)
	}
	return rows
}
