package git

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
)

// TestRelate compares with what the definition says, on random histories: with
// clocks that stand still, go on, or stumble along.
func TestRelate(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 150 {
		git := New()
		tree := git.WriteTree(nil)
		now := time.Unix(1_700_000_000, 0)
		var all []plumbing.Hash
		ancestors := map[plumbing.Hash]map[plumbing.Hash]bool{}
		for i := range 4 + random.IntN(25) {
			var parents []plumbing.Hash
			for range random.IntN(3) {
				if len(all) > 0 {
					if p := all[max(0, len(all)-1-random.IntN(6))]; !slices.Contains(parents, p) {
						parents = append(parents, p)
					}
				}
			}
			now = now.Add(time.Duration(random.IntN(1+round%3)) * time.Second)
			c := git.WriteCommit(tree, parents, "ada", now, fmt.Sprint(i))
			own := map[plumbing.Hash]bool{c: true}
			for _, p := range parents {
				for a := range ancestors[p] {
					own[a] = true
				}
			}
			ancestors[c] = own
			all = append(all, c)
		}
		for range 30 {
			one, two := all[random.IntN(len(all))], all[random.IntN(len(all))]
			got := git.relate(one, two)
			checkSide(t, "first", got.onlyOne, ancestors, one, two)
			checkSide(t, "second", got.onlyTwo, ancestors, two, one)
			common := 0
			for a := range ancestors[one] {
				if !ancestors[two][a] {
					continue
				}
				common++
				if a != got.base && ancestors[a][got.base] {
					t.Fatalf("round %d: %s is a newer common ancestor than %s", round, a, got.base)
				}
			}
			if (common == 0) != got.base.IsZero() || common > 0 && !(ancestors[one][got.base] && ancestors[two][got.base]) {
				t.Fatalf("round %d: base %s of %d common ancestors", round, got.base, common)
			}
		}
	}
}

func checkSide(t *testing.T, name string, got []*gitobject.Commit, ancestors map[plumbing.Hash]map[plumbing.Hash]bool, here, there plumbing.Hash) {
	t.Helper()
	want := 0
	for a := range ancestors[here] {
		if !ancestors[there][a] {
			want++
		}
	}
	if len(got) != want {
		t.Fatalf("%s: %d commits, want %d", name, len(got), want)
	}
	for i, c := range got {
		if !ancestors[here][c.Hash] || ancestors[there][c.Hash] {
			t.Fatalf("%s: %s is not of this side", name, c.Hash)
		}
		for _, later := range got[i+1:] {
			if ancestors[later.Hash][c.Hash] {
				t.Fatalf("%s: a parent stands before its child", name)
			}
		}
	}
}

// TestRelateLooksNoFurtherThanItMust: two branches of a long history.
func TestRelateLooksNoFurtherThanItMust(t *testing.T) {
	git := New()
	tree := git.WriteTree(nil)
	now := time.Unix(1_700_000_000, 0)
	var tip plumbing.Hash
	for i := range 2000 {
		var parents []plumbing.Hash
		if i > 0 {
			parents = []plumbing.Hash{tip}
		}
		now = now.Add(time.Minute)
		tip = git.WriteCommit(tree, parents, "ada", now, fmt.Sprint(i))
	}
	one := git.WriteCommit(tree, []plumbing.Hash{tip}, "ada", now.Add(time.Hour), "one")
	two := git.WriteCommit(tree, []plumbing.Hash{tip}, "ada", now.Add(2*time.Hour), "two")
	w := walk{git: git, sides: map[plumbing.Hash]int{}, seen: map[plumbing.Hash]*gitobject.Commit{}}
	result := w.relate(one, two)
	if result.base != tip || len(result.onlyOne) != 1 || len(result.onlyTwo) != 1 {
		t.Errorf("%+v", result)
	}
	if len(w.seen) > 10 {
		t.Errorf("looked at %d commits", len(w.seen))
	}
}
