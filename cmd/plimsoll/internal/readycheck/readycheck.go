// Package readycheck answers `plimsoll check --readiness`: what is missing before the
// components of a folder may run in production.
package readycheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"plimsoll/checks/readiness"
	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/contracts"
)

// Options say which folder is checked, and how.
type Options struct {
	Dir string
	// Base is the revision that the folder is compared with; empty: none.
	Base string
	// Head is the commit that is checked instead of the folder's files; empty: none. It must
	// be the one that is checked out.
	Head string
	// Organisation is the path of the organisation's file; empty: none.
	Organisation string
	// Metrics is the address of a Prometheus; empty: none.
	Metrics string
	// Fix puts in what fixes what is missing.
	Fix bool
}

// Levels are what the exit status can be asked to answer no from; the first is the
// default.
var Levels = []string{"blocking", "new", "any", "none"}

// Run checks a folder, changes its files if that is asked for, and writes the result. The
// error is a [terminal.Answer] where there was a result.
func Run(ctx context.Context, t *terminal.Terminal, options Options, format, failOn string) error {
	evaluated, err := Evaluate(ctx, t, options)
	if err == nil && options.Fix {
		if err = evaluated.fix(ctx, t, options.Dir); err == nil {
			evaluated, err = Evaluate(ctx, t, options)
		}
	}
	if err != nil {
		return err
	}
	if err := evaluated.write(t, format); err != nil {
		return err
	}
	return evaluated.Status(failOn).Err()
}

// Result is how a folder stands.
type Result struct {
	report readiness.Report
	// quotes are the files of which lines are shown.
	quotes quotedFiles
	// listed are the paths of the folder's files.
	listed map[string]bool
	// edits are what fixes the new findings, once somebody asks.
	edits []readiness.Edit
	// kept are the components of which the base's word counts.
	kept []string
	// problems are what is odd about the repository file, and usable all the same.
	problems config.Errors
	// notAsked are the components of whose alerts no metric server was asked, because
	// none was named.
	notAsked []string
	// base is the revision that the folder was compared with; empty: none.
	base string
	now  time.Time
}

// ErrNoRepositoryFile says that neither the folder nor what it is compared with has a
// repository file.
var ErrNoRepositoryFile = errors.New("no repository file")

// Evaluate evaluates a folder, alone or against a revision.
func Evaluate(ctx context.Context, t *terminal.Terminal, options Options) (*Result, error) {
	step := t.ProgressLine()
	defer step("")
	step("reading " + options.Dir)
	folder, err := openFolder(ctx, options.Dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	if folder.git == nil && !errors.Is(folder.noGit, git.ErrNoRepository) {
		step("")
		fmt.Fprintf(t.Stderr, "plimsoll: %s: %v; ignored files are checked too\n", options.Dir, folder.noGit)
	}
	organisation, err := organisationFile(options.Organisation)
	if err != nil {
		return nil, err
	}
	asked, err := metricServer(options.Metrics, t.Env)
	if err != nil {
		return nil, err
	}
	if asked != nil {
		defer asked.Close()
		folder.metrics = asked
	}
	out := &Result{base: options.Base, now: time.Now(), quotes: quotedFiles{}}
	tree, rev, err := folder.evaluated(ctx, options.Head)
	if err != nil {
		return nil, err
	}
	head, notes, err := folder.declared(ctx, tree, rev, organisation)
	if err != nil {
		return nil, err
	}
	out.problems = notes
	by := readiness.Policy{Base: head, Head: head, Now: out.now}
	before, evaluated := &readiness.Standing{}, head // without a base everything is new
	if options.Base != "" {
		step("checking " + options.Base)
		base, err := folder.baselineOf(ctx, options.Base, organisation)
		if err != nil {
			return nil, err
		}
		by.Base, before = base.policy, base.standing
		if base.before != nil {
			files, err := tree.Files(ctx)
			if err != nil {
				return nil, err
			}
			evaluated, out.kept = readiness.Proposed(base.before, head, files)
		}
	}
	if evaluated == nil {
		return nil, noRepositoryFile(options.Dir, notes)
	}
	step("checking " + options.Dir)
	standing, err := readiness.Evaluate(ctx, folder.repository(tree, evaluated))
	if err != nil {
		return nil, err
	}
	if folder.metrics == nil {
		out.notAsked = notAsked(standing)
	}
	out.report = readiness.Compare(before, standing, by)
	files, err := tree.Files(ctx)
	if err != nil {
		return nil, err
	}
	out.listed = map[string]bool{}
	for _, file := range files {
		out.listed[file.Path] = true
	}
	return out, out.quote(ctx, tree)
}

// noRepositoryFile says how to begin.
func noRepositoryFile(dir string, notes config.Errors) error {
	if len(notes) > 0 {
		notes[0].File = filepath.Join(dir, filepath.FromSlash(notes[0].File))
		return notes[0]
	}
	return noFile{fmt.Errorf("%s: no %s (plimsoll discover %s drafts one)", dir, strings.Join(config.RepositoryFiles, " and no "), dir)}
}

// noFile is [ErrNoRepositoryFile] in words that say how to begin.
type noFile struct{ error }

func (noFile) Is(target error) bool { return target == ErrNoRepositoryFile }

// quote reads the files of which a line is shown, before the folder is closed.
func (j *Result) quote(ctx context.Context, tree contracts.Source) error {
	for _, c := range j.report.Components {
		for _, f := range c.Findings {
			names := []string{f.Position.File}
			for _, s := range f.Fix {
				names = append(names, s.File)
			}
			for _, name := range names {
				if err := j.quotes.read(ctx, tree, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Status gives the exit status.
func (j *Result) Status(failOn string) terminal.Answer {
	no := 0
	switch failOn {
	case "blocking":
		no = len(j.report.Blocking())
	case "new":
		no = len(j.report.Blocking()) + len(j.report.Added())
	case "any":
		no = len(j.report.Blocking()) + len(j.report.Added()) + len(j.report.Old())
	}
	switch {
	case no > 0:
		return terminal.No
	case len(j.report.Unknown())+len(j.report.Unread) > 0:
		return terminal.Unknown
	}
	return terminal.Fine
}

// Verdict is the answer in one word: ready, blocked or unknown.
func (j *Result) Verdict() string {
	switch {
	case len(j.report.Blocking()) > 0:
		return "blocked"
	case len(j.report.Unknown())+len(j.report.Unread) > 0:
		return "unknown"
	}
	return "ready"
}

// WriteRules lists the rules.
func WriteRules(t *terminal.Terminal, format string) error {
	if format == "json" {
		return t.WriteJSON(rulesJSON())
	}
	for _, r := range readiness.Rules {
		head := fmt.Sprintf("%-6s %-8s %s", r.ID, r.Level, r.Title)
		if _, err := fmt.Fprintf(t.Stdout, "%s\n%-15s %s\n", t.Paint(ruleColor(r.Level), head), "", r.Why); err != nil {
			return err
		}
	}
	return nil
}

func ruleColor(l readiness.Level) string {
	return cmp.Or(map[readiness.Level]string{readiness.Error: "31", readiness.Warning: "33"}[l], "2")
}
