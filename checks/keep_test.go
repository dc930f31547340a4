package checks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
)

// thread is a pull request's comments.
type thread struct {
	bodies map[int64]string
	last   int64
	calls  []string
	// lose makes the next create happen and its answer be lost.
	lose error
	// fail makes the next call fail before anything happens.
	fail error
}

var _ Comments = (*thread)(nil)

func (th *thread) call(what string) error {
	th.calls = append(th.calls, what)
	err := th.fail
	th.fail = nil
	return err
}

func (th *thread) CreateComment(_ context.Context, _ contracts.RepositoryRef, _ int, body string) (int64, error) {
	if err := th.call("create"); err != nil {
		return 0, err
	}
	th.last++
	if th.bodies == nil {
		th.bodies = map[int64]string{}
	}
	th.bodies[th.last] = body
	if err := th.lose; err != nil {
		th.lose = nil
		return 0, err
	}
	return th.last, nil
}

func (th *thread) EditComment(_ context.Context, _ contracts.RepositoryRef, id int64, body string) error {
	if err := th.call("edit"); err != nil {
		return err
	}
	if _, ok := th.bodies[id]; !ok {
		return fmt.Errorf("PATCH comment %d: 404: %w", id, fs.ErrNotExist)
	}
	th.bodies[id] = body
	return nil
}

func (th *thread) FindComment(_ context.Context, _ contracts.RepositoryRef, _ int, marker string) (int64, error) {
	if err := th.call("find"); err != nil {
		return 0, err
	}
	for id, body := range th.bodies {
		if strings.Contains(body, marker) {
			return id, nil
		}
	}
	return 0, nil
}

func (th *thread) keep(t *testing.T, state CommentState, c Comment) CommentState {
	t.Helper()
	state, err := KeepComment(t.Context(), th, repo, 17, state, c)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func (th *thread) expect(t *testing.T, calls ...string) {
	t.Helper()
	if !slices.Equal(th.calls, calls) {
		t.Fatalf("calls %v, want %v", th.calls, calls)
	}
	th.calls = nil
}

var (
	saying = Comment{Text: "two break\n", Owners: []string{"@acme/checkout", "@acme/mobile"}, Needed: true}
	fewer  = Comment{Text: "one breaks\n", Owners: []string{"@acme/mobile"}, Needed: true}
	done   = Comment{Text: "✅ **Resolved**\n"}
)

func TestKeepCommentThroughItsLife(t *testing.T) {
	th := &thread{}
	state := th.keep(t, CommentState{}, done)
	th.expect(t) // nothing to say
	state = th.keep(t, state, saying)
	th.expect(t, "create")
	if body := th.bodies[1]; !strings.HasPrefix(body, "two break\n") || !strings.Contains(body, "\ncc @acme/checkout @acme/mobile\n") || !strings.Contains(body, CommentMarker) {
		t.Errorf("body %q", body)
	}
	state = th.keep(t, state, saying)
	th.expect(t) // the same
	state = th.keep(t, state, fewer)
	th.expect(t, "edit")
	if strings.Contains(th.bodies[1], "@") {
		t.Errorf("an edit mentions again: %q", th.bodies[1])
	}
	more := fewer
	more.Text, more.Owners = "three break\n", []string{"@acme/mobile", "@dora"}
	state = th.keep(t, state, more)
	th.expect(t, "edit")
	if !strings.Contains(th.bodies[1], "\ncc @dora\n") {
		t.Errorf("an owner who was never called is not called: %q", th.bodies[1])
	}
	state = th.keep(t, state, done)
	th.expect(t, "edit")
	if !strings.Contains(th.bodies[1], "Resolved") || strings.Contains(th.bodies[1], "@") {
		t.Errorf("body %q", th.bodies[1])
	}
	state = th.keep(t, state, done)
	th.expect(t)
	state = th.keep(t, state, saying)
	th.expect(t, "edit")
	if state.ID != 1 || len(th.bodies) != 1 {
		t.Errorf("state %+v, %d comments", state, len(th.bodies))
	}
}

func TestKeepCommentLeavesItWhereNothingIsKnown(t *testing.T) {
	th := &thread{}
	state := th.keep(t, CommentState{}, saying)
	th.calls = nil
	if after := th.keep(t, state, Comment{}); after != state {
		t.Errorf("state %+v became %+v", state, after)
	}
	th.expect(t)
}

func TestKeepCommentDeletedBySomebody(t *testing.T) {
	th := &thread{}
	state := th.keep(t, CommentState{}, saying)
	delete(th.bodies, 1)
	th.calls = nil
	state = th.keep(t, state, fewer)
	th.expect(t, "edit", "create")
	if state.ID != 2 || strings.Contains(th.bodies[2], "@") {
		t.Errorf("state %+v, body %q", state, th.bodies[2])
	}
	delete(th.bodies, 2)
	state = th.keep(t, state, done)
	th.expect(t, "edit")
	if state.ID != 0 || len(th.bodies) != 0 {
		t.Errorf("nothing is left to say, yet: %+v, %v", state, th.bodies)
	}
	state = th.keep(t, state, done)
	th.expect(t)
	if state.ID != 0 {
		t.Errorf("state %+v", state)
	}
}

func TestKeepCommentAnswerLost(t *testing.T) {
	lost := errors.New("connection reset")
	th := &thread{lose: lost}
	state, err := KeepComment(t.Context(), th, repo, 17, CommentState{}, saying)
	if !errors.Is(err, lost) || !state.Unsure || state.ID != 0 {
		t.Fatalf("state %+v, error %v", state, err)
	}
	th.expect(t, "create")
	state = th.keep(t, state, saying)
	th.expect(t, "find", "edit")
	if len(th.bodies) != 1 || state.ID != 1 || state.Unsure {
		t.Fatalf("%d comments, state %+v", len(th.bodies), state)
	}
	if strings.Contains(th.bodies[1], "cc @") {
		t.Errorf("the owners are called twice: %q", th.bodies[1])
	}
	th.keep(t, state, saying)
	th.expect(t)
}

func TestKeepCommentUnsureAndNothingThere(t *testing.T) {
	th := &thread{}
	state := th.keep(t, CommentState{Unsure: true}, saying)
	th.expect(t, "find", "create")
	if !strings.Contains(th.bodies[1], "cc @acme/checkout") || state.Unsure {
		t.Errorf("body %q, state %+v", th.bodies[1], state)
	}
	th = &thread{}
	if state := th.keep(t, CommentState{Unsure: true}, done); state != (CommentState{}) {
		t.Errorf("state %+v", state)
	}
	th.expect(t, "find")
}

func TestKeepCommentErrors(t *testing.T) {
	down := errors.New("502")
	for name, c := range map[string]struct {
		state CommentState
		want  CommentState
	}{
		"find": {CommentState{Unsure: true}, CommentState{Unsure: true}},
		"edit": {CommentState{ID: 1, Hash: "x", Mentioned: "@dora"}, CommentState{ID: 1, Hash: "x", Mentioned: "@dora"}},
	} {
		th := &thread{fail: down}
		state, err := KeepComment(t.Context(), th, repo, 17, c.state, saying)
		if !errors.Is(err, down) || state != c.want {
			t.Errorf("%s: state %+v, error %v", name, state, err)
		}
	}
}

func TestCommentFits(t *testing.T) {
	owners := make([]string, 100)
	for i := range owners {
		owners[i] = fmt.Sprintf("@acme/%s-%d", strings.Repeat("x", 80), i)
	}
	c := Comment{Text: strings.Repeat("- ä\n", 50_000), Owners: owners, Needed: true}
	th := &thread{}
	state := th.keep(t, CommentState{}, c)
	body := th.bodies[1]
	if len(body) > MaxComment || !strings.Contains(body, CommentMarker) || !strings.Contains(body, "left out") {
		t.Errorf("%d bytes, ends in %q", len(body), body[len(body)-300:])
	}
	if n := strings.Count(body, "@"); n != mostMentions || len(strings.Fields(state.Mentioned)) != mostMentions {
		t.Errorf("%d mentions, %d remembered", n, len(strings.Fields(state.Mentioned)))
	}
}
