package simulator

import (
	"fmt"
	"slices"
	"time"
)

// comment is one comment of a conversation.
type comment struct {
	id        int64
	issue     *issue
	author    *account
	body      string
	created   time.Time
	updated   time.Time
	edits     int
	deleted   bool
	reactions []*reaction
}

// reaction is one emoji by one account.
type reaction struct {
	id      int64
	user    *account
	content string
	created time.Time
}

// Comment writes a comment as a user and delivers issue_comment.created. It gives
// the comment's id.
func (p *PullRequest) Comment(login, body string) int64 {
	s := p.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addComment(p.issue, s.person(login), body).id
}

func (s *Simulator) addComment(i *issue, by *account, body string) *comment {
	c := &comment{id: s.id("comment"), issue: i, author: by, body: body, created: s.now(), updated: s.now()}
	i.comments = append(i.comments, c)
	i.repo.comments[c.id] = c
	i.updated = s.now()
	s.emitComment(c, "created", by, nil)
	return c
}

func (s *Simulator) editComment(c *comment, by *account, body string) {
	before := c.body
	c.body, c.updated = body, s.now()
	c.edits++
	s.emitComment(c, "edited", by, object{"changes": object{"body": object{"from": before}}})
}

func (s *Simulator) deleteComment(c *comment, by *account) {
	c.deleted = true
	c.issue.comments = slices.DeleteFunc(c.issue.comments, func(o *comment) bool { return o == c })
	delete(c.issue.repo.comments, c.id)
	s.emitComment(c, "deleted", by, nil)
}

// EditComment changes a comment as its author and delivers issue_comment.edited.
func (r *Repository) EditComment(id int64, body string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	c := r.mustComment(id)
	r.sim.editComment(c, c.author, body)
}

// DeleteComment removes a comment, as somebody with write access may.
func (r *Repository) DeleteComment(id int64) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.sim.deleteComment(r.mustComment(id), r.owner)
}

func (r *Repository) mustComment(id int64) *comment {
	c := r.comments[id]
	if c == nil {
		panic(fmt.Sprintf("simulator: %s has no comment %d", r.fullName(), id))
	}
	return c
}

// Comment is what Comments tells of one comment.
type Comment struct {
	ID        int64
	Author    string
	Body      string
	Edits     int
	Reactions []string
}

// Comments lists the conversation of the pull request, oldest first.
func (p *PullRequest) Comments() []Comment {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	var list []Comment
	for _, c := range p.comments {
		told := Comment{ID: c.id, Author: c.author.login, Body: c.body, Edits: c.edits}
		for _, r := range c.reactions {
			told.Reactions = append(told.Reactions, r.content)
		}
		list = append(list, told)
	}
	return list
}
