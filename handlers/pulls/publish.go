package pulls

import (
	"context"
	"slices"

	"github.com/rs/zerolog"

	"plimsoll/checks"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/handlers/require"
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

// Verdicts stores what checks say about pull requests and merge groups, and has it
// published.
type Verdicts struct {
	deps VerdictsDeps
}

// VerdictsDeps is what Verdicts needs.
type VerdictsDeps struct {
	Publications Publications
	Index        Index
	// Organisations reads what repositories and their organisations declare.
	Organisations *source.Organisations
	// Everywhere: pull requests of repositories that are not enrolled get check runs as
	// well, whatever their organisation says.
	Everywhere bool
	// Explain gives the text for an error that is reported to people. report is false for an
	// error that may pass by itself, and for one that must not be shown.
	Explain func(ctx context.Context, err error) (explanation failuretext.Explanation, report bool)
}

// NewVerdicts returns Verdicts.
func NewVerdicts(deps VerdictsDeps) (*Verdicts, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Verdicts{deps}, nil
}

// of begins to collect the verdicts on a pull request; request names who asked for new check
// runs.
func (v *Verdicts) of(pull source.PullRequest, request string) *verdicts {
	return &verdicts{publications: v.deps.Publications, bases: bases{v.deps.Index, v.deps.Organisations}, pull: pull, request: request}
}

// answers reports whether a repository that is not enrolled gets check runs: somebody asked
// for them, or they may be required everywhere.
func (v *Verdicts) answers(ctx context.Context, collected *verdicts) (bool, error) {
	if v.deps.Everywhere || collected.request != "" {
		return true, nil
	}
	organisation, err := v.deps.Organisations.File(ctx, collected.pull.Repository)
	return organisation != nil && organisation.Policy != nil && organisation.Policy.Answer == config.Everywhere, err
}

// drop forgets the verdicts on a pull request.
func (v *Verdicts) drop(ctx context.Context, repo contracts.RepositoryRef, number int) error {
	return v.deps.Publications.Drop(ctx, repo, checks.SubjectOfPull(number))
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
	// unsure: what earlier evaluations have written may not be known any more.
	unsure bool
	stored bool
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
	verdict := checks.VerdictPublication(subjectOf(v.pull), run, v.request)
	verdict.Unsure = v.unsure
	return v.publications.PutVerdict(ctx, v.pull.Repository, verdict)
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
func (e *Evaluator) commentOf(ctx context.Context, collected *verdicts, state PullState, comment checks.Comment) (checks.Publication, error) {
	repo, number := collected.pull.Repository, collected.pull.Number
	p := checks.CommentPublication("contracts", checks.CommentContent{Number: number, Comment: comment, Marker: checks.CommentMarker})
	p.Remote, p.Published, p.Memo = state.Comment.ID, state.Comment.Hash, state.Comment.Mentioned
	if state.Head == "" {
		var err error
		if p.Unsure, err = e.deps.Store.Returned(ctx, repo.Installation); err != nil {
			return p, err
		}
		p.Unsure = p.Unsure || collected.unsure
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
	return e.deps.Verdicts.drop(ctx, repo, number)
}
