package contracts

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenDir = "../testdata/contracts"

// TestGolden compares base with head in every folder of testdata/contracts and
// judges the consumers of usage.yaml. One behaviour each, named after the rule.
func TestGolden(t *testing.T) {
	folders, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(goldenDir, folder.Name())
			got := goldenText(t, dir)
			file := filepath.Join(dir, "expected.txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// folder is a Source over a folder.
type folder string

var _ Source = folder("")

func (f folder) ReadFile(_ context.Context, name string) ([]byte, error) {
	return fs.ReadFile(os.DirFS(string(f)), name)
}

// memory is a Source over texts.
type memory map[string]string

func (m memory) ReadFile(_ context.Context, name string) ([]byte, error) {
	text, ok := m[name]
	if !ok {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	return []byte(text), nil
}

// goldenFile finds base.yaml, base.json or base/openapi.yaml.
func goldenFile(dir, which string) string {
	for _, name := range []string{which + ".yaml", which + ".json", path.Join(which, "openapi.yaml")} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return name
		}
	}
	return ""
}

func goldenText(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	load := func(which string) *Contract {
		file := goldenFile(dir, which)
		if file == "" {
			return nil
		}
		c, err := Load(t.Context(), folder(dir), file, LoadOptions{})
		if err != nil {
			fmt.Fprintf(&b, "%s: %v\n", which, err)
			return nil
		}
		return c
	}
	base, head := load("base"), load("head")
	if b.Len() > 0 {
		return b.String()
	}
	comparison, err := Compare(t.Context(), base, head, CompareOptions{API: "acme/orders/orders"})
	if err != nil {
		t.Fatal(err)
	}
	consumers := goldenConsumers(t, filepath.Join(dir, "usage.yaml"))
	findings, problems, err := comparison.Judge(t.Context(), consumers)
	if err != nil {
		t.Fatal(err)
	}
	for i := range findings {
		writeFinding(&b, &findings[i])
	}
	if len(findings) == 0 {
		b.WriteString("nothing changed\n")
	}
	for _, p := range problems {
		fmt.Fprintf(&b, "registration of %s: %s (%s)\n", p.Consumer.Component, p.Problem.Message, p.Problem.Hint)
	}
	return b.String()
}

func writeFinding(b *strings.Builder, f *Finding) {
	c := &f.Change
	fmt.Fprintf(b, "%s %s: %s", c.Level, c.Rule, edgeText(c.Edge))
	if c.From != nil || c.To != nil {
		fmt.Fprintf(b, " (%s → %s)", orDash(c.From), orDash(c.To))
	}
	fmt.Fprintf(b, " base %s head %s reached %d\n", lineText(c.Source.Base), lineText(c.Source.Head), c.Reached)
	for _, op := range c.Operations {
		fmt.Fprintf(b, "  at %s\n", strings.Join(strings.Fields(strings.Join([]string{op.Method, op.Path, op.Status, op.MediaType, op.Pointer}, " ")), " "))
	}
	for _, h := range f.Hits {
		fmt.Fprintf(b, "  %s %s: %s %s [line %d]\n", h.Consumer.Component, h.Verdict, h.Reason.Code, h.Reason.Node, h.Evidence[0].Line)
	}
	if f.Unaffected > 0 {
		fmt.Fprintf(b, "  unaffected: %d\n", f.Unaffected)
	}
}

func edgeText(e Edge) string {
	text := e.Schema
	if e.Name != "" {
		text = strings.TrimSpace(e.Schema + " | " + e.Name)
	}
	return fmt.Sprintf("%s [%s]", text, e.Kind)
}

func orDash(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func lineText(p *Position) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%s:%d:%d", path.Base(p.File), p.Line, p.Column)
}

// goldenConsumers reads usage.yaml: the consumes part of a repository file, one
// entry per consumer.
func goldenConsumers(t *testing.T, file string) []Consumer {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var entries []struct {
		Component  string
		Via        string
		Catalogue  bool
		Env        string
		Operations []struct {
			Op     yaml.Node
			Reads  *[]yaml.Node
			Sends  *[]yaml.Node
			Status []string
			Values map[string][]string
		}
	}
	var lines []yaml.Node
	if err := yaml.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &lines); err != nil {
		t.Fatal(err)
	}
	at := func(n *yaml.Node) Position { return Position{File: "usage.yaml", Line: n.Line, Column: n.Column} }
	var consumers []Consumer
	for i, e := range entries {
		c := Consumer{Component: e.Component, Environment: e.Env, Usage: Usage{Via: e.Via, Catalogue: e.Catalogue,
			Evidence: Evidence{Kind: EvidenceDeclared, Position: at(&lines[i])}}}
		for _, o := range e.Operations {
			use := OperationUse{Selector: o.Op.Value, Status: o.Status, Evidence: Evidence{Kind: EvidenceDeclared, Position: at(&o.Op)}}
			patterns := func(list *[]yaml.Node) *[]Pattern {
				if list == nil {
					return nil
				}
				out := make([]Pattern, 0, len(*list))
				for k := range *list {
					n := &(*list)[k]
					out = append(out, Pattern{Text: n.Value, Position: at(n), Values: o.Values[n.Value]})
				}
				return &out
			}
			use.Reads, use.Sends = patterns(o.Reads), patterns(o.Sends)
			c.Usage.Operations = append(c.Usage.Operations, use)
		}
		consumers = append(consumers, c)
	}
	return consumers
}
