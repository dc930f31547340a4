package api

import (
	"context"
	"sync"
	"time"

	"plimsoll/contracts"
	"plimsoll/server/redact"
)

// Bounds of one answer on questions to GitHub about private repositories; those in
// public ones need none. What is beyond them counts as not readable.
const (
	mostAskedOfGitHub = 100
	askedAtOnce       = 8
	askedWithin       = 30 * time.Second
)

// sees asks GitHub which of several repositories the token may read, as far as that
// is not known, a few at a time. A repository that can't be asked for just now counts
// as not readable.
func (who *asker) sees(ctx context.Context, repos []contracts.RepositoryRef) (func(id int64) bool, error) {
	readable := map[int64]bool{}
	var ask []contracts.RepositoryRef
	seen := map[int64]bool{}
	for _, repo := range repos {
		if seen[repo.ID] {
			continue
		}
		seen[repo.ID] = true
		if !repo.Private {
			readable[repo.ID] = true
			continue
		}
		if found, known := who.recalled(repo.Owner, repo.Name); known {
			readable[repo.ID] = found.ID == repo.ID && repo.ID != 0
		} else if len(ask) < mostAskedOfGitHub {
			ask = append(ask, repo)
		}
	}
	asking, cancel := context.WithTimeout(ctx, askedWithin)
	defer cancel()
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, askedAtOnce)
	for _, repo := range ask {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			found, err := who.ask(asking, repo.Owner, repo.Name)
			mu.Lock()
			defer mu.Unlock()
			readable[repo.ID] = err == nil && found.ID == repo.ID && repo.ID != 0
		})
	}
	all.Wait()
	return func(id int64) bool { return readable[id] }, ctx.Err()
}

// seesVersions is sees for the versions that reasons name, which are [store.Store.Present].
func (who *asker) seesVersions(ctx context.Context, reasons []contracts.AnswerReason) (func(contracts.AnswerVersion) bool, error) {
	return redact.Versions(ctx, who.sees, reasons)
}
