// Package treetest gives tests a tree of files in memory.
//
// It must not know what is read from the files.
package treetest

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"plimsoll/contracts"
)

// Map is a tree of files in memory: path → content.
type Map map[string]string

var _ contracts.Tree = Map(nil)

// ReadFile gives the content of a file.
func (m Map) ReadFile(_ context.Context, file string) ([]byte, error) {
	content, ok := m[file]
	if !ok {
		return nil, fmt.Errorf("read %s: %w", file, fs.ErrNotExist)
	}
	return []byte(content), nil
}

// Files lists every file, sorted by path.
func (m Map) Files(context.Context) ([]contracts.File, error) {
	var files []contracts.File
	for _, name := range slices.Sorted(maps.Keys(m)) {
		files = append(files, contracts.File{Path: name, SHA: BlobSHA([]byte(m[name])), Size: int64(len(m[name]))})
	}
	return files, nil
}

// BlobSHA is Git's name for a file's content.
func BlobSHA(content []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}
