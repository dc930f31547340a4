package evidence

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Prefix of every path of this package.
const Prefix = "/deployments/"

// How long a link is good for, from when the deployment succeeded: as long as samples
// are kept, and never longer than a year.
const longestLink = 365 * 24 * time.Hour

// Links makes the addresses of pages, and reads them. Its zero value makes none.
type Links struct {
	base string
	// keys may be replaced while links are made and read; nil: there are none.
	keys atomic.Pointer[[][]byte]
	keep time.Duration
}

// NewLinks makes links below base ("https://plimsoll.acme.dev"; empty: none are made),
// valid for keep (0: for ever, which is a year). They are signed with a key of the first
// secret. Keys of the other secrets open pages as well, so that a secret can be replaced
// without breaking links. Replicas with the same secrets make the same links.
func NewLinks(base string, secrets [][]byte, keep time.Duration) (*Links, error) {
	l := &Links{base: strings.TrimRight(base, "/"), keep: keep}
	if keep <= 0 || keep > longestLink {
		l.keep = longestLink
	}
	replace, err := l.prepare(secrets)
	if err != nil {
		return nil, err
	}
	replace()
	return l, nil
}

// prepare derives the keys of other secrets; the function that it returns takes them into use.
func (l *Links) prepare(secrets [][]byte) (replace func(), err error) {
	var keys [][]byte
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, secret, nil, "plimsoll evidence link v1", sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("derive the key of links: %w", err)
		}
		keys = append(keys, key)
	}
	return func() { l.keys.Store(&keys) }, nil
}

// inUse are the keys of links: the first signs, all of them open pages.
func (l *Links) inUse() [][]byte {
	if keys := l.keys.Load(); keys != nil {
		return *keys
	}
	return nil
}

// Of returns the address of a verification's page; empty if no links are made.
func (l *Links) Of(v deploy.Verification, tightened int64) string {
	if l == nil || l.base == "" {
		return ""
	}
	keys := l.inUse()
	if len(keys) == 0 {
		return ""
	}
	expires := l.ends(v).Unix()
	query := url.Values{
		"component": {v.Target.Component}, "environment": {v.Target.Environment},
		"expires": {strconv.FormatInt(expires, 10)}, "signature": {hex.EncodeToString(signature(keys[0], v.Repository, v.ID(), expires, tightened))},
	}
	if v.Target.Instance != "" {
		query.Set("instance", v.Target.Instance)
	}
	if tightened > 0 {
		query.Set("visibility", strconv.FormatInt(tightened, 10))
	}
	return fmt.Sprintf("%s%s%d/%d/%d?%s", l.base, Prefix, v.Repository.Installation, v.Repository.ID, v.Deployment, query.Encode())
}

// ends is until when the links to a verification are good.
func (l *Links) ends(v deploy.Verification) time.Time {
	return v.Began.Add(l.keep).UTC().Truncate(time.Second)
}

// asked is the verification that a good link names.
type asked struct {
	repo    contracts.RepositoryRef // its ids alone
	id      string
	expires time.Time
	// tightened is how often fewer people could read the repository when the link was made.
	tightened int64
}

// longestQuery bounds what is read of a link: names are 255 bytes at the most, each
// written in up to three.
const longestQuery = 4 << 10

// read returns what a link names; false for one that was not signed here. The caller has to
// check whether it has expired.
func (l *Links) read(r *http.Request) (asked, bool) {
	if len(r.URL.RawQuery) > longestQuery {
		return asked{}, false
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return asked{}, false
	}
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n <= 0 || strconv.FormatInt(n, 10) != text {
			return 0
		}
		return n
	}
	a := asked{repo: contracts.RepositoryRef{Installation: number(r.PathValue("installation")), ID: number(r.PathValue("repository"))}}
	deployment, expires := number(r.PathValue("deployment")), number(query.Get("expires"))
	given, err := hex.DecodeString(query.Get("signature"))
	if err != nil || a.repo.Installation == 0 || a.repo.ID == 0 || deployment == 0 || expires == 0 {
		return asked{}, false
	}
	if text := query.Get("visibility"); text != "" {
		if a.tightened = number(text); a.tightened == 0 {
			return asked{}, false
		}
	}
	a.expires = time.Unix(expires, 0).UTC()
	a.id = deploy.Verification{Repository: a.repo, Deployment: deployment, Target: deploy.Target{
		Component: query.Get("component"), Environment: query.Get("environment"), Instance: query.Get("instance"),
	}}.ID()
	good := false
	for _, key := range l.inUse() {
		good = hmac.Equal(given, signature(key, a.repo, a.id, expires, a.tightened)) || good
	}
	return a, good
}

// signature signs the installation, the repository, when the link ends, and the
// verification, whose length goes before it: no two links are signed over one text.
func signature(key []byte, repo contracts.RepositoryRef, id string, expires, tightened int64) []byte {
	mac := hmac.New(sha256.New, key)
	if tightened > 0 {
		fmt.Fprintf(mac, "visibility %d ", tightened)
	}
	fmt.Fprintf(mac, "%d %d %d %d:%s", repo.Installation, repo.ID, expires, len(id), id)
	return mac.Sum(nil)
}
