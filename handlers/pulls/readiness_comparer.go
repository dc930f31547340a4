package pulls

import (
	"context"
	"time"

	"plimsoll/checks/readiness"
	"plimsoll/checks/readiness/kustomize"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
)

// ReadinessComparer compares the readiness of two commits of a repository.
type ReadinessComparer struct {
	deps ReadinessComparerDeps
}

// ReadinessComparerDeps is what a ReadinessComparer needs.
type ReadinessComparerDeps struct {
	Trees source.Trees
	// Organisations reads what repositories and their organisations declare.
	Organisations *source.Organisations
	// Metrics asks the operator's metric servers.
	Metrics readiness.Metrics
	// Builders build the kustomizations of an installation's repositories.
	Builders Builders
	Cache    *openapi.Cache
	// WebURL is GitHub's, for permalinks.
	WebURL string
	// Now gives the time that is stored: waivers end.
	Now func(ctx context.Context) (time.Time, error)
}

// Builders gives each installation what builds its kustomizations, so that none takes what
// the others need.
type Builders interface {
	For(installation int64) kustomize.Builder
}

// NewReadinessComparer returns a ReadinessComparer.
func NewReadinessComparer(deps ReadinessComparerDeps) (*ReadinessComparer, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &ReadinessComparer{deps}, nil
}

// compare compares how the merge base and the head stand, by the base branch's word. The
// change is nil for a repository without a repository file.
func (r *ReadinessComparer) compare(ctx context.Context, pull source.PullRequest, registration contracts.Registration, comparison source.Comparison) (change *readinessChange, report readinesstext.Readiness, err error) {
	repo := pull.Repository
	c := &readinessChange{comparer: r, pull: pull, repo: repo, registration: registration, comparison: comparison}
	if !registration.Enrolled && comparison.Complete && !c.touches(evidence.IsDeclaration) {
		return nil, report, nil
	}
	if c.now, err = r.deps.Now(ctx); err != nil {
		return nil, report, err
	}
	if c.organisation, err = r.deps.Organisations.File(ctx, repo); err != nil {
		return nil, report, err
	}
	if err := c.read(ctx); err != nil {
		return nil, report, err
	}
	if c.policy == nil && c.head == nil && !c.broken {
		return nil, report, nil
	}
	report, err = c.report(ctx)
	return c, report, err
}
