package witness

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

var english = message.NewPrinter(language.English)

// sentence says in a few words why a value is refused; place is where the change is.
func (f *fault) sentence(place []string) string {
	at := path(f.at)
	if at == "" {
		at = "the value"
	}
	switch k := f.kind.(type) {
	case *kind.Required:
		name := k.Missing[0]
		if len(place) == len(f.at)+1 && slices.Contains(k.Missing, place[len(f.at)]) {
			name = place[len(f.at)]
		}
		return path(append(slices.Clone(f.at), name)) + " is missing"
	case *kind.AdditionalProperties:
		return path(place) + " is not allowed"
	case *kind.FalseSchema:
		return at + " is not allowed"
	case *kind.Type:
		want := make([]string, len(k.Want))
		for i, name := range k.Want {
			want[i] = article(name)
		}
		return at + " is " + article(k.Got) + ", expected " + strings.Join(want, " or ")
	case *kind.Enum:
		return at + " is " + brief(k.Got) + ", which is not in the list of values"
	case *kind.Const:
		return at + " is " + brief(k.Got) + ", expected " + brief(k.Want)
	case *kind.Format:
		return at + " is " + brief(k.Got) + ", which does not have the format " + k.Want
	case *kind.Pattern:
		return at + " is " + brief(k.Got) + ", which does not match " + k.Want
	case *kind.OneOf:
		return at + " fits " + strconv.Itoa(len(k.Subschemas)) + " variants, and must fit exactly one"
	case *kind.Not:
		return at + " is a value that is ruled out"
	case *kind.Contains:
		return at + " has no item of the kind that it must contain"
	case *kind.UniqueItems:
		return at + " has the same item twice"
	}
	if text := f.limit(at); text != "" {
		return text
	}
	return at + ": " + f.kind.LocalizedString(english)
}

// limit says which limit a value exceeds; "" for other faults.
func (f *fault) limit(at string) string {
	switch k := f.kind.(type) {
	case *kind.MinLength:
		return fmt.Sprintf("%s has %s, expected at least %d", at, count(k.Got, "character"), k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("%s has %s, expected at most %d", at, count(k.Got, "character"), k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("%s has %s, expected at least %d", at, count(k.Got, "item"), k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("%s has %s, expected at most %d", at, count(k.Got, "item"), k.Want)
	case *kind.MinProperties:
		return fmt.Sprintf("%s has %s, expected at least %d", at, properties(k.Got), k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("%s has %s, expected at most %d", at, properties(k.Got), k.Want)
	case *kind.Minimum:
		return at + " is " + digits(k.Got) + ", expected at least " + digits(k.Want)
	case *kind.Maximum:
		return at + " is " + digits(k.Got) + ", expected at most " + digits(k.Want)
	case *kind.ExclusiveMinimum:
		return at + " is " + digits(k.Got) + ", expected more than " + digits(k.Want)
	case *kind.ExclusiveMaximum:
		return at + " is " + digits(k.Got) + ", expected less than " + digits(k.Want)
	case *kind.MultipleOf:
		return at + " is " + digits(k.Got) + ", expected a multiple of " + digits(k.Want)
	}
	return ""
}

func article(name string) string {
	switch name {
	case "null":
		return name
	case "integer", "object", "array":
		return "an " + name
	}
	return "a " + name
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

func properties(n int) string {
	if n == 1 {
		return "1 property"
	}
	return strconv.Itoa(n) + " properties"
}

func digits(r *big.Rat) string {
	if n, ok := number(r); ok {
		return n.String()
	}
	return r.FloatString(6)
}
