package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"plimsoll/contracts"
)

// MaxCompareFiles is how many files GitHub lists of a comparison, all of them with
// its first page.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
const MaxCompareFiles = 300

// FileStatus says what happened to a file, in GitHub's words.
type FileStatus string

// The statuses.
const (
	FileAdded     FileStatus = "added"
	FileRemoved   FileStatus = "removed"
	FileModified  FileStatus = "modified"
	FileRenamed   FileStatus = "renamed"
	FileCopied    FileStatus = "copied"
	FileChanged   FileStatus = "changed" // its mode
	FileUnchanged FileStatus = "unchanged"
)

// ChangedFile is one file of a comparison. Previous is the old path of a renamed
// or copied file. SHA names the content at head, of a removed file at base.
type ChangedFile struct {
	Path, Previous string
	Status         FileStatus
	SHA            string
}

// Comparison is what head has that base has not: from their merge base to head.
type Comparison struct {
	// MergeBase is a commit, MergeBaseTree its tree.
	MergeBase, MergeBaseTree string
	Files                    []ChangedFile
	// Complete is false where GitHub listed as many files as it ever does: there
	// may be more, and the trees have to be compared.
	Complete bool
	// Ahead and Behind count commits.
	Ahead, Behind int
}

// Compare asks what changed from the merge base of base and head to head, in one
// request. Both are commits (full SHAs), or branches.
func (c *Clients) Compare(ctx context.Context, repo contracts.RepositoryRef, base, head string) (Comparison, error) {
	fail := func(err error) (Comparison, error) {
		return Comparison{}, fmt.Errorf("compare %s...%s of %s: %w", base, head, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	if base == "" || head == "" {
		return fail(&Error{Class: ClassPermanent, Message: "need two commits"})
	}
	var answer struct {
		MergeBase struct {
			SHA    string `json:"sha"`
			Commit struct {
				Tree struct {
					SHA string `json:"sha"`
				} `json:"tree"`
			} `json:"commit"`
		} `json:"merge_base_commit"`
		Ahead  int `json:"ahead_by"`
		Behind int `json:"behind_by"`
		// Not the library's type: it holds every patch.
		Files []struct {
			SHA      string     `json:"sha"`
			Path     string     `json:"filename"`
			Previous string     `json:"previous_filename"`
			Status   FileStatus `json:"status"`
		} `json:"files"`
	}
	// The files come with page 1 whatever its size; of the commits none is needed.
	path := "repos/" + repo.FullName() + "/compare/" + url.PathEscape(base) + "..." + url.PathEscape(head) + "?per_page=1&page=1"
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return fail(err)
	}
	comparison := Comparison{
		MergeBase: answer.MergeBase.SHA, MergeBaseTree: answer.MergeBase.Commit.Tree.SHA,
		Complete: len(answer.Files) < MaxCompareFiles,
		Ahead:    answer.Ahead, Behind: answer.Behind,
	}
	if comparison.MergeBase == "" || comparison.MergeBaseTree == "" {
		return fail(incomplete("merge base"))
	}
	comparison.Files = make([]ChangedFile, len(answer.Files))
	for i, f := range answer.Files {
		comparison.Files[i] = ChangedFile{Path: f.Path, Previous: f.Previous, Status: f.Status, SHA: f.SHA}
	}
	return comparison, nil
}
