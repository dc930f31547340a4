package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/store/sqlc"
)

// maxHistory bounds a history unpacked, in bytes.
const maxHistory = 64 << 20

// PutHistory keeps what the signals of a verification were before the deployment, once:
// one that is there stays.
func (s *Store) PutHistory(ctx context.Context, repo contracts.RepositoryRef, id string, h *deploy.History) error {
	fail := func(err error) error {
		return fmt.Errorf("keep the history of the verification %s of %s: %w", id, repo.FullName(), err)
	}
	plain, err := json.Marshal(h)
	if err != nil {
		return fail(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain); err != nil {
		return fail(err)
	}
	if err := w.Close(); err != nil {
		return fail(err)
	}
	sum := sha256.Sum256(plain)
	err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		_, err := q.PutHistory(ctx, sqlc.PutHistoryParams{
			Installation: repo.Installation, Repository: repo.ID, Verification: id, At: milliseconds(h.Asked), Hash: hex.EncodeToString(sum[:]), Body: packed.Bytes(),
		})
		return err
	})
	if err != nil {
		return fail(err)
	}
	return nil
}

// History gives what the signals of a verification were before the deployment, with the
// hash of what is kept; nil where nothing is. What does not have its hash any more is an
// error.
func (s *Store) History(ctx context.Context, repo contracts.RepositoryRef, id string) (*deploy.History, string, error) {
	row, err := s.Read().GetHistory(ctx, repo.Installation, repo.ID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("get the history of the verification %s of %s: %w", id, repo.FullName(), err)
	}
	h, err := unpackHistory(row)
	if err != nil {
		return nil, "", fmt.Errorf("read the history of the verification %s of %s: %w", id, repo.FullName(), err)
	}
	return h, row.Hash, nil
}

func unpackHistory(row sqlc.History) (*deploy.History, error) {
	r, err := gzip.NewReader(bytes.NewReader(row.Body))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxHistory+1))
	if err != nil {
		return nil, err
	}
	if len(plain) > maxHistory {
		return nil, fmt.Errorf("it is longer than %d bytes", maxHistory)
	}
	if sum := sha256.Sum256(plain); hex.EncodeToString(sum[:]) != row.Hash {
		return nil, errors.New("it is not what was written")
	}
	h := &deploy.History{}
	return h, json.Unmarshal(plain, h)
}
