package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
)

// baselines loads the contracts that consumers were written against: copies out
// of the folders given with --consumers, and commits of the repository that base
// or head come from.
type baselines struct {
	ctx    context.Context
	open   *opener
	step   func(string)
	given  []string // base and head, as the user wrote them
	roots  []string // the consumers' folders, absolute
	loaded map[contracts.Baseline]loadedBaseline
	// overlays are applied to baselines as well.
	overlays *overlays
}

type loadedBaseline struct {
	contract *openapi.Contract
	err      error
}

func newBaselines(ctx context.Context, open *opener, step func(string), options Options) (*baselines, error) {
	b := &baselines{ctx: ctx, open: open, step: step, given: []string{options.Base, options.Head}, loaded: map[contracts.Baseline]loadedBaseline{}}
	for _, name := range options.Consumers {
		root, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		if info, err := os.Stat(root); err == nil && !info.IsDir() {
			if root = filepath.Dir(root); filepath.Base(root) == ".github" {
				root = filepath.Dir(root)
			}
		}
		b.roots = append(b.roots, root)
	}
	return b, nil
}

// of gives the contract that a consumer was written against; nil for one that
// names none.
func (b *baselines) of(consumer contracts.Consumer) (*openapi.Contract, error) {
	at := consumer.Usage.Baseline
	if at == (contracts.Baseline{}) {
		return nil, nil
	}
	if known, ok := b.loaded[at]; ok {
		return known.contract, known.err
	}
	b.step("reading the baseline " + cmp.Or(at.Path, at.Commit))
	contract, err := b.load(at)
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		shown := *problem
		shown.File = b.open.display(shown.File)
		err = &shown
	}
	b.loaded[at] = loadedBaseline{contract, err}
	return contract, err
}

func (b *baselines) load(at contracts.Baseline) (*openapi.Contract, error) {
	if at.Commit != "" {
		return b.commit(at.Commit)
	}
	file, err := filepath.Abs(filepath.FromSlash(at.Path))
	if err != nil {
		return nil, err
	}
	root := b.root(file)
	if root == "" {
		return nil, &contracts.Problem{Position: contracts.Position{File: at.Path}, Message: "it is outside the consumer's folder"}
	}
	folder, err := evidence.Dir(root)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return openapi.Load(b.ctx, below{folder, slashed(root)}, slashed(file), openapi.LoadOptions{Limits: checkLimits, Change: b.overlays.change("")})
}

// contracts gives every baseline that could be read.
func (b *baselines) contracts() []*openapi.Contract {
	var all []*openapi.Contract
	for _, each := range b.loaded {
		if each.contract != nil {
			all = append(all, each.contract)
		}
	}
	return all
}

// commit loads the contract as of a commit of the current repository, under the
// path that REV:PATH gave.
func (b *baselines) commit(commit string) (*openapi.Contract, error) {
	for _, name := range b.given {
		if _, err := os.Stat(name); err == nil {
			continue
		}
		if _, file, ok := strings.Cut(name, ":"); ok {
			src, file, err := b.open.source(b.ctx, commit+":"+file)
			if err != nil {
				return nil, err
			}
			return openapi.Load(b.ctx, src, file, openapi.LoadOptions{Limits: checkLimits, Change: b.overlays.change("")})
		}
	}
	return nil, fmt.Errorf("to read commit %s, give --base or --head as REV:PATH in the provider's repository", commit)
}

// root gives the innermost of the consumers' folders that a file lies in.
func (b *baselines) root(file string) string {
	best := ""
	for _, root := range b.roots {
		if rel, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(rel) && len(root) > len(best) {
			best = root
		}
	}
	return best
}

// slashed gives an absolute path as contracts name it: see [disk].
func slashed(full string) string { return strings.TrimPrefix(filepath.ToSlash(full), "/") }

// below reads the files of one folder by their full path without the leading
// slash, and nothing outside it.
type below struct {
	folder *evidence.Folder
	root   string
}

var _ contracts.Source = below{}

func (b below) ReadFile(ctx context.Context, file string) ([]byte, error) {
	rel, err := filepath.Rel("/"+b.root, "/"+file)
	if err != nil || !filepath.IsLocal(rel) {
		return nil, fmt.Errorf("read %s: outside the consumer's folder: %w", file, fs.ErrNotExist)
	}
	data, err := b.folder.ReadFile(ctx, filepath.ToSlash(rel))
	if fault, ok := errors.AsType[*fs.PathError](err); ok && !errors.Is(err, fs.ErrNotExist) { // such as a link that leads out
		return nil, &contracts.Problem{Position: contracts.Position{File: file}, Message: "can't be read: " + fault.Err.Error()}
	}
	return data, err
}

// contractWith gives the contract that a place lies in: the first given, or the
// baseline that has the file.
func (c *Result) contractWith(file string, first *openapi.Contract) *openapi.Contract {
	for _, contract := range append([]*openapi.Contract{first}, c.baselines...) {
		if slices.ContainsFunc(contract.Files(), func(name string) bool { return c.display(name) == file }) {
			return contract
		}
	}
	return first
}

// sinceBaseline marks what lies between a baseline and the head alone.
func sinceBaseline(f *contracts.Finding) string {
	if !f.SinceBaseline {
		return ""
	}
	return fmt.Sprintf(" (since the baseline of the affected %s, not since the base)", terminal.Plural(len(f.Affected), "consumer"))
}
