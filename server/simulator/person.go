package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// bearer is who calls with a token that is not the App's: a person, or a job of
// GitHub Actions in a repository.
type bearer struct {
	person *account
	job    *Repository
}

// UserToken gives a personal access token of somebody, made as a user if need be.
// With it the repository and the user's own account can be read; nothing else.
func (s *Simulator) UserToken(login string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newBearer("ghp_", &bearer{person: s.person(login)})
}

// JobToken gives a token such as a job of GitHub Actions has (GITHUB_TOKEN): it reads
// its own repository, and what is public, and is nobody's.
func (r *Repository) JobToken() string {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return r.sim.newBearer("ghs_", &bearer{job: r})
}

func (s *Simulator) newBearer(prefix string, b *bearer) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%d", prefix, s.id("token")))
	value := prefix + hex.EncodeToString(sum[:])[:36]
	s.bearers[value] = b
	return value
}

// RevokeToken makes a token of UserToken or JobToken void.
func (s *Simulator) RevokeToken(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bearers, value)
}

// reads says whether the bearer, nil for somebody without a token, may read r.
func (b *bearer) reads(r *Repository) bool {
	switch {
	case b == nil:
		return !r.private
	case b.job != nil:
		return b.job == r || !r.private
	}
	return r.role(b.person) != "none"
}

// limitKey is under which the bearer's requests are counted: apart from the App's
// and its installations'.
func (b *bearer) limitKey() int64 {
	if b.job != nil {
		return -b.job.id
	}
	return -b.person.id
}

// authorizeBearer gives the refusal of a call with a person's or a job's token, or
// of a call without any on what people may read.
func (c *call) authorizeBearer() *reply {
	b := c.who.bearer
	switch c.operation.people {
	case noPeople:
		c.violate("%s: called with a person's token, needs the App's or an installation's", c.route.Operation.OperationID)
		return refusal(refuse(http.StatusForbidden, "Resource not accessible by personal access token"))
	case themselves:
		switch {
		case b == nil:
			return refusal(refuse(http.StatusUnauthorized, "Requires authentication"))
		case b.person == nil:
			return refusal(refuse(http.StatusForbidden, notAccessible))
		}
		return nil
	}
	full := strings.ToLower(c.vars["owner"] + "/" + c.vars["repo"])
	id, moved := c.moved[full]
	moved = moved && c.repos[id] != nil
	if !moved {
		id = c.names[full]
	}
	c.repo = c.repos[id]
	switch {
	case c.repo == nil || !b.reads(c.repo):
		return refusal(notFound())
	case moved:
		return c.redirect(id)
	}
	return nil
}

// permissionsJSON is what the person of a call may do in a repository.
func permissionsJSON(role string) object {
	ranks := map[string]int{"read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}
	rank := ranks[role]
	return object{"pull": rank >= 1, "triage": rank >= 2, "push": rank >= 3, "maintain": rank >= 4, "admin": rank >= 5}
}

// getAuthenticated answers with the person's public profile: the token has no scope
// for more.
func (c *call) getAuthenticated() reply {
	return answer(http.StatusOK, c.profileJSON(c.who.bearer.person))
}
