package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"plimsoll/contracts"
	"plimsoll/server/bucket"
	"plimsoll/server/github"
)

// How long an answer of GitHub's counts, and how much is kept.
const (
	keepYes  = 5 * time.Minute
	keepNo   = time.Minute
	mostKept = 100_000
)

// How much one token may ask, and an address with tokens that GitHub has not accepted
// here before: each of those costs a request to GitHub. A token that it has accepted asks
// on its own account, whatever others behind its address do.
const (
	tokenBurst, tokenPerSecond     = 120, 4
	unknownBurst, unknownPerSecond = 300, 5
	// badTokenCost is what a token that GitHub does not know costs its address: the
	// server must not be of use for guessing tokens.
	badTokenCost = 10
)

// door asks GitHub what a token may read, and remembers it by the token's hash.
type door struct {
	github GitHub
	now    func() time.Time

	mu       sync.Mutex
	readable *simplelru.LRU[readKey, readAnswer]
	accepted *simplelru.LRU[tokenHash, struct{}] // tokens that GitHub accepted when it was last asked
	tokens   *bucket.Buckets[tokenHash]
	unknown  *bucket.Buckets[string]
}

type tokenHash [sha256.Size]byte

type readKey struct {
	token tokenHash
	name  string // owner/repo in small letters
}

type readAnswer struct {
	repo  contracts.RepositoryRef // zero: no
	until time.Time
}

func newDoor(gh GitHub, now func() time.Time) *door {
	d := &door{github: gh, now: now, tokens: bucket.New[tokenHash](tokenBurst, tokenPerSecond, mostKept), unknown: bucket.New[string](unknownBurst, unknownPerSecond, mostKept)}
	// The constructors fail only for a size that is not positive.
	d.readable, _ = simplelru.NewLRU[readKey, readAnswer](mostKept, nil)
	d.accepted, _ = simplelru.NewLRU[tokenHash, struct{}](mostKept, nil)
	return d
}

// asker is who asks, for the time of one request. The token is kept no longer.
type asker struct {
	door    *door
	token   string
	hash    tokenHash
	address string
}

// open lets in who shows a token, unless it asks too much.
func (d *door) open(r *http.Request) (*asker, error) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !ok || token == "" || !strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "token") {
		return nil, unauthorized
	}
	who := &asker{door: d, token: token, hash: sha256.Sum256([]byte(token)), address: bucket.Client(r)}
	if wait := d.tokens.Take(who.hash, 1, d.now()); wait > 0 {
		return nil, tooMuch(wait)
	}
	return who, nil
}

func tooMuch(wait time.Duration) error {
	return &refusal{status: http.StatusTooManyRequests, what: "too many questions", hint: "ask again later", after: wait}
}

// reads gives a repository that the token may read; notFound for any other.
func (who *asker) reads(ctx context.Context, owner, name string) (contracts.RepositoryRef, error) {
	repo, known := who.recalled(owner, name)
	if !known {
		var err error
		if repo, err = who.ask(ctx, owner, name); err != nil {
			return repo, err
		}
	}
	if repo.ID == 0 {
		return repo, notFound
	}
	return repo, nil
}

func (who *asker) key(owner, name string) readKey {
	return readKey{who.hash, strings.ToLower(owner + "/" + name)}
}

// recalled returns what GitHub has answered recently.
func (who *asker) recalled(owner, name string) (repo contracts.RepositoryRef, known bool) {
	d := who.door
	d.mu.Lock()
	defer d.mu.Unlock()
	kept, ok := d.readable.Get(who.key(owner, name))
	if !ok || !d.now().Before(kept.until) {
		return contracts.RepositoryRef{}, false
	}
	return kept.repo, true
}

// ask asks GitHub and keeps what it says; the zero repository is no.
func (who *asker) ask(ctx context.Context, owner, name string) (contracts.RepositoryRef, error) {
	d, now := who.door, who.door.now()
	d.mu.Lock()
	accepted := d.accepted.Contains(who.hash)
	d.mu.Unlock()
	if !accepted {
		if wait := d.unknown.Take(who.address, 1, now); wait > 0 {
			return contracts.RepositoryRef{}, tooMuch(wait)
		}
	}
	repo, err := d.github.ReadableBy(ctx, who.token, owner, name)
	switch {
	case errors.Is(err, github.ErrBadToken):
		d.mu.Lock()
		d.accepted.Remove(who.hash) // revoked
		d.mu.Unlock()
		d.unknown.Spend(who.address, badTokenCost, now)
		return contracts.RepositoryRef{}, err
	case github.Classify(err) == github.ClassNotFound:
		repo = contracts.RepositoryRef{}
	case err != nil:
		return contracts.RepositoryRef{}, err
	}
	keep := keepNo
	if repo.ID != 0 {
		keep = keepYes
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readable.Add(who.key(owner, name), readAnswer{repo, now.Add(keep)})
	d.accepted.Add(who.hash, struct{}{})
	return repo, nil
}
