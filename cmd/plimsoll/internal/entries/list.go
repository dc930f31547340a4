// Package entries lists and verifies the ledger in the server's database.
package entries

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

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/deploy/ledger"
	"plimsoll/server/store"
)

// KindNames lists the kinds of entries.
func KindNames() string {
	names := make([]string, len(ledger.EntryKinds))
	for i, kind := range ledger.EntryKinds {
		names[i] = string(kind)
	}
	return strings.Join(names, ", ")
}

// Wanted picks entries; what is empty picks all.
type Wanted struct {
	Repository             string // owner/repo
	Component, Environment string
	Kind                   ledger.EntryKind
	Since                  time.Time

	repositories map[[2]int64]bool // installation and id
}

// List writes the entries that are wanted, the oldest first.
func List(ctx context.Context, t *terminal.Terminal, from *store.Store, wanted Wanted, format string) (err error) {
	if wanted.Repository != "" {
		if wanted.repositories, err = repositoriesNamed(ctx, from, wanted.Repository); err != nil {
			return err
		}
	}
	list := newLines(ctx, t, from, format)
	ledgers, err := from.Ledgers(ctx)
	if err != nil {
		return err
	}
	for _, ledger := range ledgers {
		for entry, err := range from.Ledger(ctx, ledger.Installation, 0) {
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

func (f Wanted) has(e ledger.Entry) bool {
	return (f.repositories == nil || f.repositories[[2]int64{e.Installation, e.Repository}]) &&
		slices.ContainsFunc(e.Targets(), f.hasTarget) &&
		(f.Kind == "" || f.Kind == e.Kind) && !e.At.Before(f.Since)
}

func (f Wanted) hasTarget(p ledger.TargetEntry) bool {
	return (f.Component == "" || f.Component == p.Component) && (f.Environment == "" || strings.EqualFold(f.Environment, p.Environment))
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
		return nil, fmt.Errorf("--repository %s: the server does not know this repository", name)
	}
	return found, nil
}

// linesAtOnce of a table have columns of the same width.
const linesAtOnce = 200

// lines writes entries as they come.
type lines struct {
	ctx   context.Context
	from  *store.Store
	json  *json.Encoder // nil: a table
	table *tabwriter.Writer
	names map[[2]int64]string
	n     int
}

func newLines(ctx context.Context, t *terminal.Terminal, from *store.Store, format string) *lines {
	l := &lines{ctx: ctx, from: from, names: map[[2]int64]string{}}
	if format == "json" {
		l.json = json.NewEncoder(t.Stdout)
		l.json.SetEscapeHTML(false)
	} else {
		l.table = tabwriter.NewWriter(t.Stdout, 0, 0, 2, ' ', 0)
	}
	return l
}

func (l *lines) add(e ledger.Entry) error {
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

func (l *lines) end() error {
	if l.json != nil {
		return nil
	}
	return l.table.Flush()
}

// name gives a repository's name; its id where it is not known.
func (l *lines) name(installation, id int64) (string, error) {
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
