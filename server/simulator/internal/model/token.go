package model

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// tokenLife is how long an installation token is good for.
const tokenLife = time.Hour

// Token is an installation access token.
type Token struct {
	Value        string
	Installation *Installation
	Permissions  map[string]string
	Expires      time.Time

	repositories map[int64]bool // nil: all of the installation
}

// NewToken makes an installation token for some repositories, or for all of the
// installation if repositories is nil.
func (g *GitHub) NewToken(i *Installation, permissions map[string]string, repositories map[int64]bool) *Token {
	serial := g.NextID("token")
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d", g.App.Slug, i.ID, serial))
	value := "ghs_" + hex.EncodeToString(sum[:])[:36]
	if serial%3 == 0 { // tokens have no fixed length
		value = "ghs_" + base64.RawURLEncoding.EncodeToString(sum[:]) + "." + hex.EncodeToString(sum[:])
	}
	t := &Token{
		Value: value, Installation: i, Permissions: permissions, repositories: repositories,
		Expires: g.tokenClock().UTC().Truncate(time.Second).Add(tokenLife),
	}
	g.Tokens[value] = t
	return t
}

// Sees reports whether the token is good for a repository.
func (t *Token) Sees(r *Repository) bool {
	return t.Installation.Covers(r) && (t.repositories == nil || t.repositories[r.ID])
}

// May reports whether the token has one of the permissions, each "name:level".
func (t *Token) May(needs []string) bool { return allows(t.Permissions, needs) }

func allows(permissions map[string]string, needs []string) bool {
	for _, need := range needs {
		name, level, _ := strings.Cut(need, ":")
		has := permissions[name]
		if has == level || has == "write" || has == "admin" {
			return true
		}
	}
	return false
}

// Bearer has a token that is not the App's: a person, or a job of GitHub Actions in a
// repository.
type Bearer struct {
	Person *Account
	Job    *Repository
	// App is set for a user access token of our App: it reads what is public and what
	// both the person and the App may read, until Expires.
	App     *App
	Expires time.Time
	// Permissions of a job; nil: it only reads.
	Permissions map[string]string
}

// May reports whether a job's token has one of the permissions, each "name:level", on a
// repository.
func (b *Bearer) May(r *Repository, needs []string) bool {
	return b != nil && b.Job == r && allows(b.Permissions, needs)
}

// NewBearer makes a token of a person or a job.
func (g *GitHub) NewBearer(prefix string, b *Bearer) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%d", prefix, g.NextID("token")))
	value := prefix + hex.EncodeToString(sum[:])[:36]
	g.Bearers[value] = b
	return value
}

// Reads reports whether the bearer, nil for somebody without a token, may read r.
func (b *Bearer) Reads(r *Repository) bool {
	switch {
	case b == nil:
		return !r.Private
	case b.Job != nil:
		return b.Job == r || !r.Private
	case b.App != nil && r.Private && (r.GitHub.InstallationFor(r) == nil || r.GitHub.signedOff[strings.ToLower(r.Owner.Login+"/"+b.Person.Login)]):
		return false
	}
	return r.Role(b.Person) != "none"
}
