package answers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/contracts/settings"
	"plimsoll/handlers/source"
)

// rule has a question answered by the rule settings that the provider's default branch has
// now: those of the commit in question do not count, since its author wrote them. known: all
// that runs in the environment was compared.
func (d *deployment) rule(ctx context.Context, q *impact.ProviderQuestion, api string, comparisons []compared, known bool) error {
	registration, err := d.a.deps.Store.Registration(ctx, d.q.Repository.Installation, d.q.Repository.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("recall the rule settings of %s: %w", d.q.Repository.FullName(), err)
	}
	provided := source.ProvidedBy(registration)[api].Provided
	if len(provided.Rules) == 0 {
		return nil
	}
	given := settings.Of(withoutOrganisationsReasons(provided.Rules), provided.Policy, d.a.deps.Now())
	q.Ruled = given.Ruling
	if !known {
		return nil
	}
	for _, comparison := range comparisons {
		for _, change := range comparison.Changes() {
			ruling := given.Ruling(change)
			switch {
			case change.Level == contracts.Info:
			case !ruling.SetAside(contracts.MayBreak):
				q.Excused = nil
				return nil
			default:
				q.Excused = ruling.By
			}
		}
	}
	return nil
}

// withoutOrganisationsReasons gives settings that can be shown to readers of the repository:
// the organisation's file may be closed to them.
func withoutOrganisationsReasons(list []contracts.RuleSetting) []contracts.RuleSetting {
	shown := make([]contracts.RuleSetting, len(list))
	for i, setting := range list {
		if setting.Organisation {
			setting.Reason = ""
		}
		shown[i] = setting
	}
	return shown
}
