package model

import (
	"fmt"
	"slices"
	"time"
)

// Comment is one comment of a conversation.
type Comment struct {
	ID        int64
	Issue     *Issue
	Author    *Account
	Body      string
	Created   time.Time
	Updated   time.Time
	Edits     int
	Reactions []*Reaction
}

// Reaction is one emoji by one account.
type Reaction struct {
	ID      int64
	User    *Account
	Content string
	Created time.Time
}

// ReactionContents are GitHub's eight.
var ReactionContents = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

// AddComment writes a comment.
func (i *Issue) AddComment(by *Account, body string) *Comment {
	g := i.Repo.GitHub
	c := &Comment{ID: g.NextID("comment"), Issue: i, Author: by, Body: body, Created: g.Now(), Updated: g.Now()}
	i.Comments = append(i.Comments, c)
	i.Repo.Comments[c.ID] = c
	i.Updated = g.Now()
	c.emit("created", by)
	return c
}

// Edit changes a comment.
func (c *Comment) Edit(by *Account, body string) {
	before := c.Body
	c.Body, c.Updated = body, c.Issue.Repo.GitHub.Now()
	c.Edits++
	c.emit("edited", by, Change{"body", before})
}

// Delete removes a comment.
func (c *Comment) Delete(by *Account) {
	c.Issue.Comments = slices.DeleteFunc(c.Issue.Comments, func(o *Comment) bool { return o == c })
	delete(c.Issue.Repo.Comments, c.ID)
	c.emit("deleted", by)
}

func (c *Comment) emit(action string, by *Account, changes ...Change) {
	c.Issue.Repo.GitHub.Emit(Event{Name: "issue_comment", Action: action, Repository: c.Issue.Repo, By: by, Subject: c, Changes: changes})
}

// React adds a reaction.
func (c *Comment) React(by *Account, content string) *Reaction {
	g := c.Issue.Repo.GitHub
	r := &Reaction{ID: g.NextID("reaction"), User: by, Content: content, Created: g.Now()}
	c.Reactions = append(c.Reactions, r)
	return r
}

// MustComment returns a comment that must be there.
func (r *Repository) MustComment(id int64) *Comment {
	c := r.Comments[id]
	if c == nil {
		panic(fmt.Sprintf("simulator: %s has no comment %d", r.FullName(), id))
	}
	return c
}
