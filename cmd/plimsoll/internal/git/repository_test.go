package git_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/cmd/plimsoll/internal/git/gittest"
)

// repositoryOf makes a repository with one commit of some files.
func repositoryOf(t *testing.T, files map[string]string) (dir, commit string) {
	t.Helper()
	dir = t.TempDir()
	return dir, commitOf(t, dir, files)
}

func commitOf(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	gittest.Write(t, dir, files)
	return gittest.Commit(t, dir)
}

func open(t *testing.T, dir string) *git.Repository {
	t.Helper()
	r, err := git.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return r
}

func TestOpen(t *testing.T) {
	dir, _ := repositoryOf(t, map[string]string{"a b/c/x": "x"})
	for folder, want := range map[string]string{".": ".", "a b": "a b", "a b/c": "a b/c"} {
		if got := open(t, filepath.Join(dir, folder)).Within(); got != want {
			t.Errorf("%s: within %q, want %q", folder, got, want)
		}
	}
	bare := t.TempDir()
	gittest.Run(t, bare, "init", "-q", "--bare")
	if r := open(t, bare); r.HasWorkTree() || r.Within() != "." || !open(t, dir).HasWorkTree() {
		t.Errorf("bare: work tree %t, within %q", r.HasWorkTree(), r.Within())
	}
	if _, err := git.Open(t.Context(), t.TempDir()); !errors.Is(err, git.ErrNoRepository) {
		t.Errorf("no repository: %v", err)
	}
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "elsewhere"))
	if got := open(t, dir).Within(); got != "." {
		t.Errorf("in a hook of another repository: within %q", got)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := git.Open(t.Context(), dir); !errors.Is(err, git.ErrNotInstalled) {
		t.Errorf("no git: %v", err)
	}
}

// What git says reaches the user in one line.
func TestOpenExplains(t *testing.T) {
	dir, _ := repositoryOf(t, map[string]string{"x": "x"})
	if err := os.WriteFile(filepath.Join(dir, ".git", "config"), []byte("[core\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := git.Open(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "git rev-parse: bad config line 1 in file") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestCommit(t *testing.T) {
	dir, first := repositoryOf(t, map[string]string{"x": "1"})
	gittest.Run(t, dir, "tag", "-a", "v1", "-m", "Release")
	second := commitOf(t, dir, map[string]string{"x": "2"})
	r := open(t, dir)
	for rev, want := range map[string]string{"HEAD": second, "main": second, "@": second, "v1": first, "HEAD~1": first, first: first, first[:12]: first} {
		if got, err := r.Commit(t.Context(), rev); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", rev, got, err, want)
		}
	}
	planted := filepath.Join(dir, "planted")
	for _, rev := range []string{
		"nosuch", "", "--upload-pack", "--upload-pack=touch " + planted, "--exec=touch " + planted, "--output=" + planted, "-h", "--help", "--all", "--git-dir=.", "-",
		"^HEAD", "HEAD..main", "HEAD...main", "HEAD main", "HEAD\nmain", "HEAD\x00", "HEAD^{tree}", "HEAD:x", "$(touch " + planted + ")", strings.Repeat("a", 40), "HEAD~7",
	} {
		if got, err := r.Commit(t.Context(), rev); !errors.Is(err, git.ErrUnknownRevision) {
			t.Errorf("%q: %q, %v", rev, got, err)
		}
	}
	if _, err := os.Stat(planted); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a revision was taken as an option or a command: %v", err)
	}
	base, err := r.MergeBase(t.Context(), first, second)
	if err != nil || base != first {
		t.Errorf("merge base %s, %v", base, err)
	}
	gittest.Run(t, dir, "checkout", "-q", "--orphan", "other")
	if _, err := r.MergeBase(t.Context(), commitOf(t, dir, nil), first); !errors.Is(err, git.ErrNoMergeBase) {
		t.Errorf("unrelated: %v", err)
	}
}

func TestRemoteURL(t *testing.T) {
	dir, _ := repositoryOf(t, nil)
	r := open(t, dir)
	if got := r.RemoteURL(t.Context()); got != "" {
		t.Errorf("without a remote: %q", got)
	}
	gittest.Run(t, dir, "remote", "add", "origin", "git@github.com:acme/shop.git")
	if got := r.RemoteURL(t.Context()); got != "git@github.com:acme/shop.git" {
		t.Errorf("got %q", got)
	}
}

func TestIgnored(t *testing.T) {
	dir, _ := repositoryOf(t, map[string]string{"tracked.log": "x", "sub/é.txt": "x"})
	for name, text := range map[string]string{".gitignore": "*.log\nbuild/\n", "new.log": "x", "new.txt": "x", "build/a": "x", "sub/y.log": "x"} {
		full := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for folder, want := range map[string][]string{".": {"build/a", "new.log", "sub/y.log"}, "sub": {"y.log"}, "build": {"a"}} {
		ignored, err := open(t, filepath.Join(dir, folder)).Ignored(t.Context())
		var got []string
		for name, is := range ignored {
			if is {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", folder, got, err, want)
		}
	}
}

func TestFiles(t *testing.T) {
	dir, _ := repositoryOf(t, map[string]string{"top": "1", "a/x": "22", "a/b/y z": "333", "a/bé": "4444", "ab": "5", ":(top)odd/q": "6"})
	if err := os.Symlink("top", filepath.Join(dir, "a", "link")); err != nil {
		t.Fatal(err)
	}
	commit := commitOf(t, dir, nil)
	for folder, want := range map[string][]string{
		".": {":(top)odd/q 1", "a/b/y z 3", "a/bé 4", "a/x 2", "ab 1", "top 1"}, "a": {"b/y z 3", "bé 4", "x 2"}, "a/b": {"y z 3"}, ":(top)odd": {"q 1"}, "none": nil, "a/x/y": nil,
	} {
		r := open(t, filepath.Join(dir, "a"))
		files, err := r.Files(t.Context(), commit, folder)
		var got []string
		for _, f := range files {
			got = append(got, fmt.Sprintf("%s %d", f.Path, f.Size))
			data, err := r.Read(t.Context(), f.ID, 1<<20)
			if err != nil || int64(len(data)) != f.Size {
				t.Errorf("%s: read %d bytes, %v", f.Path, len(data), err)
			}
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", folder, got, err, want)
		}
	}
}

func TestRead(t *testing.T) {
	large := strings.Repeat("x", 5000)
	dir, commit := repositoryOf(t, map[string]string{"a/x": "one\ntwo", "empty": "", "large": large, "with blank 12": "here", "a/missing": "really\n"})
	r := open(t, filepath.Join(dir, "a"))
	read := func(file string) string {
		data, err := r.ReadAt(t.Context(), commit, file, 4999)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "there is none"
		case errors.Is(err, git.ErrTooLarge):
			return "too large"
		case err != nil:
			return err.Error()
		}
		return string(data)
	}
	for _, c := range [][2]string{
		{"a/x", "one\ntwo"}, {"empty", ""}, {"with blank 12", "here"}, {"a/missing", "really\n"}, {"large", "too large"}, {"a/x", "one\ntwo"}, // what follows is still read right
		{"none", "there is none"}, {"a", "there is none"}, {"x", "there is none"}, {"./x", "there is none"}, {"../a/x", "there is none"}, {"/a/x", "there is none"},
		{"none 5 7", "there is none"}, {"a/x\nHEAD:empty", "there is none"}, {"", "there is none"}, {"a/x", "one\ntwo"},
	} {
		if got := read(c[0]); got != c[1] {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
	if _, err := r.Read(t.Context(), "HEAD:a/x", 1000); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a name that is no id: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if got := read("a/x"); got != "the repository was closed" {
		t.Errorf("after closing: %s", got)
	}
}

// A process that dies is told of, with what it said.
func TestReadOfABrokenRepository(t *testing.T) {
	dir, commit := repositoryOf(t, map[string]string{"x": "one"})
	r, err := git.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if data, err := r.ReadAt(t.Context(), commit, "x", 100); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("read %q, %v", data, err)
		}
	}
}
