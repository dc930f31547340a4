package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/contracts"
)

// The bounds of one Read. Everything beyond is listed as unread.
const (
	// MaxFile is how long a file may be.
	MaxFile = 2 << 20
	// maxSniff is how long a file may be that is looked at to see whether it holds
	// manifests at all.
	maxSniff = 16 << 20
	// MaxBytes is how much is parsed in all.
	MaxBytes = 32 << 20
	// MaxDocuments is how many documents a file may hold, and resources its lists.
	MaxDocuments = 1000
	// MaxWorkloads is how many workloads are read in all.
	MaxWorkloads = 2000
	// MaxUnread is how many entries Unread has; the last one says how many more there are.
	MaxUnread = 200
)

var bounds = config.Bounds{Bytes: MaxFile, Depth: 64, AliasNodes: 20_000, Nodes: 500_000, Documents: MaxDocuments}

// file is a file as read: its documents, flat, or why there are none.
type file struct {
	documents []*yaml.Node
	unread    []Unread
	// silent: its faults are reported only if this very file was named, because it can't
	// be a manifest.
	silent bool
}

// reader reads files of one tree, each once.
type reader struct {
	tree  contracts.Tree
	sizes map[string]int64
	files map[string]*file
	bytes int64
}

func newReader(ctx context.Context, tree contracts.Tree) (*reader, error) {
	listed, err := tree.Files(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the files of the repository: %w", err)
	}
	r := &reader{tree: tree, sizes: make(map[string]int64, len(listed)), files: map[string]*file{}}
	for _, f := range listed {
		r.sizes[f.Path] = f.Size
	}
	return r, nil
}

func (r *reader) has(file string) bool {
	_, ok := r.sizes[file]
	return ok
}

// read gives a file. The error is of the tree; trying again may help.
func (r *reader) read(ctx context.Context, name string) (*file, error) {
	if f := r.files[name]; f != nil {
		return f, nil
	}
	f, err := r.load(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	r.files[name] = f
	return f, nil
}

func (r *reader) load(ctx context.Context, name string) (*file, error) {
	cannot := func(message, hint string) *file {
		return &file{unread: []Unread{{Position: config.Position{File: name}, Message: message, Hint: hint}}}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	size, listed := r.sizes[name]
	tooLong := fmt.Sprintf("the file has %d bytes, at most %d are read", size, MaxFile)
	switch {
	case !listed:
		return cannot("is not a file in the repository", "a symbolic link is not followed; name the file itself"), nil
	case size > maxSniff:
		return cannot(tooLong, "split it"), nil
	}
	data, err := r.tree.ReadFile(ctx, name)
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return cannot(problem.Message, problem.Hint), nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return cannot("is not a file in the repository", "a symbolic link is not followed; name the file itself"), nil
	}
	if err != nil {
		return nil, err
	}
	silent := !bytes.Contains(data, []byte("apiVersion")) || !bytes.Contains(data, []byte("kind"))
	if len(data) > MaxFile {
		f := cannot(tooLong, "split it")
		f.silent = silent
		return f, nil
	}
	if r.bytes += int64(len(data)); r.bytes > MaxBytes {
		return cannot(fmt.Sprintf("not read: the files before it have more than %d MiB together", MaxBytes>>20), "give each component a path of its own"), nil
	}
	return parse(name, data, silent), nil
}

// parse gives the documents of a file. A document that holds a list of resources is
// given as it is.
func parse(name string, data []byte, silent bool) *file {
	documents, err := config.ParseTree(name, data, bounds)
	if err == nil {
		f := &file{silent: silent}
		for _, document := range documents {
			f.documents = append(f.documents, flatten(document))
		}
		return f
	}
	f := &file{silent: silent && bytes.IndexByte(data, 0) < 0}
	if f.silent && path.Ext(name) != ".json" && len(data) > 1 && (data[0] >= 0xfe || data[0] == 0xef) {
		f.silent = false // a byte order mark: the words may stand there in UTF-16
	}
	var faults config.Errors
	if !errors.As(err, &faults) {
		faults = config.Errors{{File: name, Message: err.Error()}}
	}
	for i, fault := range faults {
		if i == maxFaults {
			break
		}
		f.unread = append(f.unread, Unread{Position: config.Position{File: name, Line: fault.Line, Column: fault.Column}, Message: fault.Message, Hint: fault.Hint})
	}
	if line := templateLine(data); line > 0 && len(f.unread) > 0 {
		f.unread = []Unread{{Position: config.Position{File: name, Line: line}, Message: "is a template and no YAML: it can't be checked before it is rendered", Hint: renderHint}}
	}
	if strings.Contains(f.unread[0].Message, "another document begins here") {
		f.unread[0].Message = "the file holds more than " + strconv.Itoa(MaxDocuments) + " documents"
		f.unread[0].Hint = "split it"
	}
	return f
}

// maxNesting is how deep lists of resources may hold lists.
const maxNesting = 4

// maxFaults is how many faults of one file are reported.
const maxFaults = 5

// templateLine gives the first line with a template action ({{ … }} or {% … %}); 0
// without any.
func templateLine(data []byte) int {
	at := -1
	for _, opening := range []string{"{{", "{%"} {
		if i := bytes.Index(data, []byte(opening)); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if at < 0 {
		return 0
	}
	return bytes.Count(data[:at], []byte("\n")) + 1
}

// manifests gives the resources of a file, lists unfolded. Documents that are no
// resources are passed over.
func (f *file) manifests(name string) (all []manifest, unread []Unread) {
	var unfold func(n *yaml.Node, depth int)
	unfold = func(n *yaml.Node, depth int) {
		m, ok := asManifest(name, n)
		if !ok || len(unread) > 0 {
			return
		}
		items := value(n, "items")
		if m.kind == "Template" && (m.group == "" || m.group == "template.openshift.io") {
			items = value(n, "objects")
		} else if !strings.HasSuffix(m.kind, "List") {
			items = nil
		}
		switch {
		case items != nil && depth == maxNesting:
			unread = append(unread, Unread{Position: m.position(n), Message: fmt.Sprintf("lists in lists deeper than %d levels are not read", maxNesting), Hint: "flatten it"})
		case items != nil && items.Kind == yaml.SequenceNode:
			for _, item := range items.Content {
				unfold(item, depth+1)
			}
		case len(all) == MaxDocuments:
			unread = append(unread, Unread{Position: m.position(n), Message: fmt.Sprintf("the file holds more than %d resources; this one and those behind it are not read", MaxDocuments), Hint: "split it"})
		default:
			all = append(all, m)
		}
	}
	for _, document := range f.documents {
		unfold(document, 0)
	}
	return all, unread
}

// quote shows a piece of an outsider's file: in quotes, escaped, shortened.
func quote(s string) string {
	const most = 80
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return strconv.Quote(s)
}
