package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// overlay puts what the environment says about a mapping of type t into it, and
// the content of files that KEY_file names in the place of KEY.
func (l *serverLoader) overlay(n *yaml.Node, t reflect.Type, path, prefix string) {
	for key, f := range fieldsOf(t) {
		variable := prefix + "_" + strings.ToUpper(key)
		below := join(path, key)
		switch kind := f.Type.Kind(); {
		case isLeaf(f.Type) || kind == reflect.Slice && isLeaf(f.Type.Elem()):
			if value := l.env(variable); value != "" {
				if isHidden(f.Type) {
					l.remove(n, key+"_file") // the environment beats the file, however it is said there
				}
				l.set(n, key, l.fromEnv(variable, value, f.Type))
			}
			if isHidden(f.Type) {
				l.fromFile(n, key, f.Type, below, variable)
			}
		case kind == reflect.Struct:
			child := l.child(n, key, yaml.MappingNode)
			if child.Kind == yaml.MappingNode {
				l.overlay(child, f.Type, below, variable)
			}
			if len(child.Content) == 0 && child.Line == 0 {
				l.remove(n, key)
			}
		case kind == reflect.Slice:
			l.list(n, key, f.Type.Elem(), below, variable)
		}
	}
}

// list lays VARIABLE_0_KEY, VARIABLE_1_KEY, … over a list of mappings.
func (l *serverLoader) list(n *yaml.Node, key string, element reflect.Type, path, variable string) {
	list := l.child(n, key, yaml.SequenceNode)
	for i := 0; list.Kind == yaml.SequenceNode; i++ {
		item := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		if i < len(list.Content) {
			item = list.Content[i]
		}
		if item.Kind == yaml.MappingNode {
			l.overlay(item, element, fmt.Sprintf("%s[%d]", path, i), variable+"_"+strconv.Itoa(i))
		}
		if i >= len(list.Content) {
			if len(item.Content) == 0 {
				break
			}
			list.Content = append(list.Content, item)
		}
	}
	if len(list.Content) == 0 && list.Line == 0 {
		l.remove(n, key)
	}
}

func isLeaf(t reflect.Type) bool {
	_, ok := reflect.New(t).Interface().(text)
	return ok || t.Kind() != reflect.Struct && t.Kind() != reflect.Slice
}

// isHidden says whether a type, or the entries of a list, are secrets that may
// stand in a file of their own.
func isHidden(t reflect.Type) bool {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	x, ok := reflect.New(t).Interface().(text)
	return ok && x.form().hidden
}

func find(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// child gives the value of a key, aliases followed; a new one of a kind where
// there is none.
func (l *serverLoader) child(n *yaml.Node, key string, kind yaml.Kind) *yaml.Node {
	child := find(n, key)
	if child == nil {
		child = &yaml.Node{Kind: kind}
		l.set(n, key, child)
	}
	if child.Kind == yaml.AliasNode {
		child = child.Alias
	}
	return child
}

func (l *serverLoader) set(n *yaml.Node, key string, value *yaml.Node) {
	l.remove(n, key)
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: value.Line, Column: value.Column}, value)
}

func (l *serverLoader) remove(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// fromEnv makes a node of a variable's value, as a type wants it.
func (l *serverLoader) fromEnv(variable, value string, t reflect.Type) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	switch t.Kind() {
	case reflect.Slice:
		node = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				node.Content = append(node.Content, l.fromEnv(variable, part, t.Elem()))
			}
		}
	case reflect.Int, reflect.Int64:
		if _, err := strconv.ParseInt(value, 10, 64); err == nil {
			node.Tag = "!!int"
		}
	case reflect.Bool:
		if value == "true" || value == "false" {
			node.Tag = "!!bool"
		}
	}
	l.origins[node] = "environment variable " + variable
	return node
}

// fromFile puts the content of the file that KEY_file names in the place of KEY.
func (l *serverLoader) fromFile(n *yaml.Node, key string, t reflect.Type, path, variable string) {
	name := find(n, key+"_file")
	if value := l.env(variable + "_FILE"); value != "" {
		if l.env(variable) != "" {
			l.fault(&yaml.Node{}, path, variable+" and "+variable+"_FILE are both set", "unset one of them")
		}
		l.remove(n, key)
		name = l.fromEnv(variable+"_FILE", value, reflect.TypeFor[string]())
	}
	if name == nil {
		return
	}
	l.remove(n, key+"_file")
	if find(n, key) != nil {
		l.fault(name, path+"_file", key+" and "+key+"_file are both set", "remove one of them")
		return
	}
	if name.Kind != yaml.ScalarNode || name.Tag != "!!str" || name.Value == "" {
		l.fault(name, path+"_file", "expected the name of a file", "write the path of the file that holds the secret")
		l.set(n, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: tagFailed})
		return
	}
	file, wrong := l.resolve("", name.Value)
	if wrong == nil && !filepath.IsAbs(file) && l.origins[name] == "" {
		file = filepath.Join(l.folder, file)
	}
	var data []byte
	var err error
	if wrong == nil {
		if data, err = readSmall(file); err != nil {
			if failed, ok := errors.AsType[*fs.PathError](err); ok {
				err = failed.Err
			}
			wrong = &Error{Message: fmt.Sprintf("can't read %s: %v", file, err), Hint: "correct its name or its permissions"}
		}
	}
	if wrong != nil {
		l.fault(name, path+"_file", wrong.Message, wrong.Hint)
		l.set(n, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: tagFailed})
		return
	}
	l.files[path] = file
	content := strings.TrimRight(string(data), "\r\n")
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: content, Style: yaml.LiteralStyle, Line: name.Line, Column: name.Column}
	if t.Kind() == reflect.Slice {
		value = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: name.Line, Column: name.Column}
		for line := range strings.Lines(content) {
			if line = strings.TrimSpace(line); line != "" {
				value.Content = append(value.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: line, Style: yaml.LiteralStyle, Line: name.Line, Column: name.Column})
			}
		}
	}
	if origin := l.origins[name]; origin != "" {
		l.origins[value] = origin
	}
	l.set(n, key, value)
}

// readSmall reads a file of secrets.
func readSmall(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, errors.New("it is not a regular file, or larger than 1 MiB")
	}
	return os.ReadFile(file)
}
