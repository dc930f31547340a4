// Package git reads git repositories on this machine with the git command.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Errors that callers tell apart.
var (
	ErrNotInstalled    = errors.New("git is not in PATH; install git")
	ErrNoRepository    = errors.New("not in a git repository")
	ErrUnknownRevision = errors.New("no such commit here; if it is only on the remote, run git fetch")
	ErrNoMergeBase     = errors.New("no common ancestor here; in a shallow clone, run git fetch --unshallow")
)

// Repository is a git repository, seen from one of its folders. Close it after use.
type Repository struct {
	dir      string
	within   string
	workTree bool
	objects  objects
}

// Open finds the repository that dir lies in. It fails with [ErrNoRepository] where
// there is none, and with [ErrNotInstalled] on a machine without git.
func Open(ctx context.Context, dir string) (*Repository, error) {
	r := &Repository{dir: dir, within: "."}
	out, err := r.run(ctx, "rev-parse", "--is-inside-work-tree", "--show-prefix")
	if err != nil {
		return nil, err
	}
	inside, prefix, _ := strings.Cut(out, "\n")
	r.workTree = inside == "true"
	if prefix = strings.TrimSuffix(strings.TrimSuffix(prefix, "\n"), "/"); prefix != "" {
		r.within = prefix
	}
	r.objects.dir = dir
	return r, nil
}

// Close ends the process that reads objects.
func (r *Repository) Close() error { return r.objects.close() }

// Within is the repository's folder below the root of the work tree: a path with
// slashes, or "." at the root and in a bare repository.
func (r *Repository) Within() string { return r.within }

// HasWorkTree is false in a bare repository and inside git's own folder.
func (r *Repository) HasWorkTree() bool { return r.workTree }

// objectID is the full name of an object, in SHA-1 or SHA-256.
var objectID = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// Commit resolves a revision to the id of its commit.
func (r *Repository) Commit(ctx context.Context, rev string) (string, error) {
	if strings.ContainsAny(rev, "\x00\n") {
		return "", ErrUnknownRevision
	}
	id, err := r.resolve(ctx, rev+"^{commit}")
	if err == nil && id == "" {
		err = ErrUnknownRevision
	}
	return id, err
}

// resolve gives the id of an object; empty where there is no such object.
func (r *Repository) resolve(ctx context.Context, name string) (string, error) {
	out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
	if status(err) == 1 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if id := strings.TrimSpace(out); objectID.MatchString(id) { // not a range, nor ^REV
		return id, nil
	}
	return "", nil
}

// MergeBase gives the best common ancestor of two commits, named by their ids.
func (r *Repository) MergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := r.run(ctx, "merge-base", a, b)
	if status(err) == 1 {
		return "", ErrNoMergeBase
	}
	return strings.TrimSpace(out), err
}

// Shallow reports whether the repository lacks a part of its history.
func (r *Repository) Shallow(ctx context.Context) (bool, error) {
	out, err := r.run(ctx, "rev-parse", "--is-shallow-repository")
	return strings.TrimSpace(out) == "true", err
}

// Changed lists the paths in which two commits differ, old and new names, sorted.
func (r *Repository) Changed(ctx context.Context, base, head string) ([]string, error) {
	out, err := r.run(ctx, "diff-tree", "-r", "-z", "--name-only", "--no-renames", base, head)
	if err != nil {
		return nil, fmt.Errorf("list the changed files: %w", err)
	}
	return slices.Sorted(strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00")), nil
}

// RemoteURL gives the address of the remote origin; empty where there is none.
func (r *Repository) RemoteURL(ctx context.Context) string {
	out, err := r.run(ctx, "remote", "get-url", "origin")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(out)
}

// Ignored gives the untracked files of the folder that git ignores, by their paths from
// the folder.
func (r *Repository) Ignored(ctx context.Context) (map[string]bool, error) {
	out, err := r.run(ctx, "ls-files", "-z", "--others", "--ignored", "--exclude-standard")
	if err != nil {
		return nil, fmt.Errorf("list ignored files: %w", err)
	}
	ignored := map[string]bool{}
	for name := range strings.SplitSeq(out, "\x00") {
		ignored[name] = name != ""
	}
	return ignored, nil
}

// failure is a git command that ended with an error.
type failure struct {
	command string
	status  int
	text    string
}

func (f *failure) Error() string {
	return fmt.Sprintf("git %s: %s", f.command, f.text)
}

// status gives the exit status of a failed git command; 0 for other errors.
func status(err error) int {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.status
	}
	return 0
}

// run executes a git command in the repository's folder.
func (r *Repository) run(ctx context.Context, args ...string) (string, error) {
	cmd := command(ctx, r.dir, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", explain(err, args[0], stderr.String())
	}
	return stdout.String(), nil
}

// command prepares a git command. Hooks set variables that point git at the repository
// they run for; here the folder decides. The user's configuration applies, except that no
// program of the repository's configuration is started to watch its files.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}, name)
	})
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	return cmd
}

// explain turns the failure of a git command into an error that says what git said.
func explain(err error, name, stderr string) error {
	if errors.Is(err, exec.ErrNotFound) {
		return ErrNotInstalled
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return fmt.Errorf("run git %s: %w", name, err)
	}
	if strings.Contains(stderr, "not a git repository") {
		return ErrNoRepository
	}
	text := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, stderr)
	text = strings.TrimPrefix(strings.Join(strings.Fields(text), " "), "fatal: ")
	if text == "" {
		text = exit.String()
	}
	return &failure{command: name, status: exit.ExitCode(), text: text}
}
