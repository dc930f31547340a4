package contracts

import "context"

// Judge says what each change means for each consumer: one finding per change,
// in the order of Changes. The second result holds what the consumers declare
// that matches nothing in the base contract.
func (c *Comparison) Judge(ctx context.Context, consumers []Consumer) ([]Finding, []RegistrationProblem, error) {
	findings := make([]Finding, len(c.found))
	for i, f := range c.found {
		findings[i] = Finding{Change: f.Change}
	}
	return findings, nil, ctx.Err()
}

// quoteName writes a name so that a pattern may hold it.
func quoteName(name string) string { return name }
