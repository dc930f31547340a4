package github

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strconv"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
)

// blobs reads files of one repository by SHA, a few at a time.
type blobs struct {
	clients *Clients
	repo    contracts.RepositoryRef
	slots   chan struct{}
}

// blob is the content of a file.
type blob []byte

func (b blob) bytes() int64 { return int64(len(b)) }

// unknownSize is the size of a file of which only the SHA is known.
const unknownSize = -1

// read gives the bytes of a file. The bound is checked before anything is asked
// for, or while reading where the size is not known.
func (b *blobs) read(ctx context.Context, file contracts.File) ([]byte, error) {
	if file.Size > MaxBlob {
		return nil, tooLarge(file.Path, file.Size)
	}
	if !isSHA(file.SHA) {
		return nil, fmt.Errorf("read %s: %w", file.Path, incomplete("SHA of the file"))
	}
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	content, err := fetched(ctx, b.clients.objects, keyOf(b.repo, blobObject, file.SHA), func(ctx context.Context) (blob, error) {
		return b.clients.fetchBlob(ctx, b.repo, file.SHA, file.Size)
	})
	if errors.Is(err, errBlobTooLarge) {
		return nil, tooLarge(file.Path, unknownSize)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", file.Path, b.repo.FullName(), err)
	}
	return content, nil
}

func tooLarge(path string, size int64) error {
	message := fmt.Sprintf("has more than %d bytes, the most that is read", MaxBlob)
	if size != unknownSize {
		message = fmt.Sprintf("has %d bytes, at most %d are read", size, MaxBlob)
	}
	return &contracts.Problem{Position: contracts.Position{File: path}, Message: message, Hint: "split the file, or name a smaller one"}
}

var errBlobTooLarge = &Error{Class: ClassPermanent, Message: "the blob is larger than what is read"}

// fetchBlob asks for the raw bytes and believes them only if they hash to sha: an
// answer cut short, by whomever, is no file.
func (c *Clients) fetchBlob(ctx context.Context, repo contracts.RepositoryRef, sha string, size int64) ([]byte, error) {
	client, err := c.forRepository(repo)
	if err != nil {
		return nil, err
	}
	into := &bounded{max: MaxBlob, excess: errBlobTooLarge}
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

// bounded takes at most max bytes.
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

// rawMedia asks for bytes instead of JSON with base64.
func rawMedia(req *http.Request) { req.Header.Set("Accept", "application/vnd.github.raw+json") }

// notCached keeps an answer out of the HTTP cache: objects have a cache of their own.
func notCached(req *http.Request) { req.Header.Set("Cache-Control", "no-store") }

var (
	_ gh.RequestOption = rawMedia
	_ gh.RequestOption = notCached
)
