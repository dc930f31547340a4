package overview

import (
	_ "embed"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/inventory"
)

//go:embed components.html
var componentsText string

// pageOfComponents is how many components one page lists.
const pageOfComponents = 100

// components is what the list of components shows.
type components struct {
	Query, Team    string
	Teams          []string
	Total, From    int
	Lines          []componentLine
	Earlier, Later string
}

type componentLine struct {
	*inventory.Component
	// Used counts the uses that the visitor sees of what it provides.
	Used int
}

func (p *Pages) components(r *dashboard.Request) (dashboard.Page, error) {
	query := r.URL.Query()
	c := components{Query: strings.TrimSpace(query.Get("q")), Team: query.Get("team")}
	wanted, owners := strings.ToLower(c.Query), map[string]bool{}
	var all []*inventory.Component
	for _, one := range r.Inventory.Components {
		if !r.Sees(one.Repository.ID) {
			continue
		}
		if one.Owner != "" && !owners[one.Owner] {
			owners[one.Owner] = true
			c.Teams = append(c.Teams, one.Owner)
		}
		if (c.Team == "" || c.Team == one.Owner) && (wanted == "" || strings.Contains(strings.ToLower(one.Name+" "+one.Repository.FullName()), wanted)) {
			all = append(all, one)
		}
	}
	slices.Sort(c.Teams)
	page, _ := strconv.Atoi(query.Get("page"))
	from, to := bounds(len(all), page, pageOfComponents)
	c.Total, c.From = len(all), from+1
	for _, one := range all[from:to] {
		line := componentLine{Component: one}
		for _, api := range one.Provides {
			for _, use := range api.Consumers {
				if r.Sees(use.Consumer.Repository.ID) {
					line.Used++
				}
			}
		}
		c.Lines = append(c.Lines, line)
	}
	address := func(page int) string {
		return "/components?" + url.Values{"q": {c.Query}, "team": {c.Team}, "page": {strconv.Itoa(page)}}.Encode()
	}
	if from > 0 {
		c.Earlier = address(from/pageOfComponents - 1)
	}
	if to < len(all) {
		c.Later = address(to / pageOfComponents)
	}
	return dashboard.Page{Title: "Components", Nav: "/components", Data: c}, nil
}

// bounds are the first and the last line of a page, counted from 0.
func bounds(total, page, size int) (from, to int) {
	page = max(0, min(page, (total-1)/size))
	return min(page*size, total), min((page+1)*size, total)
}
