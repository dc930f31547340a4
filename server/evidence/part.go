package evidence

import (
	"context"
	"fmt"
	"html/template"
	"strings"
	"time"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Part is a page's content without the page around it, for people who have logged in.
type Part struct {
	Title   string
	Outcome deploytext.Outcome
	// Headline and Article are ours, and escaped.
	Headline, Article template.HTML
	// Refresh is after how many seconds it shows something new; 0: never.
	Refresh int
	Run     deploy.VerificationRun
}

// Part makes the content of the page of one verification. The caller has checked who asks:
// no link is needed.
func (p *Pages) Part(ctx context.Context, repo contracts.RepositoryRef, id string, now time.Time) (Part, error) {
	repository, err := p.config.Store.Repository(ctx, repo.Installation, repo.ID)
	if err != nil {
		return Part{}, err
	}
	select {
	case p.drawing <- struct{}{}:
		defer func() { <-p.drawing }()
	case <-ctx.Done():
		return Part{}, ctx.Err()
	}
	s, err := p.load(ctx, asked{repo: repo, id: id, tightened: repository.Tightened}, now)
	if err != nil {
		return Part{}, err
	}
	v := s.view()
	part := Part{Title: v.Title, Outcome: v.Outcome, Refresh: v.Refresh, Run: s.Run}
	for name, to := range map[string]*template.HTML{"headline": &part.Headline, "article": &part.Article} {
		var out strings.Builder
		if err := pageTemplate().ExecuteTemplate(&out, name, v); err != nil {
			return Part{}, fmt.Errorf("write the evidence of %s: %w", id, err)
		}
		*to = template.HTML(out.String())
	}
	return part, nil
}
