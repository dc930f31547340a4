package tree

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/server/github"
	"plimsoll/server/github/githubtest"
)

// wideRepository answers for directories whose recursive listing is truncated from
// a certain number of entries on, as GitHub's is.
type wideRepository struct {
	limit int
	files map[string]string // path → content
}

func (r wideRepository) directory(name string) (string, bool) {
	if name == githubtest.SHA("root") {
		return "", true
	}
	for file := range r.files {
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			if githubtest.SHA("dir "+dir) == name {
				return dir, true
			}
		}
	}
	return "", false
}

func (r wideRepository) serve(f *githubtest.Fake) {
	f.HandleFunc("GET /repos/acme/orders/git/trees/{sha}", func(w http.ResponseWriter, req *http.Request) {
		dir, ok := r.directory(req.PathValue("sha"))
		if !ok {
			githubtest.Refusal(w, 404, "Not Found")
			return
		}
		recursive := req.URL.Query().Get("recursive") != ""
		entries := map[string]map[string]any{}
		for file, content := range r.files {
			below, inside := strings.CutPrefix(file, dir+"/")
			if dir == "" {
				below, inside = file, true
			}
			if !inside {
				continue
			}
			parts := strings.Split(below, "/")
			for i := 1; i < len(parts); i++ {
				sub := strings.Join(parts[:i], "/")
				if i == 1 || recursive {
					entries[sub] = map[string]any{"path": sub, "mode": "040000", "type": "tree", "sha": githubtest.SHA("dir " + path.Join(dir, sub))}
				}
			}
			if len(parts) == 1 || recursive {
				entries[below] = githubtest.BlobEntry(below, content)
				if strings.HasPrefix(content, "-> ") {
					entries[below]["mode"] = "120000"
				}
			}
		}
		list := []map[string]any{}
		for _, e := range entries {
			list = append(list, e)
		}
		slices.SortFunc(list, func(a, b map[string]any) int { return strings.Compare(a["path"].(string), b["path"].(string)) })
		truncated := recursive && len(list) > r.limit
		if truncated {
			list = list[:r.limit]
		}
		githubtest.Answer(w, map[string]any{"sha": req.PathValue("sha"), "tree": list, "truncated": truncated})
	})
	var contents []string
	for _, content := range r.files {
		contents = append(contents, content)
	}
	f.ServeBlobs(contents...)
}

func TestTruncatedTree(t *testing.T) {
	f := githubtest.New(t).Tokens()
	files := map[string]string{"plimsoll.yml": "root", "big/link": "-> ../plimsoll.yml", "big/a/one.yaml": "one", "big/b/deep/two.yaml": "two", "small/x": "x"}
	for i := range 60 {
		files[fmt.Sprintf("big/c%d/file%02d", i%3, i)] = fmt.Sprint("content ", i)
	}
	wideRepository{limit: 30, files: files}.serve(f)
	trees := newTrees(t, f)
	tree, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("root"))
	if err != nil {
		t.Fatal(err)
	}
	// One file costs its directories, not the whole tree.
	wantContent(t, tree, "big/b/deep/two.yaml", "two")
	if n := len(f.Requests()); n != 1+4+1 {
		t.Errorf("%d requests: %v", n, f.Requests())
	}
	wantContent(t, tree, "plimsoll.yml", "root")
	wantMissing(t, tree, "big", "big/nope", "big/b/deep/two.yaml/x", "nope/x", "../x", "", ".", "/plimsoll.yml")
	wantProblem(t, tree, "big/link", "is a symbolic link")
	wantProblem(t, tree, "big/link/x", "big/link is a symbolic link")

	var want []string
	for file, content := range files {
		if !strings.HasPrefix(content, "-> ") {
			want = append(want, file)
		}
	}
	slices.Sort(want)
	wantFiles(t, tree, want...)
	first, _ := tree.Files(t.Context())
	if second, _ := tree.Files(t.Context()); &first[0] != &second[0] {
		t.Error("listed again")
	}
}

// A walk that a rate limit ends continues where it stopped.
func TestTruncatedTreeResumes(t *testing.T) {
	f := githubtest.New(t).Tokens()
	files := map[string]string{}
	for i := range 90 {
		files[fmt.Sprintf("d%d/file%02d", i/10, i)] = fmt.Sprint("content ", i)
	}
	wideRepository{limit: 20, files: files}.serve(f)
	clock := githubtest.NewClock()
	// One request for the tree, and five of the ten that the list of files needs.
	trees := newTrees(t, f, func(c *github.Config, _ *Config) { c.Clock, c.PointsPerMinute = clock.Now, 6 })
	tree, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("root"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Files(t.Context()); github.Classify(err) != github.ClassRateLimited {
		t.Fatalf("with few points left: %v", err)
	}
	before := len(f.Requests())
	clock.Forward(time.Minute)
	found, err := tree.Files(t.Context())
	if err != nil || len(found) != 90 {
		t.Fatalf("%d files, %v", len(found), err)
	}
	if n := len(f.Requests()) - before; n != 1+9-5 {
		t.Errorf("%d requests to finish: %v", n, f.Requests())
	}
}

func TestTooManyDirectories(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repos/acme/orders/git/trees/{sha}", func(w http.ResponseWriter, r *http.Request) {
		// Every directory holds another that does not come whole either.
		next := githubtest.SHA(r.PathValue("sha"))
		githubtest.Answer(w, map[string]any{"sha": r.PathValue("sha"), "truncated": r.URL.Query().Get("recursive") != "",
			"tree": []map[string]any{{"path": "d", "mode": "040000", "type": "tree", "sha": next}}})
	})
	tree, err := newTrees(t, f).Tree(t.Context(), githubtest.Orders, githubtest.SHA("root"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = tree.Files(t.Context())
	problem, ok := errors.AsType[*contracts.Problem](err)
	if !ok || !strings.Contains(problem.Message, "more files than can be listed") || problem.Hint == "" {
		t.Errorf("%v", err)
	}
	if n := len(f.Requests()); n > maxTreeRequests+1 {
		t.Errorf("%d requests", n)
	}
}
