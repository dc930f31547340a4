package graph

import (
	"context"
	_ "embed"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/handlers/require"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/inventory"
)

//go:embed graph.html
var graphText string

// Bounds of one drawing.
const (
	mostNodes = 500
	mostRows  = 60
	// mostWithout is how many nodes are drawn while nothing is searched for.
	mostWithout = 120
)

// The sizes of a drawing, in SVG's unit.
const (
	nodeWidth, nodeHeight = 170, 20
	columnWidth           = 300
	rowHeight             = 27
	margin                = 6
	mostLetters           = 24
)

// Store knows where uses are declared.
type Store interface {
	Registration(ctx context.Context, installation, repository int64) (contracts.Registration, error)
}

// Deps is what the page needs.
type Deps struct {
	Frame *dashboard.Frame
	Store Store
	// WebURL is GitHub's address for people.
	WebURL string
}

// New adds the page to the frame.
func New(deps Deps) error {
	if err := require.All(deps); err != nil {
		return err
	}
	deps.Frame.Menu("Graph", "/graph")
	deps.Frame.Page("/graph", graphText, page)
	deps.Frame.Handle("GET "+linePath+"/{owner}/{repo}/{component}", pages{deps}.line)
	return nil
}

// edge is a consumer and the provider of an API that it uses.
type edge struct {
	Consumer, Provider *inventory.Component
	API                *inventory.API
	// Path leads to the matrix of the API, Line to the line that declares the use.
	Path, Line string
}

type shown struct {
	Query, Team string
	Teams       []string
	Nodes, More int
	Edges       []edge
	Drawing     template.HTML
}

// linePath is where the lines of the drawing lead.
const linePath = "/graph/line"

type pages struct{ Deps }

// line leads to the line at GitHub that declares the use of an API: the first operation's, if
// operations are listed. It is looked up when somebody asks, since a drawing has many.
func (p pages) line(w http.ResponseWriter, r *dashboard.Request) error {
	repo, err := r.Repository()
	if err != nil {
		return err
	}
	registered, err := p.Store.Registration(r.Context(), repo.Installation, repo.ID)
	if err != nil {
		return err
	}
	for _, component := range registered.Components {
		if component.Name != r.PathValue("component") {
			continue
		}
		for _, use := range component.Consumes {
			at := use.Usage.Evidence.Position
			if len(use.Usage.Operations) > 0 {
				at = use.Usage.Operations[0].Evidence.Position
			}
			if line := dashboard.LineURL(p.WebURL, repo.RepositoryRef, registered.Commit, at); use.API == r.URL.Query().Get("api") && line != "" {
				http.Redirect(w, r.Request, line, http.StatusSeeOther)
				return nil
			}
		}
	}
	return dashboard.ErrNotFound
}

func page(r *dashboard.Request) (dashboard.Page, error) {
	query := r.URL.Query()
	s := shown{Query: strings.TrimSpace(query.Get("q")), Team: query.Get("team")}
	most := mostNodes
	if s.Query == "" && s.Team == "" {
		most = mostWithout
	}
	wanted, teams := strings.ToLower(s.Query), map[string]bool{}
	matches := func(c *inventory.Component) bool {
		return (s.Team == "" || c.Owner == s.Team) && strings.Contains(strings.ToLower(c.Name+" "+c.Repository.FullName()), wanted)
	}
	index := map[*inventory.Component]int{}
	var nodes []*inventory.Component
	var pairs [][2]int
	drawn := map[[2]int]bool{}
	left := map[*inventory.Component]bool{}
	for _, c := range r.Inventory.Components {
		if !r.Sees(c.Repository.ID) {
			continue
		}
		if c.Owner != "" && !teams[c.Owner] {
			teams[c.Owner] = true
			s.Teams = append(s.Teams, c.Owner)
		}
		for _, use := range c.Uses {
			if use.API == nil || !r.Sees(use.API.Provider.Repository.ID) || !matches(c) && !matches(use.API.Provider) {
				continue
			}
			if !fits(index, &nodes, most, left, c, use.API.Provider) {
				continue
			}
			s.Edges = append(s.Edges, edge{
				Consumer: c, Provider: use.API.Provider, API: use.API, Path: dashboard.APIPath(use.API.Provider.Repository.RepositoryRef, use.API.Provided.API),
				Line: linePath + strings.TrimPrefix(dashboard.ComponentPath(c.Repository.RepositoryRef, c.Name), "/components") + "?" + url.Values{"api": {use.Written}}.Encode(),
			})
			if pair := [2]int{index[c], index[use.API.Provider]}; pair[0] != pair[1] && !drawn[pair] {
				drawn[pair] = true
				pairs = append(pairs, pair)
			}
		}
	}
	slices.Sort(s.Teams)
	s.Nodes, s.More = len(nodes), len(left)
	s.Drawing = draw(nodes, layout(len(nodes), pairs, mostRows), s.Edges, index)
	return dashboard.Page{Title: "Graph", Nav: "/graph", Wide: true, Data: s}, nil
}

// fits adds the nodes of an edge, unless there is no room for them; then they are noted.
func fits(index map[*inventory.Component]int, nodes *[]*inventory.Component, most int, left map[*inventory.Component]bool, ends ...*inventory.Component) bool {
	var missing []*inventory.Component
	for _, c := range ends {
		if _, ok := index[c]; !ok && !slices.Contains(missing, c) {
			missing = append(missing, c)
		}
	}
	if len(*nodes)+len(missing) > most {
		for _, c := range missing {
			left[c] = true
		}
		return false
	}
	for _, c := range missing {
		delete(left, c)
		index[c] = len(*nodes)
		*nodes = append(*nodes, c)
	}
	return true
}

// draw writes the drawing. The table below it says the same, so that nobody needs it.
func draw(nodes []*inventory.Component, places []place, edges []edge, index map[*inventory.Component]int) template.HTML {
	if len(nodes) == 0 {
		return ""
	}
	width, height := 0, 0
	for _, p := range places {
		width, height = max(width, p.layer*columnWidth+nodeWidth), max(height, p.row*rowHeight+nodeHeight)
	}
	width, height = width+2*margin, height+2*margin
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="graph" width="%d" height="%d" viewBox="0 0 %d %d" role="group" aria-label="Consumers and providers; the table below lists the same">`, width, height, width, height)
	corner := func(i int) (x, y int) { return margin + places[i].layer*columnWidth, margin + places[i].row*rowHeight }
	for _, e := range edges {
		fromX, fromY := corner(index[e.Consumer])
		toX, toY := corner(index[e.Provider])
		fromX, fromY, toY = fromX+nodeWidth, fromY+nodeHeight/2, toY+nodeHeight/2
		bend := max((toX-fromX)/2, 60)
		fmt.Fprintf(&out, `<a href="%s" tabindex="-1" aria-hidden="true"><path class="edge" d="M%d %dC%d %d %d %d %d %d"><title>%s uses %s of %s</title></path></a>`,
			html.EscapeString(e.Line), fromX, fromY, fromX+bend, fromY, toX-bend, toY, toX, toY,
			html.EscapeString(e.Consumer.Name), html.EscapeString(e.API.Provided.API), html.EscapeString(e.Provider.Name))
	}
	for i, c := range nodes {
		x, y := corner(i)
		class := "node"
		if len(c.Provides) > 0 {
			class = "node provider"
		}
		name := c.Name
		if letters := []rune(name); len(letters) > mostLetters {
			name = string(letters[:mostLetters-1]) + "…"
		}
		fmt.Fprintf(&out, `<a href="%s"><rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="3"/><text x="%d" y="%d">%s</text><title>%s in %s</title></a>`,
			html.EscapeString(dashboard.ComponentPath(c.Repository.RepositoryRef, c.Name)), class, x, y, nodeWidth, nodeHeight, x+6, y+14,
			html.EscapeString(name), html.EscapeString(c.Name), html.EscapeString(c.Repository.FullName()))
	}
	out.WriteString("</svg>")
	return template.HTML(out.String()) // every text in it is escaped
}
