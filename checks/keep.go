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

// CommentState is what earlier versions stored of a pull request's one comment.
type CommentState struct {
	ID int64 `json:"id,omitempty"`
	// Hash of the text that it shows.
	Hash string `json:"hash,omitempty"`
	// Mentioned are the owners that were called, with spaces between.
	Mentioned string `json:"mentioned,omitempty"`
}

// commentState is what is known of a comment while it is published.
type commentState struct {
	ID        int64
	Mentioned string // the owners that were called, with spaces between
}

// keeper makes and edits one comment. Owners are called once, by whichever version of it.
type keeper struct {
	comments Comments
	repo     contracts.RepositoryRef
	comment  CommentContent
}

func (k keeper) create(ctx context.Context, state *commentState) error {
	call := k.comment.uncalled(state.Mentioned)
	id, err := k.comments.CreateComment(ctx, k.repo, k.comment.Number, k.comment.text(call))
	if err != nil {
		return fmt.Errorf("create the comment on %s#%d: %w", k.repo.FullName(), k.comment.Number, err)
	}
	state.ID, state.Mentioned = id, called(state.Mentioned, call)
	return nil
}

// edit replaces the text; gone tells that somebody has deleted the comment.
func (k keeper) edit(ctx context.Context, state *commentState) (gone bool, err error) {
	call := k.comment.uncalled(state.Mentioned)
	err = k.comments.EditComment(ctx, k.repo, state.ID, k.comment.text(call))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("edit comment %d on %s#%d: %w", state.ID, k.repo.FullName(), k.comment.Number, err)
	}
	state.Mentioned = called(state.Mentioned, call)
	return false, nil
}

// text is what is sent.
func (c CommentContent) text(call []string) string {
	if c.Whole {
		return c.Text
	}
	return c.Body(call)
}

// uncalled are the owners that no version of the comment has called.
func (c Comment) uncalled(mentioned string) []string {
	before := strings.Fields(mentioned)
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
