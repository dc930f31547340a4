package tree

import (
	"context"
	"errors"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/server/github"
)

// blobs reads files of one repository by SHA, a few at a time.
type blobs struct {
	reader *Reader
	repo   contracts.RepositoryRef
	slots  chan struct{}
}

// atOnce bounds the files that are fetched at the same time for one tree.
const atOnce = 4

func (r *Reader) blobs(repo contracts.RepositoryRef) *blobs {
	return &blobs{reader: r, repo: repo, slots: make(chan struct{}, atOnce)}
}

// blob is the content of a file.
type blob []byte

func (b blob) bytes() int64 { return int64(len(b)) }

// unknownSize is the size of a file of which only the SHA is known.
const unknownSize = -1

// read returns the bytes of a file. A size that is known is checked before the request,
// one that is not is checked while the answer is read.
func (b *blobs) read(ctx context.Context, file contracts.File) ([]byte, error) {
	if file.Size > github.MaxBlob {
		return nil, tooLarge(file.Path, file.Size)
	}
	if !github.IsSHA(file.SHA) {
		return nil, fmt.Errorf("read %s: %w", file.Path, &github.Error{Class: github.ClassRetry, Message: "GitHub's answer has no SHA of the file"})
	}
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	content, err := fetched(ctx, b.reader.objects, keyOf(b.repo, blobObject, file.SHA), func(ctx context.Context) (blob, error) {
		return b.reader.source.FetchBlob(ctx, b.repo, file.SHA, file.Size)
	})
	if errors.Is(err, github.ErrBlobTooLarge) {
		return nil, tooLarge(file.Path, unknownSize)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", file.Path, b.repo.FullName(), err)
	}
	return content, nil
}

func tooLarge(path string, size int64) error {
	message := fmt.Sprintf("has more than %d bytes, the most that is read", github.MaxBlob)
	if size != unknownSize {
		message = fmt.Sprintf("has %d bytes, at most %d are read", size, github.MaxBlob)
	}
	return &contracts.Problem{Position: contracts.Position{File: path}, Message: message, Hint: "split the file, or name a smaller one"}
}
