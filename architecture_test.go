package plimsoll_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers go from the top to the bottom; a package may import packages of its own
// layer and of those below it, never one above.
var layers = []string{"cmd", "server", "handlers", "checks", "deploy", "contracts", "config"}

// forbidden names what a layer must not know, whoever would bring it in.
var forbidden = map[string][]string{
	"contracts": {"database/sql", "net/http", "github.com/google/go-github", "github.com/palantir/", "github.com/rs/zerolog", "log", "log/slog"},
	"deploy":    {"database/sql", "github.com/google/go-github", "github.com/palantir/", "github.com/rs/zerolog", "log", "log/slog"},
	"checks":    {"database/sql", "net/http", "github.com/google/go-github", "github.com/palantir/", "github.com/rs/zerolog"},
	"handlers":  {"database/sql", "net/http"},
	"config":    {"database/sql", "net/http", "github.com/google/go-github", "github.com/palantir/", "github.com/rs/zerolog"},
}

type listed struct {
	ImportPath string
	Name       string
	Dir        string
	Doc        string
	GoFiles    []string
	Imports    []string

	TestGoFiles, XTestGoFiles []string
}

func TestImportsGoOneWay(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < len(layers)-1 {
		t.Fatalf("go list found %d packages, expected every layer", len(packages))
	}
	for _, p := range packages {
		layer, ok := layerOf(p.ImportPath)
		if !ok {
			continue
		}
		for _, imported := range p.Imports {
			if below, ours := layerOf(imported); ours && rank(below) < rank(layer) {
				t.Errorf("%s imports %s: imports go %s", p.ImportPath, imported, strings.Join(layers, " → "))
			}
			if layer == "config" && strings.HasPrefix(imported, "plimsoll/") && !strings.HasPrefix(imported, "plimsoll/config") {
				t.Errorf("%s imports %s: config imports nothing of ours", p.ImportPath, imported)
			}
			for _, bad := range forbidden[layer] {
				if imported == bad || strings.HasPrefix(imported, strings.TrimSuffix(bad, "/")+"/") {
					t.Errorf("%s imports %s: %s must not know it", p.ImportPath, imported, layer)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range listPackages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func TestTopLevelFolders(t *testing.T) {
	allowed := append(slices.Clone(layers), "packaging", "testdata", "docs", "packaging", ".ci", ".github", ".git", ".cache", "bin")
	entries, err := fs.ReadDir(os.DirFS("."), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() && !slices.Contains(allowed, entry.Name()) {
			t.Errorf("top-level folder %s: its reason belongs into the README first", entry.Name())
		}
	}
}

func TestNoVagueNames(t *testing.T) {
	vague := []string{"util", "utils", "common", "helper", "helpers", "manager", "misc"}
	for _, p := range listPackages(t) {
		if slices.Contains(vague, p.Name) {
			t.Errorf("package %s: a name says what is in it", p.ImportPath)
		}
		for _, file := range p.GoFiles {
			if slices.Contains(vague, strings.TrimSuffix(file, ".go")) {
				t.Errorf("%s/%s: a name says what is in it", p.ImportPath, file)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.PackageClauseOnly); err != nil {
				t.Error(err)
			}
		}
	}
}

func layerOf(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "plimsoll/")
	if !ok {
		return "", false
	}
	layer, _, _ := strings.Cut(rest, "/")
	return layer, slices.Contains(layers, layer)
}

func rank(layer string) int { return slices.Index(layers, layer) }

func listPackages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Name,Dir,Doc,GoFiles,Imports,TestGoFiles,XTestGoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	var packages []listed
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// mostFiles is how many files a package may have, tests and generated code aside.
const mostFiles = 25

func TestPackagesStaySmall(t *testing.T) {
	for _, p := range listPackages(t) {
		if len(p.GoFiles) > mostFiles {
			t.Errorf("%s has %d files, at most %d: give an idea of it a package of its own", p.ImportPath, len(p.GoFiles), mostFiles)
		}
	}
}

// The most lines of a file, of a file with a command, and of a function outside tests;
// generated code may have more.
const (
	mostFileLines     = 400
	mostCommandLines  = 150
	mostFunctionLines = 80
)

func TestFilesAndFunctionsStaySmall(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if ast.IsGenerated(file) {
				continue
			}
			isTest, most := strings.HasSuffix(name, "_test.go"), mostFileLines
			if p.ImportPath == "plimsoll/cmd/plimsoll" && !isTest {
				most = mostCommandLines
			}
			if lines := files.File(file.Pos()).LineCount(); lines > most+1 {
				t.Errorf("%s/%s has %d lines, at most %d: give an idea of it a file of its own", p.ImportPath, name, lines-1, most)
			}
			if isTest {
				continue
			}
			for _, decl := range file.Decls {
				if function, ok := decl.(*ast.FuncDecl); ok {
					first, last := files.Position(function.Pos()), files.Position(function.End())
					if lines := last.Line - first.Line + 1; lines > mostFunctionLines {
						t.Errorf("%s: %s has %d lines, at most %d", first, function.Name.Name, lines, mostFunctionLines)
					}
				}
			}
		}
	}
}

// Capabilities know each other only through interfaces of their own: below handlers, the
// packages require, source and work are all that is shared.
func TestCapabilitiesStandApart(t *testing.T) {
	const below = "plimsoll/handlers/"
	shared := []string{below + "require", below + "source", below + "work"}
	found := 0
	for _, p := range listPackages(t) {
		if !strings.HasPrefix(p.ImportPath, below) {
			continue
		}
		found++
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "plimsoll/handlers") && !slices.Contains(shared, imported) {
				t.Errorf("%s imports %s: declare an interface for what it needs", p.ImportPath, imported)
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d packages below handlers", found)
	}
}

// A doc comment that begins with another name was forgotten when the name was changed.
func TestDocCommentsBeginWithTheName(t *testing.T) {
	checked := 0
	for _, p := range listPackages(t) {
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if ast.IsGenerated(file) {
				continue
			}
			for name, doc := range exportedDocs(file) {
				checked++
				text := doc.Text()
				for _, article := range []string{"A ", "An ", "The "} {
					text = strings.TrimPrefix(text, article)
				}
				rest, ok := strings.CutPrefix(text, name.Name)
				if !ok || rest != "" && (rest[0] == '_' || rest[0] >= '0' && rest[0] <= '9' || rest[0] >= 'A' && rest[0] <= 'Z' || rest[0] >= 'a' && rest[0] <= 'z') {
					line, _, _ := strings.Cut(doc.Text(), "\n")
					t.Errorf("%s: the doc comment of %s begins %q", files.Position(doc.Pos()), name.Name, line)
				}
			}
		}
	}
	if checked < 500 {
		t.Errorf("only %d doc comments", checked)
	}
}

// exportedDocs gives the doc comments of a file's exported functions, methods and types,
// and of variables and constants that have one of their own.
func exportedDocs(file *ast.File) map[*ast.Ident]*ast.CommentGroup {
	docs := map[*ast.Ident]*ast.CommentGroup{}
	add := func(name *ast.Ident, comments ...*ast.CommentGroup) {
		for _, doc := range comments {
			if name.IsExported() && doc.Text() != "" {
				docs[name] = doc
				return
			}
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			add(decl.Name, decl.Doc)
		case *ast.GenDecl:
			var alone *ast.CommentGroup // of a declaration without parentheses
			if !decl.Lparen.IsValid() {
				alone = decl.Doc
			}
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name, spec.Doc, alone)
				case *ast.ValueSpec:
					if len(spec.Names) == 1 {
						add(spec.Names[0], spec.Doc, alone)
					}
				}
			}
		}
	}
	return docs
}

// forTests are packages that only tests use, and whose names do not end in "test".
var forTests = []string{"plimsoll/server/testbed/orgfixture", "plimsoll/server/simulator/internal/description/trim"}

// `make deadcode` sees the packages of the program; a package that it does not have is
// there for tests.
func TestNoPackageIsLeftOver(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./cmd/plimsoll").Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	program := strings.Fields(string(out))
	for _, p := range listPackages(t) {
		if len(p.GoFiles) > 0 && !slices.Contains(program, p.ImportPath) && !strings.HasSuffix(p.Name, "test") && !slices.Contains(forTests, p.ImportPath) {
			t.Errorf("%s is no part of the program", p.ImportPath)
		}
	}
}
