package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/deploy"
	"plimsoll/server/store"
)

func newLedgerListCommand(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what the ledger tells",
		Long: `List the entries of the ledger, the oldest first, as a table or as JSON lines: each line
is an entry with its body and its hashes, as the server's /api/v1/ledger gives it.

Exit status: 0 also where there is none; 2 the input is bad, or the database can't be read.`,
		Example: `  plimsoll ledger list --config server.yml --repository acme/orders --kind verdict --since 30d
  plimsoll ledger list --database sqlite:plimsoll.db --format json | jq .hash`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := formatFlag(cmd, "text", "json")
	database := addDatabaseFlags(cmd)
	var repository, component, environment, kind, since string
	cmd.Flags().StringVar(&repository, "repository", "", "only about this repository, owner/repo")
	cmd.Flags().StringVar(&component, "component", "", "only about this component")
	cmd.Flags().StringVar(&environment, "environment", "", "only about this environment")
	cmd.Flags().StringVar(&kind, "kind", "", "only these: "+kindNames())
	cmd.Flags().StringVar(&since, "since", "", "only what happened since then: 2026-11-02, 30d, 12h")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		wanted := ledgerFilter{component: component, environment: environment, kind: deploy.EntryKind(kind)}
		if kind != "" && !strings.Contains(" "+kindNames()+",", " "+kind+",") {
			return fmt.Errorf("--kind %s: known are %s", kind, kindNames())
		}
		if since != "" {
			var err error
			if wanted.since, err = sinceFlag(since, t.now()); err != nil {
				return err
			}
		}
		from, err := database.open(cmd.Context(), t)
		if err != nil {
			return err
		}
		defer func() { _ = from.Close() }() // it was only read
		if repository != "" {
			if wanted.repositories, err = repositoriesNamed(cmd.Context(), from, repository); err != nil {
				return err
			}
		}
		list := newLedgerLines(cmd.Context(), t, from, *format)
		ledgers, err := from.Ledgers(cmd.Context())
		if err != nil {
			return err
		}
		for _, ledger := range ledgers {
			for entry, err := range from.Ledger(cmd.Context(), ledger.Installation, 0) {
				if err != nil {
					return err
				}
				if wanted.has(entry) {
					if err := list.add(entry); err != nil {
						return err
					}
				}
			}
		}
		return list.end()
	}
	return cmd
}

func kindNames() string {
	names := make([]string, len(deploy.EntryKinds))
	for i, kind := range deploy.EntryKinds {
		names[i] = string(kind)
	}
	return strings.Join(names, ", ")
}

// ledgerFilter picks entries; what is empty picks all.
type ledgerFilter struct {
	repositories           map[[2]int64]bool // installation and id
	component, environment string
	kind                   deploy.EntryKind
	since                  time.Time
}

func (f ledgerFilter) has(e deploy.Entry) bool {
	return (f.repositories == nil || f.repositories[[2]int64{e.Installation, e.Repository}]) &&
		slices.ContainsFunc(e.Places(), f.hasPlace) &&
		(f.kind == "" || f.kind == e.Kind) && !e.At.Before(f.since)
}

func (f ledgerFilter) hasPlace(p deploy.PlaceEntry) bool {
	return (f.component == "" || f.component == p.Component) && (f.environment == "" || strings.EqualFold(f.environment, p.Environment))
}

// repositoriesNamed finds a repository by a name that it has or had.
func repositoriesNamed(ctx context.Context, from *store.Store, name string) (map[[2]int64]bool, error) {
	owner, repo, ok := strings.Cut(name, "/")
	if !ok || owner == "" || repo == "" || strings.Contains(repo, "/") {
		return nil, fmt.Errorf("--repository %s: expected owner/repo", name)
	}
	installations, err := from.Installations(ctx)
	if err != nil {
		return nil, err
	}
	found := map[[2]int64]bool{}
	for _, installation := range installations {
		known, err := from.RepositoryByName(ctx, installation.ID, owner, repo)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[[2]int64{installation.ID, known.ID}] = true
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("--repository %s: the server knows no repository of that name", name)
	}
	return found, nil
}

// linesAtOnce of a table have columns of the same width.
const linesAtOnce = 200

// ledgerLines writes entries as they come.
type ledgerLines struct {
	ctx   context.Context
	from  *store.Store
	json  *json.Encoder // nil: a table
	table *tabwriter.Writer
	names map[[2]int64]string
	n     int
}

func newLedgerLines(ctx context.Context, t *terminal, from *store.Store, format string) *ledgerLines {
	l := &ledgerLines{ctx: ctx, from: from, names: map[[2]int64]string{}}
	if format == "json" {
		l.json = json.NewEncoder(t.stdout)
		l.json.SetEscapeHTML(false)
	} else {
		l.table = tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	}
	return l
}

func (l *ledgerLines) add(e deploy.Entry) error {
	if l.json != nil {
		return l.json.Encode(e)
	}
	if l.n == 0 {
		fmt.Fprintln(l.table, "ENTRY\tAT (UTC)\tKIND\tREPOSITORY\tCOMPONENT\tENVIRONMENT\tCOMMIT\tBY\tWHAT")
	}
	repository, err := l.name(e.Installation, e.Repository)
	if err != nil {
		return err
	}
	cells := []string{
		fmt.Sprintf("%d:%d", e.Installation, e.Sequence), e.At.UTC().Format(time.DateTime), string(e.Kind), repository, e.Component, e.Environment,
		e.Commit[:min(len(e.Commit), 7)], e.Actor, deploytext.EntrySummary(e),
	}
	for i, cell := range cells {
		cells[i] = cmp.Or(checks.Plain(cell), "-")
	}
	fmt.Fprintln(l.table, strings.Join(cells, "\t"))
	if l.n++; l.n%linesAtOnce == 0 {
		return l.table.Flush()
	}
	return nil
}

func (l *ledgerLines) end() error {
	if l.json != nil {
		return nil
	}
	return l.table.Flush()
}

// name gives a repository's name; its id where it is not known.
func (l *ledgerLines) name(installation, id int64) (string, error) {
	key := [2]int64{installation, id}
	if name, ok := l.names[key]; ok || id == 0 {
		return name, nil
	}
	known, err := l.from.Repository(l.ctx, installation, id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.names[key] = fmt.Sprint(id)
	case err != nil:
		return "", err
	default:
		l.names[key] = known.FullName()
	}
	return l.names[key], nil
}
