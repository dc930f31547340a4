package contracts

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"strings"
)

// Source gives the files of one version of a repository.
//
// Paths are relative to the repository's root, with forward slashes and without
// a leading slash. A file that is not there is an error that wraps
// [io/fs.ErrNotExist]. The bytes are shared and must not be changed.
type Source interface {
	ReadFile(ctx context.Context, path string) ([]byte, error)
}

// Tree is a Source that can also list what it holds.
type Tree interface {
	Source
	// Files lists every regular file, sorted by path.
	Files(ctx context.Context) ([]File, error)
}

// File is one entry of a Tree.
type File struct {
	Path string
	// SHA names the content (Git's blob id, or any other content hash). Equal
	// SHAs mean equal bytes.
	SHA string
	// Size in bytes.
	Size int64
}

// Position is a place in a file of a repository. Line and Column count from 1;
// 0 means unknown.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String gives "file:line:column", leaving out what is unknown.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Problem is a fault in a file that a user wrote: where it is, what was found and
// expected, and what to do. It is an error that may be shown to users.
type Problem struct {
	Position
	// Path inside the document, as a YAML path or a JSON pointer. May be empty.
	Path string `json:"path,omitempty"`
	// Message says what is wrong and what was expected.
	Message string `json:"message"`
	// Hint says what to do. May be empty.
	Hint string `json:"hint,omitempty"`
}

// Error gives "file:line:column: message (hint)".
func (p *Problem) Error() string {
	text := p.Position.String() + ": " + p.Message
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// ComparePositions orders positions by file, line and column. Nil comes last.
func ComparePositions(a, b *Position) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// MayBeContract reports whether a file may belong to a contract by its name: all but what
// programs and images are called. No other file is read as a part of a contract.
func MayBeContract(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".go", ".mod", ".sum", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".py", ".java", ".kt", ".scala", ".rb", ".rs", ".cs", ".php", ".c", ".h", ".cc", ".cpp",
		".swift", ".sh", ".sql", ".css", ".scss", ".html", ".svg", ".png", ".jpg", ".gif":
		return false
	}
	return true
}
