package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// ErrTooLarge is the error for a file that is larger than the caller reads.
var ErrTooLarge = errors.New("too large to read")

// File is a regular file of a commit.
type File struct {
	Path string
	ID   string // of its content
	Size int64
}

// Files lists the regular files of a commit below a folder, by their paths from there.
// Symbolic links and submodules are left out. There are none where the commit has no such
// folder.
func (r *Repository) Files(ctx context.Context, commit, folder string) ([]File, error) {
	tree := commit
	if folder != "." {
		id, err := r.resolve(ctx, commit+":"+folder)
		if err != nil || id == "" {
			return nil, err
		}
		tree = id
	}
	out, err := r.run(ctx, "ls-tree", "-r", "-z", "-l", "--full-tree", tree)
	if err != nil {
		return nil, err
	}
	var files []File
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		about, name, _ := strings.Cut(line, "\t") // MODE TYPE ID SIZE, then the path
		fields := strings.Fields(about)
		if len(fields) != 4 || !strings.HasPrefix(fields[0], "100") {
			continue
		}
		size, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("git ls-tree: size of %s: %w", name, err)
		}
		files = append(files, File{Path: name, ID: fields[2], Size: size})
	}
	return files, nil
}

// Read gives the content of a file by its id. The error is [fs.ErrNotExist] where there
// is no such file, and [ErrTooLarge] beyond limit bytes.
func (r *Repository) Read(ctx context.Context, id string, limit int64) ([]byte, error) {
	if !objectID.MatchString(id) {
		return nil, fs.ErrNotExist
	}
	return r.objects.read(ctx, id, limit)
}

// ReadAt is [Repository.Read] for a file as a commit has it, by its path from the root.
func (r *Repository) ReadAt(ctx context.Context, commit, file string, limit int64) ([]byte, error) {
	if !fs.ValidPath(file) || strings.ContainsAny(file, "\x00\n") { // git would take ../x from here
		return nil, fs.ErrNotExist
	}
	return r.objects.read(ctx, commit+":"+file, limit)
}

// objects reads objects through one git process, which starts with the first of them.
type objects struct {
	dir string

	mu     sync.Mutex
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
	broken error
}

func (o *objects) read(ctx context.Context, name string, limit int64) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := errors.Join(ctx.Err(), o.broken); err != nil {
		return nil, err
	}
	if o.cmd == nil {
		if err := o.start(ctx); err != nil {
			return nil, err
		}
	}
	data, err := o.ask(name, limit)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrTooLarge) {
		return data, err
	}
	// What would be read next is unknown, so the process is of no further use.
	o.broken = fmt.Errorf("git cat-file: %w", err)
	if err := o.end(); err != nil {
		o.broken = explain(err, "cat-file", o.stderr.String())
	}
	return nil, o.broken
}

// start starts the process. It outlives ctx, because the next call may bring another.
func (o *objects) start(ctx context.Context) error {
	cmd := command(context.WithoutCancel(ctx), o.dir, "cat-file", "--batch")
	cmd.Stderr = &o.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return explain(err, "cat-file", "")
	}
	o.cmd, o.in, o.out = cmd, in, bufio.NewReader(out)
	return nil
}

// ask writes one name and reads its answer: "ID TYPE SIZE", the content and a line break,
// or one line that says why there is no content.
func (o *objects) ask(name string, limit int64) ([]byte, error) {
	if _, err := io.WriteString(o.in, name+"\n"); err != nil {
		return nil, err
	}
	line, err := o.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(line)
	if len(fields) != 3 || !objectID.MatchString(fields[0]) {
		return nil, fs.ErrNotExist
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	if fields[1] != "blob" || size > limit {
		if _, err := io.CopyN(io.Discard, o.out, size+1); err != nil {
			return nil, err
		}
		if fields[1] != "blob" {
			return nil, fs.ErrNotExist
		}
		return nil, ErrTooLarge
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(o.out, data); err != nil {
		return nil, err
	}
	return data[:size], nil
}

// end ends the process and gives its failure.
func (o *objects) end() error {
	if o.cmd == nil {
		return nil
	}
	err := o.in.Close()
	if waited := o.cmd.Wait(); waited != nil {
		err = waited
	}
	o.cmd = nil
	return err
}

func (o *objects) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = errors.New("the repository was closed")
	return o.end()
}
