package pulls

import (
	"context"
	"slices"

	"github.com/rs/zerolog"

	"plimsoll/checks"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// subjectOf is what the verdicts on a pull request, or on a merge group, are stored under.
func subjectOf(pull source.PullRequest) string {
	if pull.Group != "" {
		return checks.SubjectOfGroup(pull.Group)
	}
	return checks.SubjectOfPull(pull.Number)
}

// bases knows for which base branches checks have their plain names: the default branch and
// those that the organisation protects.
type bases struct {
	index         Index
	organisations *source.Organisations
}

// name is the name of a check on a pull request.
func (b bases) name(ctx context.Context, pull source.PullRequest, check string) (string, error) {
	registration, err := b.index.Known(ctx, pull.Repository)
	if err != nil {
		return "", err
	}
	if registration.DefaultBranch == "" || pull.BaseRef == registration.DefaultBranch {
		return check, nil
	}
	organisation, err := b.organisations.File(ctx, pull.Repository)
	if err != nil {
		return "", err
	}
	protected := organisation != nil && organisation.Policy != nil &&
		slices.ContainsFunc(organisation.Policy.Protected, func(g config.Glob) bool { return g.Match(pull.BaseRef) })
	return checks.CheckName(check, pull.BaseRef, protected), nil
}

// verdicts collects the verdicts on a pull request, to be published at once.
type verdicts struct {
	publications Publications
	bases        bases
	pull         source.PullRequest
	request      string
	stored       bool
}

// put stores the verdict of one check.
func (v *verdicts) put(ctx context.Context, run checks.CheckRun) error {
	name, err := v.bases.name(ctx, v.pull, run.Name)
	if err != nil {
		return err
	}
	run.Name = name
	if v.pull.Group != "" {
		run.ExternalID = v.pull.Group
	}
	v.stored = true
	zerolog.Ctx(ctx).Info().Str("check", name).Str("conclusion", string(run.Conclusion)).Str("title", run.Title).Msg("evaluated")
	return v.publications.PutVerdict(ctx, v.pull.Repository, checks.VerdictPublication(subjectOf(v.pull), run, v.request))
}

// publish has published what was stored.
func (v *verdicts) publish(ctx context.Context) error {
	if !v.stored {
		return nil
	}
	return v.publications.Publish(ctx, v.pull.Repository, v.pull.HeadSHA)
}

// requestOf names who asked for a new check run; "" if nobody did.
func requestOf(args work.PullArgs) string {
	if args.Request == "" && args.Fresh {
		return "rerun" // by an earlier version, which did not name it
	}
	return args.Request
}

// commentOf is the one comment of a pull request. It starts from what an earlier version or
// an earlier installation of the App has published.
func (e *Evaluator) commentOf(ctx context.Context, repo contracts.RepositoryRef, number int, state PullState, comment checks.Comment) (checks.Publication, error) {
	p := checks.CommentPublication("contracts", checks.CommentContent{Number: number, Comment: comment, Marker: checks.CommentMarker})
	p.Remote, p.Published, p.Memo = state.Comment.ID, state.Comment.Hash, state.Comment.Mentioned
	if state.Head == "" {
		var err error
		if p.Unsure, err = e.deps.Store.Returned(ctx, repo.Installation); err != nil {
			return p, err
		}
	}
	return p, nil
}

// Close drops the verdicts of a pull request that was closed. Its check runs stay as they
// are: closing a pull request improves no other one.
func (e *Evaluator) Close(ctx context.Context, repo contracts.RepositoryRef, number int) error {
	state, err := e.deps.Store.PullState(ctx, repo, number)
	if err != nil {
		return err
	}
	if state.Open {
		state.Open = false
		if err := e.deps.Store.PutPullState(ctx, repo, number, state); err != nil {
			return err
		}
	}
	return e.deps.Publications.Drop(ctx, repo, checks.SubjectOfPull(number))
}
