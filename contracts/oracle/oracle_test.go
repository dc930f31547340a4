package oracle

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
)

// row is one entry of oasdiff's changelog.
type row struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	Level     int    `json:"level"`
	Operation string `json:"operation"`
	Path      string `json:"path"`
}

func (r row) side() contracts.Direction {
	switch {
	case strings.HasPrefix(r.ID, "response-"):
		return contracts.Response
	case strings.HasPrefix(r.ID, "request-"), strings.HasPrefix(r.ID, "new-re"):
		return contracts.Request
	}
	return "" // either
}

// cause is a reviewed reason why an error of oasdiff's has no breaking or risky
// change of ours. A row belongs to the first cause that fits.
type cause struct {
	name   string   // in the table; "" takes the rules
	rules  []string // of oasdiff; a prefix ends in *
	pairs  []string // parts of the pairs' names; empty fits all
	text   string   // part of the row's text; "" fits all
	reason string
}

func (c cause) fits(r row, pair string) bool {
	if len(c.pairs) > 0 && !slices.ContainsFunc(c.pairs, func(part string) bool { return strings.Contains(pair, part) }) {
		return false
	}
	return strings.Contains(r.Text, c.text) && slices.ContainsFunc(c.rules, func(rule string) bool {
		prefix, open := strings.CutSuffix(rule, "*")
		return rule == r.ID || open && strings.HasPrefix(r.ID, prefix)
	})
}

type folder string

func (f folder) ReadFile(_ context.Context, name string) ([]byte, error) {
	return fs.ReadFile(os.DirFS(string(f)), name)
}

// pairDir is a folder with base.* and head.*.
type pairDir struct {
	group, name, dir, base, head string
	rows                         string // kept rows of oasdiff; "" asks it
}

// TestOracle runs both over every pair that is at hand and its mirror. Every
// (operation, side) where oasdiff reports an error carries a breaking or risky
// change of ours, but for the reviewed causes.
//
// PLIMSOLL_ORACLE_MUTATIONS names a folder of pairs made by TestMutations,
// PLIMSOLL_ORACLE_ROWS one with rows kept by ./speed, PLIMSOLL_ORACLE_TABLE the
// file for the disagreements.
func TestOracle(t *testing.T) {
	pairs := allPairs(t)
	if len(pairs) == 0 {
		t.Skip("no pairs: shared/data/specs, shared/data/oasdiff-cases and PLIMSOLL_ORACLE_MUTATIONS are not here")
	}
	peer := filepath.Join(t.TempDir(), "oasdiff")
	if out, err := exec.Command("go", "build", "-o", peer, "./oasdiff").CombinedOutput(); err != nil {
		t.Fatalf("build oasdiff: %v\n%s", err, out)
	}
	seen, carried := map[string]int{}, map[string]int{}
	count := make([]int, len(causes))
	example := make([]string, len(causes))
	var open, unread []string
	for _, p := range pairs {
		rows, err := rowsOf(t.Context(), peer, p)
		if err != nil {
			unread = append(unread, p.group+"/"+p.name+": "+firstLine(err.Error()))
			continue
		}
		ours, err := changesOf(t.Context(), p, rows)
		if err != nil {
			unread = append(unread, "OURS "+p.group+"/"+p.name+": "+firstLine(err.Error()))
			continue
		}
		judged := map[string]bool{}
		for _, r := range rows {
			where := r.Operation + " " + r.Path + " " + string(r.side())
			if r.Level < 3 || r.Operation == "" || judged[where+r.ID] {
				continue
			}
			judged[where+r.ID] = true
			seen[p.group]++
			if ours[where] {
				carried[p.group]++
				continue
			}
			at := slices.IndexFunc(causes, func(c cause) bool { return c.fits(r, p.name) })
			line := fmt.Sprintf("%s/%s: %s %s %s: %s", p.group, p.name, r.ID, r.Operation, r.Path, firstLine(r.Text))
			if at < 0 {
				open = append(open, line)
				continue
			}
			if count[at]++; example[at] == "" {
				example[at] = p.name
			}
		}
	}
	slices.Sort(open)
	byRule := map[string][]string{}
	for _, line := range open {
		rule := strings.Fields(line[strings.Index(line, ": ")+2:])[0]
		byRule[rule] = append(byRule[rule], line)
	}
	for _, rule := range slices.Sorted(maps.Keys(byRule)) {
		t.Errorf("open: %s, %d times, such as %s", rule, len(byRule[rule]), strings.Join(byRule[rule][:min(3, len(byRule[rule]))], " || "))
	}
	for _, line := range unread {
		t.Log("not read by both: " + line)
	}
	report := disagreements(seen, carried, count, example, len(open), len(unread))
	t.Log("\n" + report)
	if file := os.Getenv("PLIMSOLL_ORACLE_TABLE"); file != "" {
		if err := os.WriteFile(file, []byte(report), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func disagreements(seen, carried map[string]int, count []int, example []string, open, unread int) string {
	var b strings.Builder
	b.WriteString("# Disagreements with oasdiff v1.35.0\n\nCounted: (operation, side, oasdiff's rule) with an error of oasdiff's. Carried: a breaking or risky change of ours at the same operation and side.\n\n| pairs | errors of oasdiff's | carried |\n|---|---:|---:|\n")
	for _, group := range slices.Sorted(maps.Keys(seen)) {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", group, seen[group], carried[group])
	}
	fmt.Fprintf(&b, "\nPairs that one of the two does not read: %d. Open: %d.\n\n| cause: oasdiff's rule | times | such as | who is right, by docs/impact.md |\n|---|---:|---|---|\n", unread, open)
	for i, c := range causes {
		if count[i] > 0 {
			name := cmp.Or(c.name, strings.Join(c.rules, ", "))
			if c.name == "" && c.text != "" {
				name += " (" + strings.Trim(c.text, " ") + ")"
			}
			fmt.Fprintf(&b, "| %s | %d | %s | %s |\n", name, count[i], example[i], c.reason)
		}
	}
	return b.String()
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s[:min(len(s), 200)]
}

func rowsOf(ctx context.Context, peer string, p pairDir) ([]row, error) {
	data, err := os.ReadFile(p.rows)
	if err == nil && filepath.Base(p.rows) == "expected.json" {
		return shortRows(data)
	}
	if err != nil {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, peer, filepath.Join(p.dir, p.base), filepath.Join(p.dir, p.head))
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if data, err = cmd.Output(); err != nil {
			return nil, fmt.Errorf("oasdiff: %w: %s", err, firstLine(stderr.String()))
		}
	}
	var rows []row
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, fmt.Errorf("read oasdiff's rows: %w", err)
	}
	return rows, nil
}

// shortRows reads an expected.json: rule, level, method, path, text.
func shortRows(data []byte) ([]row, error) {
	var short [][]any
	if err := json.Unmarshal(data, &short); err != nil {
		return nil, fmt.Errorf("read oasdiff's rows: %w", err)
	}
	var rows []row
	for _, s := range short {
		if len(s) < 5 {
			return nil, fmt.Errorf("read oasdiff's rows: %v has fewer than 5 fields", s)
		}
		var r row
		level, _ := s[1].(float64)
		r.Level = int(level)
		r.ID, _ = s[0].(string)
		r.Operation, _ = s[2].(string)
		r.Path, _ = s[3].(string)
		r.Text, _ = s[4].(string)
		rows = append(rows, r)
	}
	return rows, nil
}

// changesOf gives the operations and sides with a breaking or risky change. Where
// a change reaches more operations than it lists, a consumer of each operation is
// judged instead.
func changesOf(ctx context.Context, p pairDir, rows []row) (map[string]bool, error) {
	base, err := openapi.Load(ctx, folder(p.dir), p.base, openapi.LoadOptions{})
	if err != nil {
		return nil, err
	}
	head, err := openapi.Load(ctx, folder(p.dir), p.head, openapi.LoadOptions{})
	if err != nil {
		return nil, err
	}
	c, err := diff.Compare(ctx, base, head, diff.Options{})
	if err != nil {
		return nil, err
	}
	at := map[string]bool{}
	mark := func(ch *contracts.Change, op string) {
		if ch.Level != contracts.Info {
			at[op+" "+string(ch.Direction)], at[op+" "] = true, true
		}
	}
	long := false
	changes := c.Changes()
	for i := range changes {
		long = long || changes[i].Reached > len(changes[i].Operations)
		for _, op := range changes[i].Operations {
			if mark(&changes[i], op.Method+" "+op.Path); op.Method == "WEBHOOK" {
				for _, verb := range []string{"GET", "PUT", "POST", "DELETE", "PATCH"} {
					mark(&changes[i], verb+" "+op.Path)
				}
			}
		}
	}
	if !long {
		return at, nil
	}
	var consumers []contracts.Consumer
	asked := map[string]bool{}
	for _, r := range rows {
		op := r.Operation + " " + r.Path
		if r.Level < 3 || r.Operation == "" || asked[op] {
			continue
		}
		asked[op] = true
		consumers = append(consumers, contracts.Consumer{Component: op, Usage: contracts.Usage{Operations: []contracts.OperationUse{{Selector: op}}}})
	}
	findings, _, err := c.Judge(ctx, consumers)
	if err != nil {
		return nil, err
	}
	for i := range findings {
		for _, affected := range findings[i].Affected {
			mark(&findings[i].Change, affected.Consumer.Component)
		}
	}
	return at, nil
}

// allPairs lists the pairs at hand, each also with base and head swapped where
// oasdiff is quick.
func allPairs(t *testing.T) []pairDir {
	shared := filepath.Join("..", "..", "..", "shared", "data")
	var pairs []pairDir
	for _, from := range []struct{ group, dir string }{
		{"oasdiff-cases", filepath.Join(shared, "oasdiff-cases")}, {"mutations", os.Getenv("PLIMSOLL_ORACLE_MUTATIONS")}, {"specs", filepath.Join(shared, "specs")},
	} {
		entries, err := os.ReadDir(from.dir)
		if err != nil {
			t.Logf("%s are not here", from.group)
			continue
		}
		for _, e := range entries {
			p := pairDir{group: from.group, name: e.Name(), dir: filepath.Join(from.dir, e.Name())}
			for _, ending := range []string{".json", ".yaml"} {
				if _, err := os.Stat(filepath.Join(p.dir, "base"+ending)); err == nil {
					p.base, p.head = "base"+ending, "head"+ending
				}
			}
			if p.base == "" {
				continue
			}
			if from.group == "oasdiff-cases" {
				p.rows = filepath.Join(p.dir, "expected.json")
			}
			if from.group == "specs" {
				p.rows = filepath.Join(os.Getenv("PLIMSOLL_ORACLE_ROWS"), p.name+".json")
			}
			pairs = append(pairs, p)
			if info, err := os.Stat(filepath.Join(p.dir, p.base)); err == nil && info.Size() < 2<<20 {
				pairs = append(pairs, pairDir{group: from.group + ", mirrored", name: p.name, dir: p.dir, base: p.head, head: p.base})
			}
		}
	}
	return pairs
}
