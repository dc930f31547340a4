package witness

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// checker validates values against the schemas of one version of a contract.
type checker struct {
	schemas  *translator
	compiler *jsonschema.Compiler
	byID     map[int32]*jsonschema.Schema // nil where the schema does not compile
	shared   map[int]*sharedSchema
	// unreadable is set when a value met something that cannot be evaluated.
	unreadable bool
}

func newChecker(v *openapi.View, dir contracts.Direction, how reading) *checker {
	c := &checker{schemas: &translator{view: v, dir: dir, how: how, known: map[target]int{}}, compiler: jsonschema.NewCompiler(), byID: map[int32]*jsonschema.Schema{}, shared: map[int]*sharedSchema{}}
	c.schemas.later = c.later
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.UseLoader(c.schemas)
	c.compiler.AssertFormat()
	for _, f := range ownFormats {
		c.compiler.RegisterFormat(f)
	}
	c.compiler.RegisterFormat(&jsonschema.Format{Name: formatUnreadable, Validate: func(any) error {
		c.unreadable = true
		return nil
	}})
	c.compiler.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) {
		re, err := regexp.Compile(text)
		if err != nil { // Go's expressions have no lookahead and no backreferences
			return unreadablePattern{text, c}, nil
		}
		return re, nil
	})
	return c
}

// later registers a format that checks a value by a shared schema.
func (c *checker) later(number int) {
	name := strconv.Itoa(number)
	if c.shared[number] != nil {
		return
	}
	shared := &sharedSchema{}
	c.shared[number] = shared
	c.compiler.RegisterFormat(&jsonschema.Format{Name: formatLater + name, Validate: func(v any) error {
		if !shared.compiled {
			shared.compiled = true
			if s, err := c.compiler.Compile(scheme + name); err == nil {
				shared.schema = s
			}
		}
		if shared.schema == nil { // a contract may hold schemas that are not valid
			c.unreadable = true
			return nil
		}
		return shared.schema.Validate(v)
	}})
}

// sharedSchema is a schema that is compiled when the first value asks for it.
type sharedSchema struct {
	compiled bool
	schema   *jsonschema.Schema
}

// unreadablePattern stands for an expression that cannot be evaluated.
type unreadablePattern struct {
	text string
	c    *checker
}

// MatchString notes that nothing is known of the text.
func (p unreadablePattern) MatchString(string) bool {
	p.c.unreadable = true
	return true
}

// String gives the expression.
func (p unreadablePattern) String() string { return p.text }

// answer is what a validator says of a value.
type answer struct {
	valid  bool
	faults []fault
}

// fault is one reason why a value is refused.
type fault struct {
	at   []string // the steps to the value that is at fault
	kind jsonschema.ErrorKind
}

// check validates a value; known is false where the validator cannot tell.
func (c *checker) check(s *openapi.Schema, value any) (a answer, known bool) {
	compiled, ok := c.byID[s.ID]
	if !ok {
		var err error
		if compiled, err = c.compiler.Compile(c.schemas.root(s.Nodes)); err != nil {
			compiled = nil // a contract may hold schemas that are not valid
		}
		c.byID[s.ID] = compiled
	}
	if compiled == nil {
		return answer{}, false
	}
	c.unreadable = false
	err := compiled.Validate(value)
	if c.unreadable {
		return answer{}, false
	}
	if err == nil {
		return answer{valid: true}, true
	}
	var refused *jsonschema.ValidationError
	if !errors.As(err, &refused) {
		return answer{}, false
	}
	var faults []fault
	if !leaves(refused, nil, &faults) {
		return answer{}, false
	}
	return answer{faults: faults}, true
}

// leaves collects the reasons at the bottom of an error, for a value at a place; false where
// references go round in a circle, which says nothing about the value.
func leaves(e *jsonschema.ValidationError, place []string, out *[]fault) bool {
	switch k := e.ErrorKind.(type) {
	case *kind.RefCycle:
		return false
	case *kind.Format:
		var shared *jsonschema.ValidationError
		if strings.HasPrefix(k.Want, formatLater) && errors.As(k.Err, &shared) {
			return leaves(shared, slices.Concat(place, e.InstanceLocation), out)
		}
	}
	if len(e.Causes) == 0 {
		*out = append(*out, fault{slices.Concat(place, e.InstanceLocation), e.ErrorKind})
		return true
	}
	for _, cause := range e.Causes {
		if !leaves(cause, place, out) {
			return false
		}
	}
	return true
}

// concerns tells whether a fault is at a place, below it, or says of the value that holds
// the place that the place is missing or not known.
func (f *fault) concerns(place []string) bool {
	if len(f.at) >= len(place) {
		return slices.Equal(f.at[:len(place)], place)
	}
	if len(f.at) != len(place)-1 || !slices.Equal(f.at, place[:len(f.at)]) {
		return false
	}
	name := place[len(f.at)]
	switch k := f.kind.(type) {
	case *kind.Required:
		return slices.Contains(k.Missing, name)
	case *kind.AdditionalProperties:
		return slices.Contains(k.Properties, name)
	case *kind.PropertyNames:
		return k.Property == name
	}
	return false
}

// The formats that stand for what is no format: a schema of which nothing is known, and a
// shared schema with its number.
const (
	formatUnreadable = "plimsoll-unreadable"
	formatLater      = "plimsoll-schema-"
)

// formats are the formats that are asserted, with a text of each; other formats say nothing
// that can be checked. Numbers have no sample.
var formats = func() map[string]any {
	known := map[string]any{"float": nil, "double": nil, "date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z", "time": "12:00:00Z",
		"duration": "P1D", "uuid": "00000000-0000-4000-8000-000000000000", "email": "a@example.com", "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
		"uri": "https://example.com", "uri-reference": "/a", "byte": "eA==", "json-pointer": "/a", "regex": "a"}
	for _, name := range openapi.IntegerFormats() {
		known[name] = nil
	}
	return known
}()

// ownFormats are the formats of OpenAPI's registry that the validator does not know.
var ownFormats = func() []*jsonschema.Format {
	own := []*jsonschema.Format{
		{Name: "float", Validate: held(math.MaxFloat32, 24)}, {Name: "double", Validate: held(math.MaxFloat64, 53)},
		{Name: "byte", Validate: func(v any) error {
			if s, ok := v.(string); ok && !base64Text.MatchString(s) {
				return errors.New("not base64")
			}
			return nil
		}},
	}
	for _, name := range openapi.IntegerFormats() {
		signed, bits, _ := openapi.IntegerFormat(name)
		own = append(own, &jsonschema.Format{Name: name, Validate: within(signed, bits)})
	}
	return own
}()

var base64Text = regexp.MustCompile(`^[A-Za-z0-9+/_\s-]*=*$`)

// held accepts what a floating-point type with so many bits of precision holds: up to its
// largest number, and whole numbers only without loss.
func held(largest float64, bits int) func(any) error {
	limit := new(big.Rat).SetFloat64(largest)
	return func(v any) error {
		r, ok := rational(v)
		if !ok {
			return nil
		}
		if new(big.Rat).Abs(r).Cmp(limit) > 0 {
			return errors.New("out of range")
		}
		if n := r.Num(); r.IsInt() && n.Sign() != 0 && n.BitLen()-int(n.TrailingZeroBits()) > bits {
			return errors.New("more digits than the type holds")
		}
		return nil
	}
}

// within accepts whole numbers of so many bits, with or without a sign.
func within(signed bool, bits int) func(any) error {
	limit := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	return func(v any) error {
		r, ok := rational(v)
		if !ok {
			return nil
		}
		if !r.IsInt() || r.Num().Cmp(limit) >= 0 || r.Sign() < 0 && !signed || new(big.Int).Neg(r.Num()).Cmp(limit) > 0 {
			return errors.New("out of range")
		}
		return nil
	}
}

// path writes the steps to a value as a usage pattern with the positions of items.
func path(steps []string) string {
	var b strings.Builder
	for _, s := range steps {
		if s != "" && strings.Trim(s, "0123456789") == "" {
			b.WriteString("[" + s + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s)
	}
	return b.String()
}
