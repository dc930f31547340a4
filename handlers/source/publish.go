package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// Publisher writes on GitHub.
type Publisher interface {
	checks.Runs
	checks.Comments
	// ExternalIDs gives those of this App's runs of that name on a commit, the newest first.
	ExternalIDs(ctx context.Context, repo contracts.RepositoryRef, head, name string) ([]string, error)
	// FindCheckRun gives this App's newest run of that name and external id on a commit, 0 without one.
	FindCheckRun(ctx context.Context, repo contracts.RepositoryRef, head, name, externalID string) (id int64, err error)
}

// publishRun sends a check run. Again: an earlier attempt may have sent it already; it
// is looked for and brought up to date instead.
func PublishRun(ctx context.Context, publisher Publisher, repo contracts.RepositoryRef, run checks.CheckRun, again bool) (int64, error) {
	if again {
		id, err := publisher.FindCheckRun(ctx, repo, run.HeadSHA, run.Name, run.ExternalID)
		if err != nil {
			return 0, fmt.Errorf("look for an earlier check run on %s: %w", run.HeadSHA, err)
		}
		if id != 0 {
			return checks.Republish(ctx, publisher, repo, id, run)
		}
	}
	id, err := checks.Publish(ctx, publisher, repo, run)
	if err != nil {
		return 0, fmt.Errorf("publish %s on %s: %w", run.Name, run.HeadSHA, err)
	}
	return id, nil
}

// madeAnew finds the new run that an earlier attempt made because somebody asked for
// one, and came no further; 0 where the newest is still the known one.
func MadeAnew(ctx context.Context, publisher Publisher, repo contracts.RepositoryRef, run checks.CheckRun, known int64) (id int64, err error) {
	id, err = publisher.FindCheckRun(ctx, repo, run.HeadSHA, run.Name, run.ExternalID)
	if err != nil {
		return 0, fmt.Errorf("look for a new check run on %s: %w", run.HeadSHA, err)
	}
	if id == known {
		return 0, nil
	}
	return id, nil
}

func DigestOf(run checks.CheckRun) string {
	encoded, err := json.Marshal(run)
	if err != nil {
		panic(fmt.Sprintf("a check run is plain data: %v", err))
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:16])
}
