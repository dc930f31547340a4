package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/contracts/cache"
	"plimsoll/handlers/source"
)

// MaxCompareFiles is how many files GitHub lists of a comparison, all of them with
// its first page.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
const MaxCompareFiles = 300

// The statuses of a [source.ChangedFile]. For FileChanged only the mode changed.
const (
	FileAdded     = "added"
	FileRemoved   = "removed"
	FileModified  = "modified"
	FileRenamed   = "renamed"
	FileCopied    = "copied"
	FileChanged   = "changed"
	FileUnchanged = "unchanged"
)

// Compare returns what changed from the merge base of base and head to head, in one
// request. Both are full commit SHAs or branches. If GitHub listed as many files as it
// ever does, the comparison is not complete.
func (c *Clients) Compare(ctx context.Context, repo contracts.RepositoryRef, base, head string) (source.Comparison, error) {
	fail := func(err error) (source.Comparison, error) {
		return source.Comparison{}, fmt.Errorf("compare %s...%s of %s: %w", base, head, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	if base == "" || head == "" {
		return fail(&Error{Class: ClassPermanent, Message: "need two commits"})
	}
	var answer struct {
		Base struct {
			SHA string `json:"sha"`
		} `json:"base_commit"`
		MergeBase struct {
			SHA    string `json:"sha"`
			Commit struct {
				Tree struct {
					SHA string `json:"sha"`
				} `json:"tree"`
			} `json:"commit"`
		} `json:"merge_base_commit"`
		// Not the library's type: it holds every patch.
		Files []struct {
			SHA      string `json:"sha"`
			Path     string `json:"filename"`
			Previous string `json:"previous_filename"`
			Status   string `json:"status"`
		} `json:"files"`
	}
	// Page 1 has all files, whatever its size, and no commit is needed.
	path := "repos/" + repo.FullName() + "/compare/" + url.PathEscape(base) + "..." + url.PathEscape(head) + "?per_page=1&page=1"
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return fail(err)
	}
	comparison := source.Comparison{
		Base: answer.Base.SHA, MergeBase: answer.MergeBase.SHA, MergeBaseTree: answer.MergeBase.Commit.Tree.SHA, Head: head,
		Complete: len(answer.Files) < MaxCompareFiles,
	}
	if comparison.MergeBase == "" || comparison.MergeBaseTree == "" {
		return fail(incomplete("merge base"))
	}
	comparison.Files = make([]source.ChangedFile, len(answer.Files))
	for i, f := range answer.Files {
		comparison.Files[i] = source.ChangedFile{Path: f.Path, Previous: f.Previous, Status: f.Status, SHA: f.SHA}
	}
	return comparison, nil
}

// CommittedBetween returns the author dates of the commits that are in head and not in
// base, of the newest 250, and the number of all of them. It costs one request.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
func (c *Clients) CommittedBetween(ctx context.Context, repo contracts.RepositoryRef, base, head string) (committed []time.Time, of int, err error) {
	fail := func(err error) ([]time.Time, int, error) {
		return nil, 0, fmt.Errorf("ask when the commits of %s...%s in %s were written: %w", base, head, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	found, err := c.between(ctx, client, repo, base, head)
	if err != nil {
		return fail(err)
	}
	for _, commit := range found.commits {
		committed = append(committed, commit.at)
	}
	return committed, found.total, nil
}

// Descends reports whether a commit has another one among its ancestors. It costs one request,
// once for two commits.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
func (c *Clients) Descends(ctx context.Context, repo contracts.RepositoryRef, commit, ancestor string) (bool, error) {
	fail := func(err error) (bool, error) {
		return false, fmt.Errorf("ask whether %s descends from %s in %s: %w", commit, ancestor, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	found, err := c.between(ctx, client, repo, ancestor, commit)
	if err != nil {
		return fail(err)
	}
	return found.behind == 0 && found.total > 0, nil
}

// betweenKey names two commits of a repository, as an installation may read it.
type betweenKey struct {
	installation, repository int64
	base, head               string
}

// between are the commits that one commit has and another has not.
type between struct {
	commits []betweenCommit // the newest 250, the newest last
	total   int
	behind  int // commits that base has and head has not
}

type betweenCommit struct {
	sha string
	at  time.Time
}

// maxBetween bounds the memory for commits between commits.
const maxBetween = 4 << 20

func newBetween() *cache.Cache[betweenKey, between] {
	return cache.New(maxBetween, func(_ betweenKey, b between) int64 { return 256 + 128*int64(len(b.commits)) })
}

// between asks for the commits between two commits, which never change: a deployment needs
// their dates when it begins, and their pull requests when it ends.
func (c *Clients) between(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, base, head string) (between, error) {
	key := betweenKey{repo.Installation, repo.ID, base, head}
	constant := repo.ID != 0 && IsSHA(base) && IsSHA(head)
	if found, ok := c.commits.Get(key); ok && constant {
		return found, nil
	}
	var answer struct {
		Total   int `json:"total_commits"`
		Behind  int `json:"behind_by"`
		Commits []struct {
			SHA    string `json:"sha"`
			Commit struct {
				Author struct {
					Date time.Time `json:"date"`
				} `json:"author"`
			} `json:"commit"`
		} `json:"commits"`
	}
	path := place(repo) + "/compare/" + url.PathEscape(base+"..."+head) // without paging: the newest commits
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return between{}, err
	}
	found := between{total: answer.Total, behind: answer.Behind}
	for _, commit := range answer.Commits {
		found.commits = append(found.commits, betweenCommit{commit.SHA, commit.Commit.Author.Date})
	}
	if constant {
		c.commits.Add(key, found)
	}
	return found, nil
}

// MostCommits is for how many commits of a deployment, the newest first, the pull
// requests are read. Each costs one request.
const MostCommits = 50

// PullsBetween returns the sorted numbers of the merged pull requests whose commits are
// in head and not in base. If base is empty, only head itself counts. Of more than
// MostCommits commits only the newest count.
func (c *Clients) PullsBetween(ctx context.Context, repo contracts.RepositoryRef, base, head string) ([]int, error) {
	fail := func(err error) ([]int, error) {
		return nil, fmt.Errorf("find the pull requests of %s...%s in %s: %w", base, head, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	commits := []string{head}
	if base != "" && base != head {
		found, err := c.between(ctx, client, repo, base, head)
		if err != nil {
			return fail(err)
		}
		for _, commit := range slices.Backward(found.commits) {
			if IsSHA(commit.sha) && !slices.Contains(commits, commit.sha) {
				commits = append(commits, commit.sha)
			}
		}
	}
	var numbers []int
	for _, commit := range commits[:min(len(commits), MostCommits)] {
		var pulls []struct {
			Number   int     `json:"number"`
			MergedAt *string `json:"merged_at"`
		}
		if _, err := c.ask(ctx, client, http.MethodGet, place(repo)+"/commits/"+commit+"/pulls?per_page=100", nil, &pulls); err != nil {
			return fail(err)
		}
		for _, pull := range pulls {
			if pull.MergedAt != nil && !slices.Contains(numbers, pull.Number) {
				numbers = append(numbers, pull.Number)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}
