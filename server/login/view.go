package login

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"plimsoll/server/github"
)

// How long GitHub's answers about a person count, and how much of them is kept: entries of
// all people together, and people.
const (
	keepView     = 5 * time.Minute
	keepUnsure   = 5 * time.Second // where it is not settled what a person may do
	mostPeople   = 10_000
	mostEntries  = 4_000_000
	lookWithin   = time.Minute
	listedAtOnce = 4
)

// mostReadable bounds what is asked about one person: 200 pages.
const mostReadable = 20_000

// view is what one person may see.
type view struct {
	person   github.Person
	operator bool
	settled  bool
	readable map[int64]bool
	writable sync.Map // of the repositories that were asked for: whether the person may push
	until    time.Time
}

// views keeps the views of sessions.
type views struct {
	flight singleflight.Group

	mu      sync.Mutex
	kept    *simplelru.LRU[string, *view]
	entries int // of all that are kept
	// generation counts how often all were forgotten.
	generation int
}

func newViews() *views {
	v := &views{}
	v.kept, _ = simplelru.NewLRU(mostPeople, func(_ string, dropped *view) { v.entries -= len(dropped.readable) }) // fails only for a size that is not positive
	return v
}

// of gives a session's view. If it is not kept, it is looked for once, however many ask.
func (v *views) of(ctx context.Context, session string, now time.Time, look func(context.Context) (*view, error)) (*view, error) {
	v.mu.Lock()
	kept, ok := v.kept.Get(session)
	generation := v.generation
	v.mu.Unlock()
	if ok && now.Before(kept.until) {
		return kept, nil
	}
	found := v.flight.DoChan(fmt.Sprint(session, " ", generation), func() (any, error) {
		// Others may wait for the answer when the first one who asked has gone.
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookWithin)
		defer cancel()
		made, err := look(asking)
		if err != nil {
			return nil, err
		}
		made.until = now.Add(keepView)
		if !made.settled {
			made.until = now.Add(keepUnsure)
		}
		v.keep(session, made, generation)
		return made, nil
	})
	select {
	case result := <-found:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*view), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (v *views) keep(session string, made *view, generation int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if generation != v.generation {
		return // it was looked up by what counted before
	}
	v.kept.Remove(session)
	v.entries += len(made.readable)
	v.kept.Add(session, made)
	for v.entries > mostEntries && v.kept.Len() > 1 {
		v.kept.RemoveOldest()
	}
}

func (v *views) forget(session string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kept.Remove(session)
}

// forgetAll has every session looked up again. What is being looked up is not kept.
func (v *views) forgetAll() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kept.Purge()
	v.generation++
}

// errOtherPerson says that a token is not of the person who has signed in.
var errOtherPerson = errors.New("the token belongs to another person")

// look asks GitHub what a person may see.
func (p *People) look(ctx context.Context, session Session, token string) (*view, error) {
	person, err := p.deps.GitHub.UserOf(ctx, token)
	if err != nil {
		return nil, err
	}
	if person.ID != session.Person {
		return nil, errOtherPerson
	}
	made := &view{person: person, readable: map[int64]bool{}}
	if made.operator, made.settled, err = p.deps.Rights.Operates(ctx, person); err != nil {
		return nil, fmt.Errorf("ask whether %s is an operator: %w", person.Login, err)
	}
	public, err := p.deps.Store.PublicRepositories(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range public {
		made.readable[id] = true
	}
	installations, err := pages(func(page int) ([]int64, int, error) { return p.deps.GitHub.UserInstallations(ctx, token, page) })
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var asking errgroup.Group
	asking.SetLimit(listedAtOnce)
	for _, installation := range installations {
		asking.Go(func() error {
			ids, err := pages(func(page int) ([]int64, int, error) {
				return p.deps.GitHub.UserRepositories(ctx, token, installation, page)
			})
			if github.Classify(err) == github.ClassNotFound {
				return nil // suspended or removed meanwhile, or single sign-on has no session
			}
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				made.readable[id] = true
			}
			return err
		})
	}
	return made, asking.Wait()
}

// pages reads a list to its end, or to mostReadable.
func pages(read func(page int) (ids []int64, next int, err error)) (all []int64, err error) {
	for page := 1; page > 0 && len(all) < mostReadable; {
		ids, next, err := read(page)
		if err != nil {
			return nil, err
		}
		all, page = append(all, ids...), next
	}
	return all, nil
}
