package diff

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// oasdiffCases are pairs of contracts from the tests of oasdiff v1.35.0, with
// what its changelog says of them.
var oasdiffCases = filepath.Join("..", "..", "..", "shared", "data", "oasdiff-cases")

// oasdiffRow is one entry of an expected.json.
type oasdiffRow struct {
	rule, method, path, text string
	level                    int
}

func readOasdiff(t *testing.T, dir string) []oasdiffRow {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // oasdiff could not read the pair
	}
	if err != nil {
		t.Fatal(err)
	}
	var raw [][]any
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	var rows []oasdiffRow
	for _, r := range raw {
		row := oasdiffRow{level: int(r[1].(float64))}
		row.rule, _ = r[0].(string)
		row.method, _ = r[2].(string)
		row.path, _ = r[3].(string)
		row.text, _ = r[4].(string)
		rows = append(rows, row)
	}
	return rows
}

// side gives the direction that a rule of oasdiff's speaks of.
func (r oasdiffRow) side() string {
	switch {
	case strings.HasPrefix(r.rule, "response-"):
		return "response"
	case strings.HasPrefix(r.rule, "request-"), strings.HasPrefix(r.rule, "new-re"):
		return "request"
	}
	return "any"
}

// disagreement is one reviewed line of testdata/oasdiff-disagreements.txt.
type disagreement struct {
	kind, rule, name, cause string
	used                    bool
}

func readDisagreements(t *testing.T) []*disagreement {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "oasdiff-disagreements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var list []*disagreement
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		fields := strings.Split(line, "|")
		if len(fields) != 4 {
			t.Fatalf("expected four fields: %s", line)
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		list = append(list, &disagreement{kind: fields[0], rule: fields[1], name: fields[2], cause: fields[3]})
	}
	return list
}

// reviewed tells whether a disagreement is in the table.
func reviewed(list []*disagreement, kind, rule, name string) bool {
	for _, d := range list {
		okRule, _ := path.Match(d.rule, rule)
		okName, _ := path.Match(d.name, name)
		if d.kind == kind && okRule && okName {
			d.used = true
			return true
		}
	}
	return false
}

// touchedOperations gives the operations and sides of the changes from a level on.
func touchedOperations(c *Comparison, from contracts.Level) map[string]string {
	touched := map[string]string{}
	for i := range c.found {
		f := c.found[i]
		if graver(from, f.Level) {
			continue
		}
		for _, op := range f.Operations {
			key := op.Method + " " + openapi.NormalPath(op.Path)
			touched[key+" "+string(f.Direction)] = f.Rule
			touched[key+" any"] = f.Rule
		}
	}
	return touched
}

// TestOasdiffAgrees: wherever oasdiff reports an error, a breaking or risky change
// of ours stands at the same operation and side, and a breaking change of ours has
// an error or a warning of oasdiff's; what differs is in a reviewed table.
func TestOasdiffAgrees(t *testing.T) {
	dirs, err := os.ReadDir(oasdiffCases)
	if err != nil {
		t.Skip("oasdiff's pairs (shared/data/oasdiff-cases) are not here")
	}
	table := readDisagreements(t)
	seen, carried := 0, 0
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		name := d.Name()
		dir := filepath.Join(oasdiffCases, name)
		base, errB := openapi.Load(t.Context(), folder(dir), "base.json", openapi.LoadOptions{})
		head, errH := openapi.Load(t.Context(), folder(dir), "head.json", openapi.LoadOptions{})
		if errB != nil || errH != nil {
			if !reviewed(table, "refused", "-", name) {
				t.Errorf("%s: %v %v", name, errB, errH)
			}
			continue
		}
		c, err := Compare(t.Context(), base, head, Options{})
		if err != nil {
			t.Fatal(err)
		}
		ours := touchedOperations(c, contracts.Risky)
		theirs := map[string]bool{}
		for _, r := range readOasdiff(t, dir) {
			key := r.method + " " + openapi.NormalPath(r.path)
			if r.level >= 2 {
				theirs[key] = true
			}
			if r.level < 3 || r.method == "" {
				continue
			}
			seen++
			if ours[key+" "+r.side()] != "" {
				carried++
			} else if !reviewed(table, "missing", r.rule, name) {
				t.Errorf("%s: %s %s: nothing of ours for %s: %s", name, r.method, r.path, r.rule, r.text)
			}
		}
		for i := range c.found {
			f := c.found[i]
			for _, op := range f.Operations {
				if f.Level == contracts.Breaking && !theirs[op.Method+" "+openapi.NormalPath(op.Path)] && !reviewed(table, "extra", f.Rule, name) {
					t.Errorf("%s: %s at %s %s: nothing of oasdiff's", name, f.Rule, op.Method, op.Path)
				}
			}
		}
		mirror, err := Compare(t.Context(), head, base, Options{})
		if err != nil {
			t.Fatal(err)
		}
		forth, back := touchedOperations(c, contracts.Info), touchedOperations(mirror, contracts.Info)
		for key, rule := range forth {
			if back[key] == "" && !oneWay[rule] {
				t.Errorf("%s: %s at %s has nothing in the mirror", name, rule, key)
			}
		}
	}
	for _, d := range table {
		if !d.used {
			t.Errorf("no longer a disagreement: %s | %s | %s", d.kind, d.rule, d.name)
		}
	}
	t.Logf("%d of %d errors of oasdiff's carried, the others reviewed", carried, seen)
}

// oneWay are rules that say nothing in the other direction: a tag that comes, or a
// deprecation that is taken back.
var oneWay = map[string]bool{"operation-tags-changed": true, "request-property-deprecated": true, "response-property-deprecated": true,
	"request-parameter-deprecated": true, "operation-id-changed": true}
