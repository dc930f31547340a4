package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/checks/readiness"
	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/config"
	"plimsoll/contracts"
)

// readinessFlags are the flags of `plimsoll check` that go with --readiness.
type readinessFlags struct {
	on, fix               bool
	organisation, metrics string
}

func (f *readinessFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.on, "readiness", false, "say what is missing before the components of a folder may run in production")
	cmd.Flags().BoolVar(&f.fix, "fix", false, "with --readiness: put in what mends what is missing (with --base: what is new), then judge again")
	cmd.Flags().StringVar(&f.metrics, "metrics", "", "with --readiness: address of a Prometheus that knows the metrics that alerts need (token: $"+metricsToken+")")
	cmd.Flags().StringVar(&f.organisation, "organisation", "", "with --readiness: the organisation's plimsoll.yml (its defaults and policy)")
}

// alone says what goes with --readiness and was given without it.
func (f *readinessFlags) alone(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s: a folder goes with --readiness; contracts are given with --base and --head", args[0])
	}
	for _, name := range []string{"fix", "organisation", "metrics"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s goes with --readiness", name)
		}
	}
	return nil
}

// levels from which on `check --readiness` answers no.
var readinessLevels = []string{"blocking", "new", "any", "none"}

func checkReadiness(cmd *cobra.Command, t *terminal, flags checkFlags, format string, args []string) error {
	if flags.rules {
		return writeReadinessRules(t, format)
	}
	for _, name := range []string{"head", "consumers", "api"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s does not go with --readiness", name)
		}
	}
	failOn := readinessLevels[0]
	if cmd.Flags().Changed("fail-on") {
		failOn = flags.failOn
	}
	if !slices.Contains(readinessLevels, failOn) {
		return fmt.Errorf("--fail-on %s: with --readiness known are %s", failOn, strings.Join(readinessLevels, ", "))
	}
	dir := "."
	if len(args) > 0 {
		dir = args[0]
	}
	judged, err := judgeFolder(cmd.Context(), t, dir, flags)
	if err == nil && flags.readiness.fix {
		if err = judged.fix(cmd.Context(), t, dir); err == nil {
			judged, err = judgeFolder(cmd.Context(), t, dir, flags)
		}
	}
	if err != nil {
		return checkFault(err)
	}
	if err := judged.write(t, format); err != nil {
		return err
	}
	if status := judged.status(failOn); status != statusFine {
		return answer(status)
	}
	return nil
}

// judgedFolder is how a folder stands.
type judgedFolder struct {
	report readiness.Report
	// quotes are the files of which lines are shown.
	quotes quotedFiles
	// listed are the paths of the folder's files.
	listed map[string]bool
	// edits are what mends the new findings, once somebody asks.
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

// judgeFolder judges a folder, alone or against a revision.
func judgeFolder(ctx context.Context, t *terminal, dir string, flags checkFlags) (*judgedFolder, error) {
	step := t.progressLine()
	defer step("")
	step("reading " + dir)
	folder, err := openFolder(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	if folder.git == nil && !errors.Is(folder.noGit, git.ErrNoRepository) {
		step("")
		fmt.Fprintf(t.stderr, "plimsoll: %s: %v; files that git ignores are checked as well\n", dir, folder.noGit)
	}
	organisation, err := organisationFile(flags.readiness.organisation)
	if err != nil {
		return nil, err
	}
	asked, err := metricServer(flags.readiness.metrics, t.env)
	if err != nil {
		return nil, err
	}
	if asked != nil {
		defer asked.Close()
		folder.metrics = asked
	}
	out := &judgedFolder{base: flags.base, now: time.Now(), quotes: quotedFiles{}}
	head, notes, err := folder.declared(ctx, folder, "", organisation)
	if err != nil {
		return nil, err
	}
	out.problems = notes
	by := readiness.Judgement{Base: head, Head: head, Now: out.now}
	before, judged := &readiness.Standing{}, head // without a base everything is new
	if flags.base != "" {
		step("judging " + flags.base)
		base, err := folder.baselineOf(ctx, flags.base, organisation)
		if err != nil {
			return nil, err
		}
		by.Base, before = base.policy, base.standing
		if base.before != nil {
			files, err := folder.Files(ctx)
			if err != nil {
				return nil, err
			}
			judged, out.kept = readiness.Proposed(base.before, head, files)
		}
	}
	if judged == nil {
		return nil, noRepositoryFile(dir, notes)
	}
	step("judging " + dir)
	standing, err := readiness.Judge(ctx, folder.repository(folder, judged))
	if err != nil {
		return nil, err
	}
	if folder.metrics == nil {
		out.notAsked = notAsked(standing)
	}
	out.report = readiness.Compare(before, standing, by)
	files, err := folder.Files(ctx)
	if err != nil {
		return nil, err
	}
	out.listed = map[string]bool{}
	for _, file := range files {
		out.listed[file.Path] = true
	}
	return out, out.quote(ctx, folder)
}

// noRepositoryFile says how to begin.
func noRepositoryFile(dir string, notes config.Errors) error {
	if len(notes) > 0 {
		notes[0].File = filepath.Join(dir, filepath.FromSlash(notes[0].File))
		return notes[0]
	}
	return fmt.Errorf("%s: no %s (plimsoll discover %s drafts one)", dir, strings.Join(config.RepositoryFiles, " and no "), dir)
}

// quote reads the files of which a line is shown, before the folder is closed.
func (j *judgedFolder) quote(ctx context.Context, tree contracts.Source) error {
	for _, c := range j.report.Components {
		for _, f := range c.Findings {
			names := []string{f.Place.File}
			for _, s := range f.Mend {
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

// status gives the exit status.
func (j *judgedFolder) status(failOn string) int {
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
		return statusNo
	case len(j.report.Unknown())+len(j.report.Unread) > 0:
		return statusUnknown
	}
	return statusFine
}

// verdict is the answer in one word.
func (j *judgedFolder) verdict() string {
	switch {
	case len(j.report.Blocking()) > 0:
		return "blocked"
	case len(j.report.Unknown())+len(j.report.Unread) > 0:
		return "unknown"
	}
	return "ready"
}

// writeReadinessRules lists the rules.
func writeReadinessRules(t *terminal, format string) error {
	if format == "json" {
		return writeJSON(t, readinessRulesJSON())
	}
	for _, r := range readiness.Rules {
		head := fmt.Sprintf("%-6s %-8s %s", r.ID, r.Level, r.Title)
		if _, err := fmt.Fprintf(t.stdout, "%s\n%-15s %s\n", t.paint(readinessColor(r.Level), head), "", r.Why); err != nil {
			return err
		}
	}
	return nil
}

func readinessColor(l readiness.Level) string {
	return cmp.Or(map[readiness.Level]string{readiness.Error: "31", readiness.Warning: "33"}[l], "2")
}
