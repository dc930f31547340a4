package orgfixture

import (
	"fmt"

	"plimsoll/contracts"
)

// uses draws what a component uses: its share of the declared operations, of one to
// three APIs. Every so many components use the popular API.
func (b *builder) uses(c *contracts.Component) {
	due := (b.started+1)*b.Operations/b.Components - b.out.Uses
	b.out.Uses += due
	if every := b.Components / b.Popular; b.started%every == 0 && b.started/every < b.Popular {
		take := (due + 1) / 2
		due -= take
		c.Consumes = append(c.Consumes, b.use(c, b.API, take))
	}
	for count := 1 + b.IntN(3); count > 0 && due > 0; count-- {
		take := due
		if count > 1 {
			take = 1 + b.IntN(due)
		}
		due -= take
		// Few APIs have many consumers, most have few.
		draw := b.Float64()
		c.Consumes = append(c.Consumes, b.use(c, b.apis[int(draw*draw*draw*float64(len(b.apis)))], take))
	}
	if due > 0 {
		c.Consumes = append(c.Consumes, b.use(c, b.apis[b.IntN(len(b.apis))], due))
	}
}

// use draws the use of so many operations of one API.
func (b *builder) use(c *contracts.Component, api contracts.APIRef, operations int) contracts.Consumed {
	name := api.Name
	if b.IntN(5) == 0 {
		name = api.FullName()
	}
	at := c.Position
	evidence := func() contracts.Evidence {
		at.Line++
		return contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: at}
	}
	use := contracts.Consumed{API: name, Usage: contracts.Usage{Evidence: evidence()}}
	if b.IntN(4) == 0 {
		use.Usage.Via = "openapi-generator"
	}
	first := b.IntN(b.Resources)
	for k := range operations {
		use.Usage.Operations = append(use.Usage.Operations, b.operation((first+k)%b.Resources, evidence()))
	}
	return use
}

// operation draws how one resource is used; one in eight lists no fields.
func (b *builder) operation(resource int, evidence contracts.Evidence) contracts.OperationUse {
	o := contracts.OperationUse{Selector: fmt.Sprintf("GET /things-%d/{id}", resource), Evidence: evidence}
	if b.IntN(8) == 0 {
		return o
	}
	reads := []contracts.Pattern{{Text: "name", Position: evidence.Position}}
	for range 1 + b.IntN(3) {
		reads = append(reads, contracts.Pattern{Text: fmt.Sprintf("f%d", b.IntN(fields)), Position: evidence.Position})
	}
	if b.IntN(3) == 0 {
		reads = append(reads, contracts.Pattern{Text: "lines[].price", Position: evidence.Position})
	}
	o.Reads = &reads
	if b.IntN(5) == 0 {
		sends := []contracts.Pattern{{Text: "name", Position: evidence.Position}}
		o.Selector, o.Sends = fmt.Sprintf("POST /things-%d", resource), &sends
	}
	return o
}
