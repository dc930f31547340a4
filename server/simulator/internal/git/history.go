package git

import (
	"container/heap"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
)

// relation is how two commits stand to each other. It never changes and is kept.
type relation struct {
	base    plumbing.Hash       // the newest common ancestor, zero without one
	onlyOne []*gitobject.Commit // what the first reaches and the second does not, newest first
	onlyTwo []*gitobject.Commit // and the other way round
}

// Sides of a walk. A commit that both reach is shared, as are all its ancestors.
const (
	sideOne = 1 << iota
	sideTwo
	shared = sideOne | sideTwo
)

// relate walks back from both commits, newest first, until only shared ones are left:
// a repository with a long history costs no more than what the two differ by.
func (o *Objects) relate(one, two plumbing.Hash) relation {
	key := [2]plumbing.Hash{one, two}
	if known, ok := o.relations[key]; ok {
		return known
	}
	w := walk{git: o, sides: map[plumbing.Hash]int{}, seen: map[plumbing.Hash]*gitobject.Commit{}}
	result := w.relate(one, two)
	o.relations[key] = result
	return result
}

func (w *walk) relate(one, two plumbing.Hash) relation {
	w.paint(one, sideOne)
	w.paint(two, sideTwo)
	var oldest time.Time // of the commits that one side alone reaches
	for w.Len() > 0 && (w.open > 0 || !w.queue[0].Committer.When.Before(oldest)) {
		c := w.expand()
		if w.sides[c.Hash] != shared && (oldest.IsZero() || c.Committer.When.Before(oldest)) {
			oldest = c.Committer.When
		}
	}
	// Among commits of one time an ancestor is known only when all are looked at.
	for newest := w.newestShared(); w.Len() > 0 && !w.queue[0].Committer.When.Before(newest); {
		w.expand()
	}
	result := relation{base: w.mergeBase()}
	result.onlyOne, result.onlyTwo = w.reached(one, sideOne), w.reached(two, sideTwo)
	return result
}

// walk is a queue of commits, the newest first; equal times come out as they went in.
type walk struct {
	git   *Objects
	sides map[plumbing.Hash]int
	seen  map[plumbing.Hash]*gitobject.Commit
	queue []queued
	open  int // queued ones that are not shared
	count int
}

type queued struct {
	*gitobject.Commit
	serial int
	open   bool
}

func (w *walk) Len() int { return len(w.queue) }
func (w *walk) Less(i, j int) bool {
	a, b := w.queue[i], w.queue[j]
	if !a.Committer.When.Equal(b.Committer.When) {
		return a.Committer.When.After(b.Committer.When)
	}
	return a.serial < b.serial
}
func (w *walk) Swap(i, j int) { w.queue[i], w.queue[j] = w.queue[j], w.queue[i] }

// Push is heap.Interface's.
func (w *walk) Push(item any) { w.queue = append(w.queue, item.(queued)) }

// Pop is heap.Interface's.
func (w *walk) Pop() any {
	last := w.queue[len(w.queue)-1]
	w.queue = w.queue[:len(w.queue)-1]
	return last
}

// paint adds a side to a commit and queues it where that is news.
func (w *walk) paint(hash plumbing.Hash, side int) {
	if w.sides[hash]&side == side {
		return
	}
	w.sides[hash] |= side
	if w.seen[hash] == nil {
		c, err := w.git.Commit(hash)
		if err != nil {
			delete(w.sides, hash) // the history of a shallow clone ends here
			return
		}
		w.seen[hash] = c
	}
	w.count++
	item := queued{w.seen[hash], w.count, w.sides[hash] != shared}
	if item.open {
		w.open++
	}
	heap.Push(w, item)
}

func (w *walk) next() *gitobject.Commit {
	item := heap.Pop(w).(queued)
	if item.open {
		w.open--
	}
	return item.Commit
}

// expand takes the next commit and paints its parents.
func (w *walk) expand() *gitobject.Commit {
	c := w.next()
	for _, parent := range c.ParentHashes {
		w.paint(parent, w.sides[c.Hash])
	}
	return c
}

// newestShared is the time of the newest shared commit.
func (w *walk) newestShared() time.Time {
	var newest time.Time
	for hash, side := range w.sides {
		if at := w.seen[hash].Committer.When; side == shared && at.After(newest) {
			newest = at
		}
	}
	return newest
}

// mergeBase returns the newest shared commit that is no ancestor of another, zero
// where nothing is shared.
func (w *walk) mergeBase() plumbing.Hash {
	below := map[plumbing.Hash]bool{} // parents of shared commits
	var candidates []*gitobject.Commit
	for hash, side := range w.sides {
		if side != shared {
			continue
		}
		candidates = append(candidates, w.seen[hash])
		for _, parent := range w.seen[hash].ParentHashes {
			below[parent] = true
		}
	}
	candidates = slices.DeleteFunc(candidates, func(c *gitobject.Commit) bool { return below[c.Hash] })
	if len(candidates) == 0 {
		return plumbing.ZeroHash
	}
	return slices.MaxFunc(candidates, func(a, b *gitobject.Commit) int {
		if c := a.Committer.When.Compare(b.Committer.When); c != 0 {
			return c
		}
		return slices.Compare(b.Hash[:], a.Hash[:])
	}).Hash
}

// reached lists the commits of one side alone, children before their parents and
// otherwise the newest first.
func (w *walk) reached(from plumbing.Hash, side int) []*gitobject.Commit {
	children := map[plumbing.Hash]int{}
	for hash, s := range w.sides {
		if s != side {
			continue
		}
		for _, parent := range w.seen[hash].ParentHashes {
			children[parent]++
		}
	}
	var list []*gitobject.Commit
	if w.sides[from] != side {
		return list
	}
	ready := walk{git: w.git, sides: map[plumbing.Hash]int{}, seen: w.seen}
	ready.paint(from, side)
	for ready.Len() > 0 {
		c := ready.next()
		list = append(list, c)
		for _, parent := range c.ParentHashes {
			if children[parent]--; children[parent] == 0 && w.sides[parent] == side {
				ready.paint(parent, side)
			}
		}
	}
	return list
}
