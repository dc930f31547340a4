package checks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// CommentState is what is remembered of a pull request's one comment. The zero
// state: none was made yet.
//
//	none ──create──▶ kept ──edit──▶ kept (another text, or the closing one)
//	  ▲                │
//	  └──── deleted ◀──┘ by somebody; made anew when there is something to say
type CommentState struct {
	ID int64 `json:"id,omitempty"`
	// Hash of the text that it shows.
	Hash string `json:"hash,omitempty"`
	// Mentioned are the owners that were called, with spaces between.
	Mentioned string `json:"mentioned,omitempty"`
	// Unsure: an earlier attempt may have made the comment without this being
	// remembered, so it is looked for before another is made. Whoever tries again
	// after an attempt that ended without an answer sets it.
	Unsure bool `json:"unsure,omitempty"`
}

// KeepComment brings the one comment of a pull request to what it should say: it
// is made only where that is needed, edited in place only where the text has
// changed, and made anew where somebody deleted it. Owners are called once. Doing
// it again does nothing more. With an error, the state says what is known so far.
func KeepComment(ctx context.Context, comments Comments, repo contracts.RepositoryRef, number int, state CommentState, c Comment) (CommentState, error) {
	if c.Text == "" {
		return state, nil
	}
	k := keeper{comments, repo, number, c}
	if state.ID == 0 && state.Unsure {
		id, err := comments.FindComment(ctx, repo, number, CommentMarker)
		if err != nil {
			return state, fmt.Errorf("look for the comment on %s#%d: %w", repo.FullName(), number, err)
		}
		state.Unsure = false
		if id != 0 {
			state.ID, state.Hash = id, ""
			state.Mentioned = called(state.Mentioned, c.Owners) // by the attempt that made it
		}
	}
	switch {
	case state.ID == 0 && !c.Needed:
		return state, nil
	case state.ID == 0:
		return k.create(ctx, state)
	case state.Hash == c.hash():
		return state, nil
	default:
		return k.edit(ctx, state)
	}
}

type keeper struct {
	comments Comments
	repo     contracts.RepositoryRef
	number   int
	comment  Comment
}

func (k keeper) create(ctx context.Context, state CommentState) (CommentState, error) {
	call := k.comment.uncalled(state)
	id, err := k.comments.CreateComment(ctx, k.repo, k.number, k.comment.Body(call))
	if err != nil {
		state.Unsure = true // GitHub may have made it all the same
		return state, fmt.Errorf("create the comment on %s#%d: %w", k.repo.FullName(), k.number, err)
	}
	return CommentState{ID: id, Hash: k.comment.hash(), Mentioned: called(state.Mentioned, call)}, nil
}

func (k keeper) edit(ctx context.Context, state CommentState) (CommentState, error) {
	call := k.comment.uncalled(state)
	err := k.comments.EditComment(ctx, k.repo, state.ID, k.comment.Body(call))
	if errors.Is(err, fs.ErrNotExist) {
		state.ID, state.Hash = 0, ""
		if !k.comment.Needed {
			return state, nil
		}
		return k.create(ctx, state)
	}
	if err != nil {
		return state, fmt.Errorf("edit comment %d on %s#%d: %w", state.ID, k.repo.FullName(), k.number, err)
	}
	state.Hash, state.Mentioned = k.comment.hash(), called(state.Mentioned, call)
	return state, nil
}

// uncalled are the owners that no version of the comment has called.
func (c Comment) uncalled(state CommentState) []string {
	before := strings.Fields(state.Mentioned)
	var call []string
	for _, owner := range c.Owners {
		if !slices.Contains(before, owner) && len(call) < mostMentions {
			call = append(call, owner)
		}
	}
	return call
}

func called(before string, now []string) string {
	owners := strings.Fields(before)
	for _, owner := range now {
		if !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	return strings.Join(owners, " ")
}

func (c Comment) hash() string {
	sum := sha256.Sum256([]byte(c.Text))
	return hex.EncodeToString(sum[:16])
}
