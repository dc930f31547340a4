package overview

import (
	"cmp"
	"context"
	_ "embed"
	"slices"
	"strings"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/require"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/inventory"
	"plimsoll/server/store/sqlc"
)

//go:embed overview.html
var overviewText string

// Store is what the pages of components are made from.
type Store interface {
	Live(ctx context.Context, repo contracts.RepositoryRef) ([]contracts.LiveVersion, error)
	LedgerFacts(ctx context.Context, repo contracts.RepositoryRef, since time.Time) ([]ledger.Entry, error)
	Read() *sqlc.Queries
}

// Deps is what Pages needs.
type Deps struct {
	Frame *dashboard.Frame
	Store Store
}

// Pages are the overview and the pages of components.
type Pages struct {
	store   Store
	metrics *metrics
}

// New adds the pages to the frame.
func New(deps Deps) error {
	if err := require.All(deps); err != nil {
		return err
	}
	p := &Pages{store: deps.Store, metrics: newMetrics(deps.Store)}
	deps.Frame.Menu("Overview", "/")
	deps.Frame.Menu("Components", "/components")
	deps.Frame.Page("/{$}", overviewText, p.overview)
	deps.Frame.Page("/components", componentsText, p.components)
	deps.Frame.Page("/components/{owner}/{repo}/{component}", componentText, p.component)
	return nil
}

// refreshOverview is how often the overview asks again, in seconds: it may hang on a wall.
// While repositories are read for the first time, somebody waits for them: after setup, too,
// when none is known yet. A person who may read none of those that are known waits for nothing.
const refreshOverview, refreshReading = 10, 2

// mostLines is how many lines of one kind are shown.
const mostLines = 12

// overview is what the first page shows.
type overview struct {
	Now                      time.Time
	Team                     string
	Teams                    []team
	Components, Repositories int
	Stats                    []stat
	// Owned: a component that the visitor sees belongs to the team.
	Owned bool
	// Unread is how many of the repositories have never been read, Read how many have or never
	// will, since they are archived.
	Read, Unread int
	// Calm: nothing is listed, everything was read, and the team has components.
	Calm        bool
	Blocked     list[pullLine]
	Deployments list[runLine]
	Breaking    list[breakLine]
	Gaps        list[gapLine]
}

type team struct {
	Name  string
	Count int
}

type stat struct {
	Name, Path, Level string
	Count             int
}

// list is the lines of one kind, with how many more there are.
type list[T any] struct {
	Lines []T
	More  int
	Count int
}

func listed[T any](lines []T) list[T] {
	n := min(len(lines), mostLines)
	return list[T]{Lines: lines[:n], More: len(lines) - n, Count: len(lines)}
}

type pullLine struct {
	inventory.Pull
	Breaks []*inventory.Component
}

type runLine struct {
	Repository                                       *inventory.Repository
	Component, Environment, Instance, Commit, Answer string
	Deployment                                       int64
	Watched                                          bool
	At                                               time.Time
}

// breakLine is a component that an open pull request would break.
type breakLine struct {
	Consumer *inventory.Component
	Pulls    []inventory.Pull
}

type gapLine struct {
	Repository *inventory.Repository
	Component  *inventory.Component // nil: of the repository as a whole
	What       string
	Position   contracts.Position
}

// attention collects what a visitor sees of what needs attention, and counts it by team.
type attention struct {
	r *dashboard.Request
	// team is whose lines are shown; empty: everybody's.
	team  string
	count map[string]int
}

// concerns reports whether a line about components is shown, and counts it for their owners.
func (a *attention) concerns(components ...*inventory.Component) bool {
	var owners []string
	for _, c := range components {
		if c.Owner != "" && !slices.Contains(owners, c.Owner) {
			owners = append(owners, c.Owner)
		}
	}
	for _, owner := range owners {
		a.count[owner]++
	}
	return a.team == "" || slices.Contains(owners, a.team)
}

func (p *Pages) overview(r *dashboard.Request) (dashboard.Page, error) {
	a := &attention{r: r, team: r.URL.Query().Get("team"), count: map[string]int{}}
	o := overview{Now: r.Now, Team: a.team}
	owners := map[string]bool{}
	for _, repo := range r.Inventory.Repositories {
		if r.Sees(repo.ID) {
			o.Repositories++
			if repo.Read || repo.Archived {
				o.Read++
			} else {
				o.Unread++
			}
		}
	}
	for _, c := range r.Inventory.Components {
		if r.Sees(c.Repository.ID) {
			o.Components++
			owners[c.Owner] = true
		}
	}
	pulls, breaking := a.pulls()
	runs, gaps := a.runs(), a.gaps()
	o.Blocked, o.Breaking, o.Deployments, o.Gaps = listed(pulls), listed(breaking), listed(runs), listed(gaps)
	o.Stats = []stat{
		{"blocked pull requests", "#blocked", levelOf(len(pulls), "bad"), len(pulls)},
		{"deployments to look at", "#deployments", levelOf(len(runs), worst(runs)), len(runs)},
		{"consumers that would break", "#breaking", levelOf(len(breaking), "bad"), len(breaking)},
		{"gaps", "#gaps", levelOf(len(gaps), "warn"), len(gaps)},
	}
	o.Calm = len(pulls)+len(runs)+len(breaking)+len(gaps)+o.Unread == 0 && o.Components > 0 && (a.team == "" || owners[a.team])
	o.Owned = owners[a.team]
	delete(owners, "")
	for owner := range owners {
		o.Teams = append(o.Teams, team{owner, a.count[owner]})
	}
	slices.SortFunc(o.Teams, func(x, y team) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), strings.Compare(x.Name, y.Name))
	})
	refresh := refreshOverview
	if o.Unread > 0 || len(r.Inventory.Repositories) == 0 {
		refresh = refreshReading
	}
	return dashboard.Page{Title: "Overview", Nav: "/", Refresh: refresh, Data: o}, nil
}

func levelOf(count int, level string) string {
	if count == 0 {
		return "good"
	}
	return level
}

func worst(runs []runLine) string {
	for _, run := range runs {
		if dashboard.LevelOf(run.Answer) == "bad" {
			return "bad"
		}
	}
	return "warn"
}

// pulls lists the blocked pull requests, and the consumers that they would break.
func (a *attention) pulls() (pulls []pullLine, breaking []breakLine) {
	at := map[*inventory.Component]int{}
	for _, pull := range a.r.Inventory.Pulls {
		sees := a.r.Sees(pull.Repository.ID)
		line := pullLine{Pull: pull}
		for _, blocked := range pull.Blocked {
			repo, ok := a.r.Inventory.Repositories[blocked.Repository]
			if !ok || !a.r.Sees(repo.ID) {
				continue
			}
			consumer, ok := repo.Component(blocked.Component)
			if !ok {
				continue
			}
			line.Breaks = append(line.Breaks, consumer)
			if !sees {
				continue // a pull request that the visitor may not read
			}
			k, ok := at[consumer]
			if !ok {
				k = len(breaking)
				at[consumer] = k
				breaking = append(breaking, breakLine{Consumer: consumer})
			}
			breaking[k].Pulls = append(breaking[k].Pulls, pull)
		}
		if sees && a.concerns(pull.Repository.Components...) {
			pulls = append(pulls, line)
		}
	}
	breaking = slices.DeleteFunc(breaking, func(line breakLine) bool { return !a.concerns(line.Consumer) })
	return pulls, breaking
}

// runs lists the deployments to look at, the worst first. What is watched and what was
// superseded by then is not among them.
func (a *attention) runs() (lines []runLine) {
	add := func(line runLine) {
		component, ok := line.Repository.Component(line.Component)
		if !ok {
			component = &inventory.Component{Repository: line.Repository}
		}
		if a.concerns(component) {
			lines = append(lines, line)
		}
	}
	for _, run := range a.r.Inventory.Runs {
		if !a.r.Sees(run.Repository.ID) || run.Answer == "" {
			continue
		}
		add(runLine{Repository: run.Repository, Component: run.Component, Environment: run.Environment, Instance: run.Instance, Commit: run.Commit,
			Answer: run.Answer, Deployment: run.Deployment, Watched: true, At: run.Ended})
	}
	for _, failed := range a.r.Inventory.Failures {
		if a.r.Sees(failed.Repository.ID) {
			add(runLine{Repository: failed.Repository, Component: failed.Component, Environment: failed.Environment, Instance: failed.Instance,
				Commit: failed.Commit, Answer: failed.State, Deployment: failed.Deployment, At: failed.At})
		}
	}
	rank := func(answer string) int {
		switch answer {
		case string(deploy.RollBack):
			return 0
		case "failure", "error":
			return 1
		case string(deploy.Investigate):
			return 2
		}
		return 3
	}
	slices.SortStableFunc(lines, func(x, y runLine) int {
		return cmp.Or(cmp.Compare(rank(x.Answer), rank(y.Answer)), y.At.Compare(x.At))
	})
	return lines
}

// gaps lists what keeps answers from being complete.
func (a *attention) gaps() (lines []gapLine) {
	repositories := slices.Collect(func(yield func(*inventory.Repository) bool) {
		for _, repo := range a.r.Inventory.Repositories {
			if a.r.Sees(repo.ID) && !repo.Archived && !yield(repo) {
				return
			}
		}
	})
	slices.SortFunc(repositories, func(x, y *inventory.Repository) int { return strings.Compare(x.FullName(), y.FullName()) })
	for _, one := range a.r.Inventory.Unreadable {
		if a.r.Sees(one.Repository.ID) && a.concerns(one.Repository.Components...) {
			lines = append(lines, gapLine{Repository: one.Repository, What: "can't be read: " + cmp.Or(one.Reason, "the reason is not known")})
		}
	}
	for _, repo := range repositories {
		for _, problem := range repo.Problems {
			if a.concerns(repo.Components...) {
				lines = append(lines, gapLine{Repository: repo, What: problem.Message, Position: problem.Position})
			}
		}
	}
	for _, repo := range repositories {
		for _, component := range repo.Components {
			for _, use := range component.Uses {
				if (use.API == nil || !a.r.Sees(use.API.Provider.Repository.ID)) && a.concerns(component) {
					lines = append(lines, gapLine{Repository: repo, Component: component, What: "uses " + use.Written + ": no provider that you can see"})
				}
			}
		}
	}
	return lines
}
