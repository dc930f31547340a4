package deployments

import (
	"context"
	_ "embed"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/require"
	"plimsoll/server/dashboard"
	"plimsoll/server/evidence"
	"plimsoll/server/redact"
	"plimsoll/server/store/sqlc"
)

//go:embed list.html
var listText string

// Store is what the pages are made from.
type Store interface {
	redact.Store
	Read() *sqlc.Queries
	LedgerBefore(ctx context.Context, installation, before int64) iter.Seq2[ledger.Entry, error]
}

// Rollbacks rolls deployments back.
type Rollbacks interface {
	// Ask checks that the person may, answers, and queues the roll back.
	Ask(ctx context.Context, repo contracts.RepositoryRef, id, login, source string) (commandtext.Answer, error)
}

// Evidence makes the content of the page of a verification.
type Evidence interface {
	Part(ctx context.Context, repo contracts.RepositoryRef, id string, now time.Time) (evidence.Part, error)
}

// Deps is what the pages need.
type Deps struct {
	Frame     *dashboard.Frame
	Store     Store
	Evidence  Evidence
	Rollbacks Rollbacks
}

type pages struct{ Deps }

// New adds the pages to the frame.
func New(deps Deps) error {
	if err := require.All(deps); err != nil {
		return err
	}
	p := &pages{deps}
	deps.Frame.Menu("Deployments", "/deployments")
	deps.Frame.Menu("Ledger", "/ledger")
	deps.Frame.Page("/deployments", listText, p.list)
	const run = "/verifications/{installation}/{repository}/{deployment}"
	deps.Frame.Page(run, runText, p.run)
	deps.Frame.Page(run+"/rollback", rollbackText, p.confirm)
	deps.Frame.Form(run+"/rollback", rollbackText, p.rollBack)
	deps.Frame.Page("/ledger", ledgerText, p.ledger)
	deps.Frame.Handle("GET /ledger.jsonl", p.exportJSON)
	deps.Frame.Handle("GET /ledger.csv", p.exportCSV)
	return nil
}

// Bounds of the list: its days, its lines, and how many deployments are read to fill it.
const (
	listDays    = 14
	mostLines   = 60
	batch       = 500
	mostBatches = 10
	refreshList = 15
)

// line is a deployment to one target.
type line struct {
	sqlc.ListPlacedDeploymentsRow
	Repo contracts.RepositoryRef
	At   time.Time
	Path string
}

// lane is the deployments to one environment, in the order of time.
type lane struct {
	Environment string
	Production  bool
	Marks       []line
	Newest      time.Time
}

type listed struct {
	Now          time.Time
	Query        string
	Environment  string
	Environments []string
	Lines        []line
	Lanes        []lane
}

func (p *pages) list(r *dashboard.Request) (dashboard.Page, error) {
	query := r.URL.Query()
	l := listed{Now: r.Now, Query: strings.TrimSpace(query.Get("q")), Environment: query.Get("environment")}
	wanted := strings.ToLower(l.Query)
	until, since := int64(math.MaxInt64), r.Now.AddDate(0, 0, -listDays).UnixMilli()
	type placed struct {
		repository, deployment           int64
		component, environment, instance string
	}
	seen := map[placed]bool{}
	for range mostBatches {
		rows, err := p.Store.Read().ListPlacedDeployments(r.Context(), until, since, batch)
		if err != nil {
			return dashboard.Page{}, err
		}
		for _, row := range rows {
			repo, ok := r.Inventory.Repositories[row.Repository]
			key := placed{row.Repository, row.ID, row.Component, row.Environment, row.Instance}
			if !ok || repo.Installation != row.Installation || !r.Sees(row.Repository) || seen[key] {
				continue
			}
			seen[key] = true
			if !slices.Contains(l.Environments, row.Environment) {
				l.Environments = append(l.Environments, row.Environment)
			}
			if l.Environment != "" && l.Environment != row.Environment || !strings.Contains(strings.ToLower(row.Component+" "+repo.FullName()), wanted) || len(l.Lines) == mostLines {
				continue
			}
			one := line{ListPlacedDeploymentsRow: row, Repo: repo.RepositoryRef, At: time.UnixMilli(row.CreatedAt).UTC()}
			if row.Verification != "" {
				one.Path = dashboard.RunPath(row.Installation, row.Repository, row.ID, row.Component, row.Environment, row.Instance)
			}
			l.Lines = append(l.Lines, one)
		}
		if len(rows) < batch || len(l.Lines) == mostLines || rows[len(rows)-1].CreatedAt == until {
			break
		}
		until = rows[len(rows)-1].CreatedAt
	}
	slices.Sort(l.Environments)
	l.Lanes = lanes(l.Lines)
	return dashboard.Page{Title: "Deployments", Nav: "/deployments", Refresh: refreshList, Data: l}, nil
}

// mostMarks is how many deployments a lane shows.
const mostMarks = 24

// lanes sorts deployments by environment, production first.
func lanes(lines []line) (all []lane) {
	for _, one := range lines {
		i := slices.IndexFunc(all, func(l lane) bool { return l.Environment == one.Environment })
		if i < 0 {
			i = len(all)
			all = append(all, lane{Environment: one.Environment, Newest: one.At})
		}
		all[i].Production = all[i].Production || one.Production
		if len(all[i].Marks) < mostMarks {
			all[i].Marks = append(all[i].Marks, one)
		}
	}
	for i := range all {
		slices.Reverse(all[i].Marks)
	}
	slices.SortStableFunc(all, func(a, b lane) int {
		if a.Production != b.Production {
			if a.Production {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Environment, b.Environment)
	})
	return all
}
