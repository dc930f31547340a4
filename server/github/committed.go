package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"plimsoll/contracts"
)

// CommittedBetween gives when the commits were written (their authors' dates) that head
// has and base has not, as far as GitHub lists them with the first page, and how many
// there are: one request.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
func (c *Clients) CommittedBetween(ctx context.Context, repo contracts.RepositoryRef, base, head string) (committed []time.Time, of int, err error) {
	fail := func(err error) ([]time.Time, int, error) {
		return nil, 0, fmt.Errorf("ask when the commits of %s...%s in %s were written: %w", base, head, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var answer struct {
		Total   int `json:"total_commits"`
		Commits []struct {
			Commit struct {
				Author struct {
					Date time.Time `json:"date"`
				} `json:"author"`
			} `json:"commit"`
		} `json:"commits"`
	}
	path := place(repo) + "/compare/" + url.PathEscape(base+"..."+head) + "?per_page=100"
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return fail(err)
	}
	for _, commit := range answer.Commits {
		committed = append(committed, commit.Commit.Author.Date)
	}
	return committed, answer.Total, nil
}
