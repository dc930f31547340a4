package plimsoll_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// mostDependencies is how many dependencies a constructor may take.
const mostDependencies = 7

// A type that needs more is two types: what it does is split along an idea. The fields of
// embedded structs count, so that a bag of dependencies hides none.
func TestConstructorsTakeFewDependencies(t *testing.T) {
	counted := 0
	for _, p := range listPackages(t) {
		layer, ok := layerOf(p.ImportPath)
		if !ok || layer != "handlers" && layer != "checks" && layer != "deploy" {
			continue
		}
		files, structs := token.NewFileSet(), map[string]*ast.StructType{}
		var constructors []*ast.FuncDecl
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range file.Decls {
				if function, ok := decl.(*ast.FuncDecl); ok && function.Recv == nil && strings.HasPrefix(function.Name.Name, "New") {
					constructors = append(constructors, function)
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if spec, ok := n.(*ast.TypeSpec); ok {
					if fields, ok := spec.Type.(*ast.StructType); ok {
						structs[spec.Name.Name] = fields
					}
				}
				return true
			})
		}
		for _, function := range constructors {
			counted++
			if n := dependencies(function, structs); n > mostDependencies {
				t.Errorf("%s: %s takes %d dependencies, at most %d: make two types of it", files.Position(function.Pos()), function.Name.Name, n, mostDependencies)
			}
		}
	}
	if counted < 30 {
		t.Errorf("only %d constructors", counted)
	}
}

// dependencies counts the parameters of a constructor, or the fields of its only one.
func dependencies(function *ast.FuncDecl, structs map[string]*ast.StructType) int {
	parameters := function.Type.Params.List
	if len(parameters) == 1 {
		if name, ok := parameters[0].Type.(*ast.Ident); ok && strings.HasSuffix(name.Name, "Deps") {
			return fieldsOf(structs[name.Name], structs)
		}
	}
	return function.Type.Params.NumFields()
}

func fieldsOf(of *ast.StructType, structs map[string]*ast.StructType) (n int) {
	for _, field := range of.Fields.List {
		embedded, ok := field.Type.(*ast.Ident)
		if len(field.Names) == 0 && ok && structs[embedded.Name] != nil {
			n += fieldsOf(structs[embedded.Name], structs)
			continue
		}
		n += max(len(field.Names), 1)
	}
	return n
}
