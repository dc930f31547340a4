package compare

import (
	"context"
	"errors"
	"io/fs"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// Versions are two versions of the contract of one API, as commits have them.
type Versions struct {
	API contracts.APIRef
	// Base and Head are the trees; the paths are empty where that commit declares no such
	// contract.
	Base, Head         contracts.Tree
	BasePath, HeadPath string
	// HeadCommit is a commit of the current git repository: baselines that name a commit
	// are read there.
	HeadCommit string
	// Consumers, if Evaluated says that they are known; Roots are their folders.
	Consumers []contracts.Consumer
	Evaluated bool
	Roots     []string
	// Warns: the provider has chosen that breaks only warn.
	Warns bool
	// Rules are the rule settings of the base.
	Rules Rules
}

// Between compares two versions. It fills the report's entry as far as that is known here. The
// result is nil where one of them can't be read, which the entry says then.
func Between(ctx context.Context, v Versions, entry *contracttext.APIReport) (*Result, error) {
	out := &Result{display: func(file string) string { return file }, evaluated: v.Evaluated, warns: v.Warns}
	var err error
	if out.base, err = version(ctx, v.Base, v.BasePath, nil, &entry.BaseProblem); err != nil {
		return nil, err
	}
	if out.head, err = version(ctx, v.Head, v.HeadPath, out.base, &entry.HeadProblem); err != nil {
		return nil, err
	}
	if entry.BaseProblem != nil || entry.HeadProblem != nil {
		return nil, nil
	}
	open := &opener{}
	defer open.close()
	from, err := newBaselines(ctx, open, func(string) {}, Options{Head: v.HeadCommit + ":" + v.HeadPath, Consumers: v.Roots})
	if err != nil {
		return nil, err
	}
	if err := out.evaluate(ctx, v.API.FullName(), v.Consumers, from, v.Rules); err != nil {
		return nil, err
	}
	entry.Changes, entry.Nearest, entry.Findings, entry.Registrations = out.changes, out.nearest, out.findings, out.problems
	entry.Consumers, entry.Rulings = out.consumers, out.rulings
	return out, nil
}

// version loads one version; what is wrong with the user's file goes into problem.
func version(ctx context.Context, tree contracts.Tree, file string, like *openapi.Contract, problem **contracts.Problem) (*openapi.Contract, error) {
	if file == "" {
		return nil, nil
	}
	contract, err := openapi.Load(ctx, tree, file, openapi.LoadOptions{Like: like})
	if wrong, ok := errors.AsType[*contracts.Problem](err); ok {
		*problem = wrong
		return nil, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		*problem = contracttext.ContractMissing(file)
		return nil, nil
	}
	return contract, err
}

// Files lists the files of both versions.
func (c *Result) Files() []string {
	var files []string
	for _, contract := range []*openapi.Contract{c.base, c.head} {
		if contract != nil {
			files = append(files, contract.Files()...)
		}
	}
	return files
}
