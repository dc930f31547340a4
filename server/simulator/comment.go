package simulator

// Comment writes a comment as a user and delivers issue_comment.created. It returns
// the comment's id.
func (p *PullRequest) Comment(login, body string) int64 {
	defer p.sim.lock()()
	return p.model.AddComment(p.sim.github.Person(login), body).ID
}

// EditComment changes a comment as its author and delivers issue_comment.edited.
func (r *Repository) EditComment(id int64, body string) {
	defer r.sim.lock()()
	c := r.model.MustComment(id)
	c.Edit(c.Author, body)
}

// DeleteComment removes a comment, as somebody with write access may.
func (r *Repository) DeleteComment(id int64) {
	defer r.sim.lock()()
	r.model.MustComment(id).Delete(r.model.Owner)
}

// Comment is one comment of Comments.
type Comment struct {
	ID        int64
	Author    string
	Body      string
	Edits     int
	Reactions []string
}

// Comments lists the conversation of the pull request, oldest first.
func (p *PullRequest) Comments() []Comment {
	defer p.sim.lock()()
	var list []Comment
	for _, c := range p.model.Comments {
		comment := Comment{ID: c.ID, Author: c.Author.Login, Body: c.Body, Edits: c.Edits}
		for _, r := range c.Reactions {
			comment.Reactions = append(comment.Reactions, r.Content)
		}
		list = append(list, comment)
	}
	return list
}
