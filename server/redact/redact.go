// Package redact takes out of ledger entries and answers what their reader may not see. Who may
// see what is the caller's to find out; the package must not know GitHub's API or HTTP.
package redact

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"

	"plimsoll/contracts"
	"plimsoll/deploy/gate"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/answers"
)

// Line is an entry as its reader may see it.
type Line struct {
	ledger.Entry
	// Redacted: the entry holds more than is shown here, so its hash can't be computed from
	// what is.
	Redacted bool `json:"redacted,omitempty"`
}

// Sees finds out which of several repositories the reader may see.
type Sees func(ctx context.Context, repos []contracts.RepositoryRef) (func(id int64) bool, error)

// Store knows repositories as they are now.
type Store interface {
	RepositoryRef(ctx context.Context, installation, id int64) (contracts.RepositoryRef, error)
	Present(ctx context.Context, installation int64, reasons []contracts.AnswerReason) ([]contracts.AnswerReason, error)
}

type reader struct {
	from Store
	sees Sees
}

// Entry gives an entry about a repository without what the reader may not see.
func Entry(ctx context.Context, from Store, sees Sees, repo contracts.RepositoryRef, entry ledger.Entry) (Line, error) {
	r, line := reader{from, sees}, Line{Entry: entry}
	switch entry.Kind {
	case ledger.EntryDeployment, ledger.EntryVerdict, ledger.EntryGateOverride: // of the repository alone
		return line, nil
	case ledger.EntryAnswer:
		var body answers.AnswerEntry
		return r.named(ctx, line, &body, func() []*[]contracts.AnswerReason { return []*[]contracts.AnswerReason{&body.Reasons} })
	case ledger.EntryGate:
		var body gate.Entry
		return r.named(ctx, line, &body, func() (all []*[]contracts.AnswerReason) {
			for i := range body.Reasons {
				all = append(all, &body.Reasons[i].CanDeploy)
			}
			return all
		})
	case ledger.EntryRollback:
		var body ledger.RollbackEntry
		return r.named(ctx, line, &body, func() (all []*[]contracts.AnswerReason) {
			for i := range body.Rollback.Reasons {
				all = append(all, &body.Rollback.Reasons[i].CanDeploy)
			}
			return all
		})
	}
	// What was agreed to on a pull request of another repository.
	var body struct {
		Provider int64 `json:"provider"`
	}
	if json.Unmarshal(entry.Body, &body) != nil {
		return redacted(line), nil
	}
	if body.Provider == repo.ID {
		return line, nil
	}
	provider, err := from.RepositoryRef(ctx, repo.Installation, body.Provider)
	if errors.Is(err, fs.ErrNotExist) {
		return redacted(line), nil
	}
	if err != nil {
		return line, err
	}
	may, err := sees(ctx, []contracts.RepositoryRef{provider})
	if err != nil || may(provider.ID) {
		return line, err
	}
	return redacted(line), nil
}

// named gives an entry of the repository itself, whose body names other repositories in some
// reasons.
func (r reader) named(ctx context.Context, line Line, body any, reasons func() []*[]contracts.AnswerReason) (Line, error) {
	if err := json.Unmarshal(line.Body, body); err != nil {
		return redacted(line), nil
	}
	for _, list := range reasons() {
		// An entry is old: who may read what it names counts as it is now.
		present, err := r.from.Present(ctx, line.Installation, *list)
		if err != nil {
			return line, err
		}
		sees, err := Versions(ctx, r.sees, present)
		if err != nil {
			return line, err
		}
		for _, reason := range present {
			for _, v := range []*contracts.AnswerVersion{reason.Consumer, reason.Provider} {
				line.Redacted = line.Redacted || v != nil && !sees(*v)
			}
		}
		*list = contracts.SeenBy(present, sees)
	}
	if !line.Redacted {
		return line, nil
	}
	var err error
	line.Body, err = json.Marshal(body)
	return line, err
}

// redacted leaves of an entry that it is there.
func redacted(line Line) Line {
	line.Redacted = true
	line.Body, line.Commit, line.Actor, line.Once = nil, "", "", ""
	return line
}

// Versions finds out which versions that reasons name the reader may see. The reasons have the
// names that repositories have now.
func Versions(ctx context.Context, sees Sees, reasons []contracts.AnswerReason) (func(contracts.AnswerVersion) bool, error) {
	var repos []contracts.RepositoryRef
	for _, r := range reasons {
		for _, v := range []*contracts.AnswerVersion{r.Consumer, r.Provider} {
			if v == nil {
				continue
			}
			owner, name, _ := strings.Cut(v.Repository, "/")
			repos = append(repos, contracts.RepositoryRef{ID: v.RepositoryID, Owner: owner, Name: name, Private: v.Private})
		}
	}
	may, err := sees(ctx, repos)
	return func(v contracts.AnswerVersion) bool { return may(v.RepositoryID) }, err
}
