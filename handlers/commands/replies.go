package commands

import (
	"context"
	"errors"

	"plimsoll/checks"
	commandtext "plimsoll/checks/text/command"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/contracts"
	"plimsoll/handlers/require"
)

// Publications stores what should stand on GitHub and has it published.
type Publications interface {
	Put(ctx context.Context, repo contracts.RepositoryRef, all ...checks.Publication) error
	// PutComment stores without having it published.
	PutComment(ctx context.Context, repo contracts.RepositoryRef, p checks.Publication) error
	Published(ctx context.Context, repo contracts.RepositoryRef, subject string, kind checks.PublicationKind, name string) (p checks.Publication, ok bool, err error)
}

// Replies answers people on their pull request, once for each thing that they asked for.
type Replies struct {
	publications Publications
	explain      Explain
}

// Explain gives the text for an error that is reported to people. report is false for an
// error that may pass by itself, and for one that must not be shown.
type Explain func(ctx context.Context, err error) (explanation failuretext.Explanation, report bool)

// NewReplies returns Replies.
func NewReplies(publications Publications, explain Explain) (*Replies, error) {
	r := Replies{publications, explain}
	if err := require.All(r); err != nil {
		return nil, err
	}
	return &r, nil
}

// say answers in a comment, once for each source.
func (r *Replies) say(ctx context.Context, repo contracts.RepositoryRef, number int, source string, answers []commandtext.Answer) error {
	text := commandtext.AnswerComment(source, answers)
	if text == "" {
		return nil
	}
	return r.publications.Put(ctx, repo, checks.CommentPublication("answer/"+source, checks.CommentContent{
		Number: number, Comment: checks.Comment{Text: text}, Marker: checks.AnswerMarker(source), Whole: true, Once: true,
	}))
}

// admit reports that a command could not be done, if the cause won't pass by itself, and
// returns the error.
func (r *Replies) admit(ctx context.Context, repo contracts.RepositoryRef, number int, source, line string, failure error) error {
	explanation, report := r.explain(ctx, failure)
	if report {
		answer := commandtext.NotDone(explanation)
		answer.Command = line
		return errors.Join(failure, r.say(ctx, repo, number, source+"/failed", []commandtext.Answer{answer}))
	}
	return failure
}
