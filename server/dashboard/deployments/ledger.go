package deployments

import (
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy/ledger"
	"plimsoll/server/dashboard"
	"plimsoll/server/redact"
)

//go:embed ledger.html
var ledgerText string

// Bounds of the ledger's page, of an export, and of the entries that are read for either.
const (
	mostEntries  = 100
	mostExported = 10_000
	mostRead     = 10_000
)

// entry is a line of the ledger with its repository.
type entry struct {
	redact.Line
	Repo contracts.RepositoryRef
}

// search is which entries are asked for.
type search struct {
	Repository, Component, Environment, Actor string
	Kind                                      ledger.EntryKind
}

func searchOf(query url.Values) search {
	get := func(name string) string { return strings.TrimSpace(query.Get(name)) }
	return search{get("repository"), get("component"), get("environment"), get("actor"), ledger.EntryKind(get("kind"))}
}

func (s search) query() string {
	return url.Values{"repository": {s.Repository}, "component": {s.Component}, "environment": {s.Environment}, "actor": {s.Actor}, "kind": {string(s.Kind)}}.Encode()
}

func (s search) wants(repo contracts.RepositoryRef, e ledger.Entry) bool {
	is := func(wanted, found string) bool { return wanted == "" || strings.EqualFold(wanted, found) }
	return is(s.Repository, repo.FullName()) && is(s.Component, e.Component) && is(s.Environment, e.Environment) && is(s.Actor, e.Actor) && (s.Kind == "" || s.Kind == e.Kind)
}

// entries returns the newest entries that the visitor asks for and may read, each without
// what it says of repositories that the visitor may not read.
func (p *pages) entries(r *dashboard.Request, s search, most int) (found []entry, err error) {
	sees := func(context.Context, []contracts.RepositoryRef) (func(int64) bool, error) { return r.Sees, nil }
	installations := map[int64]bool{}
	for _, repo := range r.Inventory.Repositories {
		if r.Sees(repo.ID) {
			installations[repo.Installation] = true
		}
	}
	for installation := range installations {
		read, kept := 0, 0
		for one, err := range p.Store.LedgerBefore(r.Context(), installation, math.MaxInt64) {
			if err != nil {
				return nil, err
			}
			if read++; read > mostRead || kept == most {
				break
			}
			repo, ok := r.Inventory.Repositories[one.Repository]
			if !ok || repo.Installation != installation || !r.Sees(repo.ID) || !s.wants(repo.RepositoryRef, one) {
				continue
			}
			line, err := redact.Entry(r.Context(), p.Store, sees, repo.RepositoryRef, one)
			if err != nil {
				return nil, err
			}
			if !s.wants(repo.RepositoryRef, line.Entry) {
				continue // what the search asks for is not shown to this visitor
			}
			kept++
			found = append(found, entry{line, repo.RepositoryRef})
		}
	}
	slices.SortStableFunc(found, func(a, b entry) int { return b.At.Compare(a.At) })
	return found[:min(len(found), most)], nil
}

func (p *pages) ledger(r *dashboard.Request) (dashboard.Page, error) {
	s := searchOf(r.URL.Query())
	found, err := p.entries(r, s, mostEntries)
	if err != nil {
		return dashboard.Page{}, err
	}
	return dashboard.Page{Title: "Ledger", Nav: "/ledger", Data: struct {
		search
		Now         time.Time
		Kinds       []ledger.EntryKind
		Entries     []entry
		JSON, Table string
	}{s, r.Now, ledger.EntryKinds, found, "/ledger.jsonl?" + s.query(), "/ledger.csv?" + s.query()}}, nil
}

func (p *pages) exportJSON(w http.ResponseWriter, r *dashboard.Request) error {
	found, err := p.entries(r, searchOf(r.URL.Query()), mostExported)
	if err != nil {
		return err
	}
	attach(w, "application/x-ndjson", "ledger.jsonl")
	encoder := json.NewEncoder(w)
	for _, one := range found {
		if encoder.Encode(one.Line) != nil {
			return nil // the client has gone
		}
	}
	return nil
}

func (p *pages) exportCSV(w http.ResponseWriter, r *dashboard.Request) error {
	found, err := p.entries(r, searchOf(r.URL.Query()), mostExported)
	if err != nil {
		return err
	}
	attach(w, "text/csv; charset=utf-8", "ledger.csv")
	table := csv.NewWriter(w)
	_ = table.Write([]string{"at", "kind", "repository", "component", "environment", "commit", "actor", "hash"})
	for _, e := range found {
		_ = table.Write([]string{e.At.UTC().Format(time.RFC3339), string(e.Kind), text(e.Repo.FullName()), text(e.Component), text(e.Environment), text(e.Commit), text(e.Actor), e.Hash})
	}
	table.Flush() // an error: the client has gone
	return nil
}

func attach(w http.ResponseWriter, kind, name string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// text keeps a spreadsheet from taking a name for a formula.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
