package readycheck

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// offered are the edits that fix what is new and not waived, as one for each place.
func (j *Result) offered() []readiness.Edit {
	if j.edits == nil {
		j.edits = readiness.Edits(slices.Concat(j.report.Blocking(), j.report.Added()))
	}
	return j.edits
}

// errLeft says why a file is let be; the others are changed all the same.
type errLeft string

func (e errLeft) Error() string { return string(e) }

// fix puts what is offered into the folder's files, and tells on standard error which
// lines are new. It writes regular files inside the folder, never through a symbolic
// link, and none that has changed since it was evaluated. What it writes stands there as a
// whole or not at all.
func (j *Result) fix(ctx context.Context, t *terminal.Terminal, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer root.Close()
	var files []string
	for _, edit := range j.offered() {
		if !slices.Contains(files, edit.File) {
			files = append(files, edit.File)
		}
	}
	if len(files) == 0 {
		fmt.Fprintln(t.Stderr, "nothing to fix")
	}
	changed := false
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, err := j.fixFile(root, file)
		name := checks.Plain(filepath.Join(dir, filepath.FromSlash(file)))
		if left, ok := errors.AsType[errLeft](err); ok {
			fmt.Fprintf(t.Stderr, "did not change %s: %s\n", name, checks.Plain(left.Error()))
			continue
		}
		if err != nil {
			return fmt.Errorf("change %s: %w", name, err)
		}
		fmt.Fprintf(t.Stderr, "changed %s: %s\n", name, text)
		changed = true
	}
	if changed {
		fmt.Fprintln(t.Stderr, "review before you commit: ports, paths and thresholds are guesses")
	}
	return nil
}

// fixFile changes or makes one file, and says which of its lines are new.
func (j *Result) fixFile(root *os.Root, file string) (text string, err error) {
	info, err := plainFile(root, file)
	if err != nil {
		return "", err
	}
	var content []byte
	mode := fs.FileMode(0)
	switch {
	case info == nil && j.listed[file]:
		return "", errLeft("it no longer exists")
	case info == nil:
		if err := root.MkdirAll(filepath.FromSlash(path.Dir(file)), 0o755); err != nil {
			return "", err
		}
	case !j.listed[file]:
		return "", errLeft("it exists, and git ignores it")
	default:
		mode = info.Mode().Perm()
		if content, err = root.ReadFile(filepath.FromSlash(file)); err != nil {
			return "", err
		}
		if !bytes.Equal(content, j.quotes[file]) {
			return "", errLeft("it changed after the check")
		}
	}
	var snippets []readiness.Snippet
	for _, edit := range j.offered() {
		if edit.File == file {
			snippets = append(snippets, edit.Snippet)
		}
	}
	if err := replaceFile(root, filepath.FromSlash(file), readiness.PasteAll(file, content, snippets), mode); err != nil {
		return "", err
	}
	return newLines(content, snippets), nil
}

// plainFile gives what is known of a regular file inside the folder; nil where there is
// none yet. What is no such file, or lies behind a symbolic link, is left.
func plainFile(root *os.Root, file string) (fs.FileInfo, error) {
	if !fs.ValidPath(file) || file == "." || !filepath.IsLocal(filepath.FromSlash(file)) {
		return nil, errLeft("it is outside the folder")
	}
	parts := strings.Split(file, "/")
	for i, part := range parts {
		if strings.EqualFold(part, ".git") {
			return nil, errLeft("it belongs to git")
		}
		at := strings.Join(parts[:i+1], "/")
		info, err := root.Lstat(filepath.FromSlash(at))
		switch last := i == len(parts)-1; {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil
		case err != nil:
			return nil, err
		case info.Mode()&fs.ModeSymlink != 0:
			return nil, errLeft(at + " is a symbolic link")
		case last && !info.Mode().IsRegular():
			return nil, errLeft("it is not a regular file")
		case !last && !info.IsDir():
			return nil, errLeft(at + " is not a folder")
		case last:
			return info, nil
		}
	}
	return nil, nil
}

// replaceFile writes a file beside the one that it then takes the place of; a mode of 0
// is that of a new file.
func replaceFile(root *os.Root, name string, content []byte, mode fs.FileMode) (err error) {
	beside := filepath.Join(filepath.Dir(name), ".plimsoll-"+rand.Text())
	file, err := root.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, cmp.Or(mode, 0o666))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Remove(beside))
		}
	}()
	_, err = file.Write(content)
	if err == nil && mode != 0 {
		err = file.Chmod(mode)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return root.Rename(beside, name)
}

// newLines says which lines of a file the snippets are, once all of them are in it.
func newLines(before []byte, snippets []readiness.Snippet) string {
	last := bytes.Count(before, []byte("\n"))
	if len(before) > 0 && !bytes.HasSuffix(before, []byte("\n")) {
		last++
	}
	var all []string
	moved := 0
	for _, s := range snippets { // from the top down
		count := strings.Count(strings.TrimSuffix(s.Text, "\n"), "\n") + 1
		after := min(s.After, last)
		from := after + moved + 1
		if count == 1 {
			all = append(all, fmt.Sprintf("line %d", from))
		} else {
			all = append(all, fmt.Sprintf("lines %d to %d", from, from+count-1))
		}
		moved += count - min(s.Replaces, last-after)
	}
	return strings.Join(all, ", ")
}
