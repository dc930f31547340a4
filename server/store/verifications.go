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
	"io/fs"
	"slices"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/work"
	"plimsoll/server/store/sqlc"
)

// BeginVerification stores a verification unless it is stored already, and reports
// whether it was new.
func (s *Store) BeginVerification(ctx context.Context, v deploy.Verification) (begun bool, err error) {
	body, err := json.Marshal(v)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			rows, err := q.BeginVerification(ctx, sqlc.BeginVerificationParams{
				Installation: v.Repository.Installation, Repository: v.Repository.ID, ID: Clean(v.ID()), Deployment: v.Deployment,
				Component: Clean(v.Target.Component), Environment: Clean(v.Target.Environment), Instance: Clean(v.Target.Instance),
				CommitSha: Clean(v.Commit), Body: Clean(string(body)), BeganAt: milliseconds(v.Began),
			})
			begun = rows > 0
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("begin the verification %s of %s: %w", v.ID(), v.Repository.FullName(), err)
	}
	return begun, nil
}

// Verification returns a verification by its id, or an error that wraps
// io/fs.ErrNotExist.
func (s *Store) Verification(ctx context.Context, repo contracts.RepositoryRef, id string) (deploy.VerificationRun, error) {
	row, err := s.Read().GetVerification(ctx, repo.Installation, repo.ID, id)
	if errors.Is(err, sql.ErrNoRows) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return deploy.VerificationRun{}, fmt.Errorf("get the verification %s of %s: %w", id, repo.FullName(), err)
	}
	runs, err := s.runsOf(ctx, repo, []sqlc.Verification{row})
	if err != nil {
		return deploy.VerificationRun{}, err
	}
	runs[0].Rollback, err = s.rollbackOf(ctx, repo, id)
	return runs[0], err
}

// Verifications lists at most so many verifications of one target, newest first.
func (s *Store) Verifications(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, most int) ([]deploy.VerificationRun, error) {
	rows, err := s.Read().ListVerifications(ctx, sqlc.ListVerificationsParams{
		Installation: repo.Installation, Repository: repo.ID, Component: Clean(target.Component), Environment: Clean(target.Environment),
		Instance: Clean(target.Instance), Limit: int32(most),
	})
	if err != nil {
		return nil, fmt.Errorf("list the verifications of %s in %s: %w", target.Component, repo.FullName(), err)
	}
	return s.runsOf(ctx, repo, rows)
}

// VerificationsUntil lists at most so many verifications of a run's target up to the run
// itself, newest first.
func (s *Store) VerificationsUntil(ctx context.Context, run deploy.Verification, most int) ([]deploy.VerificationRun, error) {
	repo, target := run.Repository, run.Target
	rows, err := s.Read().ListVerificationsUntil(ctx, sqlc.ListVerificationsUntilParams{
		Installation: repo.Installation, Repository: repo.ID, Component: Clean(target.Component), Environment: Clean(target.Environment),
		Instance: Clean(target.Instance), BeganAt: milliseconds(run.Began), Limit: int32(most),
	})
	if err != nil {
		return nil, fmt.Errorf("list the verifications of %s in %s: %w", target.Component, repo.FullName(), err)
	}
	rows = slices.DeleteFunc(rows, func(row sqlc.Verification) bool {
		return row.BeganAt == milliseconds(run.Began) && row.Deployment > run.Deployment
	})
	return s.runsOf(ctx, repo, rows)
}

// EndVerification stores the verdict of a verification, once: the first verdict stays.
// ended reports whether it was this one.
func (s *Store) EndVerification(ctx context.Context, repo contracts.RepositoryRef, id string, verdict deploy.Verdict) (ended bool, err error) {
	body, err := json.Marshal(verdict)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			rows, err := q.EndVerification(ctx, sqlc.EndVerificationParams{
				Installation: repo.Installation, Repository: repo.ID, ID: id, Answer: string(verdict.Answer), Verdict: Clean(string(body)), EndedAt: milliseconds(verdict.At),
			})
			ended = rows > 0
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("end the verification %s of %s: %w", id, repo.FullName(), err)
	}
	return ended, nil
}

// PutVerificationPulls remembers the pull requests that a deployment carried.
func (s *Store) PutVerificationPulls(ctx context.Context, repo contracts.RepositoryRef, id string, pulls []int) error {
	body, err := json.Marshal(pulls)
	if err != nil {
		return fmt.Errorf("keep the pull requests of the verification %s: %w", id, err)
	}
	return s.moveVerification(ctx, repo, id, func(ctx context.Context, q *sqlc.Queries) error {
		return q.PutVerificationPulls(ctx, sqlc.PutVerificationPullsParams{Installation: repo.Installation, Repository: repo.ID, ID: id, Pulls: string(body)})
	})
}

// MarkReported stores that the verdict has been published.
func (s *Store) MarkReported(ctx context.Context, repo contracts.RepositoryRef, id string) error {
	return s.moveVerification(ctx, repo, id, func(ctx context.Context, q *sqlc.Queries) error {
		return q.MarkVerificationReported(ctx, repo.Installation, repo.ID, id)
	})
}

func (s *Store) moveVerification(ctx context.Context, repo contracts.RepositoryRef, id string, do func(context.Context, *sqlc.Queries) error) error {
	if err := s.Tx(ctx, do); err != nil {
		return fmt.Errorf("move the verification %s of %s: %w", id, repo.FullName(), err)
	}
	return nil
}

// PutSample stores a sample unless one of its number is stored already, and reports
// whether it was new.
func (s *Store) PutSample(ctx context.Context, repo contracts.RepositoryRef, id string, sample deploy.Sample) (taken bool, err error) {
	body, err := json.Marshal(sample)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			rows, err := q.PutSample(ctx, sqlc.PutSampleParams{
				Installation: repo.Installation, Repository: repo.ID, Verification: id, N: int64(sample.N), At: milliseconds(sample.At), Body: Clean(string(body)),
			})
			taken = rows > 0
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("keep sample %d of the verification %s of %s: %w", sample.N, id, repo.FullName(), err)
	}
	return taken, nil
}

// Samples lists the samples of a verification by number.
func (s *Store) Samples(ctx context.Context, repo contracts.RepositoryRef, id string) ([]deploy.Sample, error) {
	rows, err := s.Read().ListSamples(ctx, repo.Installation, repo.ID, id)
	if err != nil {
		return nil, fmt.Errorf("list the samples of the verification %s of %s: %w", id, repo.FullName(), err)
	}
	samples := make([]deploy.Sample, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Body), &samples[i]); err != nil {
			return nil, fmt.Errorf("read sample %d of the verification %s of %s: %w", row.N, id, repo.FullName(), err)
		}
	}
	return samples, nil
}

func runOf(row sqlc.Verification) (deploy.VerificationRun, error) {
	c := deploy.VerificationRun{Reported: row.Reported}
	if err := json.Unmarshal([]byte(row.Body), &c.Verification); err != nil {
		return c, fmt.Errorf("read the verification %s: %w", row.ID, err)
	}
	if row.Pulls != "" {
		if err := json.Unmarshal([]byte(row.Pulls), &c.Pulls); err != nil {
			return c, fmt.Errorf("read the pull requests of the verification %s: %w", row.ID, err)
		}
	}
	if row.Verdict == "" {
		return c, nil
	}
	c.Verdict = &deploy.Verdict{}
	if err := json.Unmarshal([]byte(row.Verdict), c.Verdict); err != nil {
		return c, fmt.Errorf("read the verdict of the verification %s: %w", row.ID, err)
	}
	return c, nil
}

// VerificationsOfCommit lists at most so many verifications of one commit in all targets,
// newest first.
func (s *Store) VerificationsOfCommit(ctx context.Context, repo contracts.RepositoryRef, commit string, most int) ([]deploy.VerificationRun, error) {
	rows, err := s.Read().ListVerificationsOfCommit(ctx, sqlc.ListVerificationsOfCommitParams{
		Installation: repo.Installation, Repository: repo.ID, CommitSha: Clean(commit), Limit: int32(most),
	})
	if err != nil {
		return nil, fmt.Errorf("list the verifications of %s in %s: %w", commit, repo.FullName(), err)
	}
	return s.runsOf(ctx, repo, rows)
}

// RolledBack lists the newest verifications of a repository whose verdict was to roll
// back.
func (s *Store) RolledBack(ctx context.Context, repo contracts.RepositoryRef, most int) ([]deploy.VerificationRun, error) {
	rows, err := s.Read().ListVerificationsAnswered(ctx, sqlc.ListVerificationsAnsweredParams{
		Installation: repo.Installation, Repository: repo.ID, Answer: string(deploy.RollBack), Limit: int32(most),
	})
	if err != nil {
		return nil, fmt.Errorf("list what was to be rolled back in %s: %w", repo.FullName(), err)
	}
	return s.runsOf(ctx, repo, rows)
}

// runsOf reads verifications of a repository, which has the name and the visibility in them
// that it has now.
func (s *Store) runsOf(ctx context.Context, repo contracts.RepositoryRef, rows []sqlc.Verification) ([]deploy.VerificationRun, error) {
	now, err := s.presentRef(ctx, repo)
	if err != nil {
		return nil, err
	}
	all := make([]deploy.VerificationRun, len(rows))
	for i, row := range rows {
		if all[i], err = runOf(row); err != nil {
			return nil, err
		}
		all[i].Repository = now
	}
	return all, nil
}

// RepositoryVerifications lists at most so many verifications of a repository, the
// newest first.
func (s *Store) RepositoryVerifications(ctx context.Context, repo contracts.RepositoryRef, most int) ([]deploy.VerificationRun, error) {
	rows, err := s.Read().ListRepositoryVerifications(ctx, repo.Installation, repo.ID, int32(most))
	if err != nil {
		return nil, fmt.Errorf("list the verifications of %s: %w", repo.FullName(), err)
	}
	return s.runsOf(ctx, repo, rows)
}

// maxHistory bounds an uncompressed history, in bytes.
const maxHistory = 64 << 20

// PutHistory stores what the signals of a verification were before the deployment. A
// history that is stored already stays.
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

// History returns what the signals of a verification were before the deployment, and
// the hash under which that is stored; nil if nothing is stored. Content that does not
// have its hash is an error.
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

// mostRollbacks is how many rollbacks of an environment are listed.
const mostRollbacks = 100

// PutRollback stores what is done about a deployment that failed its verification.
func (s *Store) PutRollback(ctx context.Context, repo contracts.RepositoryRef, r deploy.Rollback) error {
	body, err := json.Marshal(r)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			return q.PutRollback(ctx, sqlc.PutRollbackParams{
				Installation: repo.Installation, Repository: repo.ID, Verification: r.Verification, Environment: Clean(r.Target.Environment),
				Body: Clean(string(body)), BeganAt: milliseconds(r.Began),
			})
		})
	}
	if err != nil {
		return fmt.Errorf("store the rollback of %s in %s: %w", r.Verification, repo.FullName(), err)
	}
	return nil
}

// Rollbacks lists those of one environment, newest first.
func (s *Store) Rollbacks(ctx context.Context, repo contracts.RepositoryRef, environment string) ([]deploy.Rollback, error) {
	rows, err := s.Read().ListRollbacks(ctx, sqlc.ListRollbacksParams{
		Installation: repo.Installation, Repository: repo.ID, Environment: Clean(environment), Limit: mostRollbacks,
	})
	if err != nil {
		return nil, fmt.Errorf("list the rollbacks of %s in %s: %w", environment, repo.FullName(), err)
	}
	all := make([]deploy.Rollback, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Body), &all[i]); err != nil {
			return nil, fmt.Errorf("read the rollback of %s: %w", row.Verification, err)
		}
	}
	return all, nil
}

// RollbacksNaming lists the work of reporting rollbacks again whose reasons may name a
// repository, and those of the repository itself.
func (s *Store) RollbacksNaming(ctx context.Context, repo contracts.RepositoryRef) ([]work.Work, error) {
	var rows []sqlc.Rollback
	err := s.inView(ctx, repo.Installation, func(q *sqlc.Queries, installation int64) error {
		found, err := q.ListRollbacksByCanDeploy(ctx, installation, repo.ID, fmt.Sprintf(`%%"repository_id":%d%%`, repo.ID))
		rows = append(rows, found...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the rollbacks whose reasons name %s: %w", repo.FullName(), err)
	}
	var all []work.Work
	for _, row := range rows {
		of, err := s.Read().GetRepository(ctx, row.Installation, row.Repository)
		if errors.Is(err, sql.ErrNoRows) || err == nil && of.Gone != "" {
			continue
		}
		var m deploy.Rollback
		if err == nil {
			err = json.Unmarshal([]byte(row.Body), &m)
		}
		if err != nil {
			return nil, fmt.Errorf("read the rollback of %s: %w", row.Verification, err)
		}
		all = append(all, work.RollbackWork(work.RollbackArgs{Repository: ref(of), ID: row.Verification}, m.Target, time.Time{}))
	}
	return all, nil
}

// rollbackOf returns that of a verification, nil without one.
func (s *Store) rollbackOf(ctx context.Context, repo contracts.RepositoryRef, verification string) (*deploy.Rollback, error) {
	row, err := s.Read().GetRollback(ctx, repo.Installation, repo.ID, verification)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	m := &deploy.Rollback{}
	if err == nil {
		err = json.Unmarshal([]byte(row.Body), m)
	}
	for i := range m.Reasons {
		if err == nil {
			m.Reasons[i].CanDeploy, err = s.Present(ctx, repo.Installation, m.Reasons[i].CanDeploy)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("get the rollback of %s in %s: %w", verification, repo.FullName(), err)
	}
	return m, nil
}
