package github

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
)

// Bounds on what is read of a repository.
const (
	// MaxBlob is the size of the largest file that is read.
	MaxBlob = 32 << 20
	// MaxFiles is how many entries of one tree are listed.
	MaxFiles = 400_000
)

// ErrBlobTooLarge means that a blob is larger than MaxBlob.
var ErrBlobTooLarge = &Error{Class: ClassPermanent, Message: "the blob is larger than what is read"}

// ErrTooManyFiles means that a tree has more than MaxFiles entries.
var ErrTooManyFiles = &Error{Class: ClassPermanent, Message: fmt.Sprintf("the tree has more than %d entries", MaxFiles)}

// FetchBlob asks for the content of a blob of a known size; -1 means that the size is
// not known. It returns only content that hashes to sha: an answer that was cut short
// is not a file. The answer is not kept.
func (c *Clients) FetchBlob(ctx context.Context, repo contracts.RepositoryRef, sha string, size int64) ([]byte, error) {
	client, err := c.forRepository(repo)
	if err != nil {
		return nil, err
	}
	into := &bounded{max: MaxBlob, excess: ErrBlobTooLarge}
	if size >= 0 {
		into.max, into.excess = int(size), incomplete("blob of the size that the tree states")
		into.content = make([]byte, 0, size)
	}
	path := "repos/" + repo.FullName() + "/git/blobs/" + sha
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, into, rawMedia, notCached); err != nil {
		return nil, err
	}
	if !hashesTo(into.content, sha) {
		return nil, &Error{Class: ClassRetry, Message: fmt.Sprintf("%d bytes that GitHub sent are not blob %s", len(into.content), sha)}
	}
	return into.content, nil
}

// bounded accepts at most max bytes.
type bounded struct {
	content []byte
	max     int
	excess  error
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.content)+len(p) > b.max {
		return 0, b.excess
	}
	b.content = append(b.content, p...)
	return len(p), nil
}

// hashesTo tells whether content is the Git blob of that name.
func hashesTo(content []byte, sha string) bool {
	var h hash.Hash
	switch len(sha) {
	case sha1.Size * 2:
		h = sha1.New()
	case sha256.Size * 2:
		h = sha256.New()
	default:
		return false
	}
	h.Write([]byte("blob " + strconv.Itoa(len(content)) + "\x00"))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil)) == sha
}

// IsSHA tells whether s is a full object name of Git: SHA-1 or SHA-256 in lower case
// hexadecimal.
func IsSHA(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// rawMedia asks for bytes instead of JSON with base64.
func rawMedia(req *http.Request) { req.Header.Set("Accept", "application/vnd.github.raw+json") }

// notCached keeps an answer out of the HTTP cache: Git objects have a cache of their own.
func notCached(req *http.Request) { req.Header.Set("Cache-Control", "no-store") }

var (
	_ gh.RequestOption = rawMedia
	_ gh.RequestOption = notCached
)

// TreeEntry is one line of a tree.
type TreeEntry struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"` // blob, tree, commit
	SHA  string `json:"sha"`
	Size int64  `json:"size"`
}

// TreeAnswer is a tree as GitHub lists it. If it is truncated, some entries are missing.
type TreeAnswer struct {
	SHA       string
	Entries   []TreeEntry
	Truncated bool
}

// FetchTree lists a tree, named by the SHA of the tree or of a commit: one level of it,
// or everything below. The answer is not kept.
func (c *Clients) FetchTree(ctx context.Context, repo contracts.RepositoryRef, sha string, recursive bool) (*TreeAnswer, error) {
	client, err := c.forRepository(repo)
	if err != nil {
		return nil, err
	}
	path := "repos/" + repo.FullName() + "/git/trees/" + sha
	if recursive {
		path += "?recursive=1"
	}
	req, err := client.NewRequest("GET", path, nil, notCached)
	if err != nil {
		return nil, &Error{Class: ClassPermanent, Message: "make request: " + err.Error(), Err: err}
	}
	res, err := client.BareDo(ctx, req)
	if err := c.failure(ctx, err); err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := decodeTree(res.Body)
	if err := c.failure(ctx, err); err != nil {
		return nil, err
	}
	if answer.SHA == "" {
		return nil, incomplete("tree")
	}
	return answer, nil
}

// decodeTree reads the answer entry by entry. Read as a whole, up to 25 MB of text would
// be in memory in addition to the entries.
func decodeTree(r io.Reader) (*TreeAnswer, error) {
	answer := new(TreeAnswer)
	decoder := json.NewDecoder(r)
	if err := expect(decoder, '{'); err != nil {
		return nil, err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "sha":
			err = decoder.Decode(&answer.SHA)
		case "truncated":
			err = decoder.Decode(&answer.Truncated)
		case "tree":
			answer.Entries, err = decodeEntries(decoder)
		default:
			var skipped json.RawMessage
			err = decoder.Decode(&skipped)
		}
		if err != nil {
			return nil, err
		}
	}
	return answer, expect(decoder, '}')
}

func decodeEntries(decoder *json.Decoder) ([]TreeEntry, error) {
	token, err := decoder.Token()
	if err != nil || token == nil { // null: nothing
		return nil, err
	}
	if token != json.Delim('[') {
		return nil, fmt.Errorf("found %v in place of a list", token)
	}
	var entries []TreeEntry
	for decoder.More() {
		var entry TreeEntry
		if err := decoder.Decode(&entry); err != nil {
			return nil, err
		}
		if len(entries) == MaxFiles {
			return nil, ErrTooManyFiles
		}
		entries = append(entries, entry)
	}
	return entries, expect(decoder, ']')
}

func expect(decoder *json.Decoder, delimiter json.Delim) error {
	token, err := decoder.Token()
	if err == nil && token != delimiter {
		err = fmt.Errorf("found %v in place of %v", token, delimiter)
	}
	return err
}
