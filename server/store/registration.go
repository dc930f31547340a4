package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// storedComponent is a component without its usages, which are stored as contents of
// their own and found by API.
type storedComponent struct {
	Component contracts.Component `json:"component"`
	Consumes  []storedUse         `json:"consumes,omitempty"`
}

type storedUse struct {
	API   string `json:"api"`
	Usage string `json:"usage"` // the SHA-256 of its content
}

// encoded is a registration as it is stored.
type encoded struct {
	sha, body    string // components; sha is "" where the registration is broken
	problems     string
	usages       map[string]string // SHA-256 → JSON
	provisions   []sqlc.PutProvisionParams
	consumptions []sqlc.PutConsumptionParams
	watched      []WatchedFile
}

func encode(r contracts.Registration) (encoded, error) {
	e := encoded{usages: map[string]string{}, watched: watchedFiles(r)}
	problems, err := json.Marshal(r.Problems)
	if err != nil {
		return e, fmt.Errorf("encode problems: %w", err)
	}
	e.problems = string(problems)
	components := make([]storedComponent, len(r.Components))
	for i, component := range r.Components {
		uses := component.Consumes
		component.Consumes = nil
		components[i].Component = component
		for _, provided := range component.Provides {
			e.provisions = append(e.provisions, sqlc.PutProvisionParams{
				Position: int64(len(e.provisions)), Component: Clean(component.Name), Api: Clean(provided.API),
			})
		}
		for _, use := range uses {
			body, err := json.Marshal(use.Usage)
			if err != nil {
				return e, fmt.Errorf("encode the use of %s: %w", use.API, err)
			}
			sha := contentSHA(body)
			e.usages[sha] = string(body)
			components[i].Consumes = append(components[i].Consumes, storedUse{API: use.API, Usage: sha})
			ownerRepo, api := splitAPI(use.API)
			e.consumptions = append(e.consumptions, sqlc.PutConsumptionParams{
				Position: int64(len(e.consumptions)), Component: Clean(component.Name), Owner: Clean(component.Owner),
				Api: api, ApiOwnerRepo: ownerRepo, Content: sha,
			})
		}
	}
	body, err := json.Marshal(components)
	if err != nil {
		return e, fmt.Errorf("encode components: %w", err)
	}
	e.sha, e.body = contentSHA(body), string(body)
	return e, nil
}

func contentSHA(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// splitAPI splits the name of an API as a consumer writes it: "owner/repo" in lower
// case, "" for a short name, and the name of the API itself.
func splitAPI(written string) (ownerRepo, api string) {
	parts := strings.Split(Clean(written), "/")
	if len(parts) != 3 {
		return "", Clean(written)
	}
	return fullName(parts[0], parts[1]), parts[2]
}

// contents stores the components, and each usage by its content.
func (e encoded) contents(ctx context.Context, q *sqlc.Queries, installation, at int64) error {
	for sha, body := range e.usages {
		if err := q.PutContent(ctx, sqlc.PutContentParams{Installation: installation, Sha: sha, Body: body, CreatedAt: at}); err != nil {
			return err
		}
	}
	if e.sha == "" {
		return nil
	}
	return q.PutContent(ctx, sqlc.PutContentParams{Installation: installation, Sha: e.sha, Body: e.body, CreatedAt: at})
}

// write replaces the rows that are derived from a registration's components.
func (e encoded) write(ctx context.Context, q *sqlc.Queries, installation, repository, at int64) error {
	if err := e.contents(ctx, q, installation, at); err != nil {
		return err
	}
	claims, err := claimsOf(ctx, q, installation, repository, at)
	if err != nil {
		return err
	}
	if err := q.DeleteProvisions(ctx, installation, repository); err != nil {
		return err
	}
	for _, row := range e.provisions {
		row.Installation, row.Repository = installation, repository
		if row.Since, err = claims.since(ctx, q, row.Api); err != nil {
			return err
		}
		if err := q.PutProvision(ctx, row); err != nil {
			return err
		}
	}
	if err := q.DeleteConsumptions(ctx, installation, repository); err != nil {
		return err
	}
	for _, row := range e.consumptions {
		row.Installation, row.Repository = installation, repository
		if err := q.PutConsumption(ctx, row); err != nil {
			return err
		}
	}
	if err := q.DeleteWatchedFiles(ctx, installation, repository); err != nil {
		return err
	}
	return putWatched(ctx, q, installation, repository, e.watched)
}

// claims tells since when a repository provides its APIs.
type claims struct {
	earlier      map[string]int64
	scan         int64 // when the scan began that the reading belongs to
	installation int64
	at           int64
}

func claimsOf(ctx context.Context, q *sqlc.Queries, installation, repository, at int64) (*claims, error) {
	rows, err := q.ListProvisions(ctx, installation, repository)
	if err != nil {
		return nil, err
	}
	c := &claims{earlier: make(map[string]int64, len(rows)), installation: installation, at: at}
	for _, row := range rows {
		c.earlier[row.Api] = row.Since
	}
	scan, err := q.GetScan(ctx, installation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	reading, err := q.GetReading(ctx, installation, repository)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if reading.State == unread && reading.Since == scan.EpochAt && reading.ListedAt >= scan.EpochAt {
		c.scan = scan.EpochAt
	}
	return c, nil
}

// since tells since when the repository provides an API. In which order a scan reads
// repositories is chance: what it finds has been there since it began, and of those the
// oldest repository comes first.
func (c *claims) since(ctx context.Context, q *sqlc.Queries, api string) (int64, error) {
	if earlier, ok := c.earlier[api]; ok {
		return earlier, nil
	}
	if c.scan != 0 {
		return c.scan, nil
	}
	last, err := q.LastProvisionSince(ctx, c.installation, api)
	return max(c.at, last+1), err
}

// components decodes the components of a registration and adds their usages.
func (s *Store) components(ctx context.Context, installation int64, body string) ([]contracts.Component, error) {
	var stored []storedComponent
	if err := json.Unmarshal([]byte(body), &stored); err != nil {
		return nil, fmt.Errorf("decode components: %w", err)
	}
	var components []contracts.Component
	for _, one := range stored {
		component := one.Component
		for _, use := range one.Consumes {
			text, err := s.Read().GetContent(ctx, installation, use.Usage)
			if err != nil {
				return nil, fmt.Errorf("get the use of %s: %w", use.API, NotExist(err))
			}
			consumed := contracts.Consumed{API: use.API}
			if err := json.Unmarshal([]byte(text), &consumed.Usage); err != nil {
				return nil, fmt.Errorf("decode the use of %s: %w", use.API, err)
			}
			component.Consumes = append(component.Consumes, consumed)
		}
		components = append(components, component)
	}
	return components, nil
}

// FileKind says why a file is watched.
type FileKind string

// The kinds of watched files.
const (
	DeclarationFile FileKind = "declaration" // the repository file
	ContractFile    FileKind = "contract"    // a contract, or a file that one refers to
	EvidenceFile    FileKind = "evidence"    // what a use was imported from
)

// WatchedFile is a file whose change can change an answer. A file may be watched for
// several reasons.
type WatchedFile struct {
	Path string
	Kind FileKind
	// SHA is that of the content, if it is known.
	SHA string
}

// WatchedFiles lists the files of a repository, on its default branch, that are
// contracts, declarations or evidence, sorted by path.
func (s *Store) WatchedFiles(ctx context.Context, installation, repository int64) ([]WatchedFile, error) {
	rows, err := s.Read().ListWatchedFiles(ctx, installation, repository)
	if err != nil {
		return nil, fmt.Errorf("list the watched files of repository %d: %w", repository, err)
	}
	files := make([]WatchedFile, len(rows))
	for i, row := range rows {
		files[i] = WatchedFile{Path: row.Path, Kind: FileKind(row.Kind), SHA: row.Sha}
	}
	return files, nil
}

func putWatched(ctx context.Context, q *sqlc.Queries, installation, repository int64, files []WatchedFile) error {
	for _, file := range files {
		err := q.PutWatchedFile(ctx, sqlc.PutWatchedFileParams{
			Installation: installation, Repository: repository, Path: file.Path, Kind: string(file.Kind), Sha: file.SHA,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// watchedFiles finds the files that a registration was made from.
func watchedFiles(r contracts.Registration) []WatchedFile {
	type reason struct {
		path string
		kind FileKind
	}
	shas := map[reason]string{}
	add := func(path, sha string, kind FileKind) {
		if path != "" {
			shas[reason{Clean(path), kind}] = Clean(sha)
		}
	}
	add(r.File, r.FileSHA, DeclarationFile)
	for _, component := range r.Components {
		for _, provided := range component.Provides {
			add(provided.Spec, "", ContractFile) // also where it could not be read
			for path, sha := range provided.Files {
				add(path, sha, ContractFile)
			}
		}
		for _, use := range component.Consumes {
			if path := use.Usage.Evidence.File; path != r.File {
				add(path, "", EvidenceFile)
			}
			for _, operation := range use.Usage.Operations {
				if path := operation.Evidence.File; path != r.File {
					add(path, "", EvidenceFile)
				}
			}
		}
	}
	files := make([]WatchedFile, 0, len(shas))
	for _, key := range slices.SortedFunc(maps.Keys(shas), func(a, b reason) int {
		return slices.Compare([]string{a.path, string(a.kind)}, []string{b.path, string(b.kind)})
	}) {
		files = append(files, WatchedFile{Path: key.path, Kind: key.kind, SHA: shas[key]})
	}
	return files
}

// Declared decodes the components of a stored registration. Of what they use it gives the
// names of the APIs as they are written; what exactly is used is stored elsewhere.
func Declared(body string) ([]contracts.Component, error) {
	var stored []storedComponent
	if err := json.Unmarshal([]byte(body), &stored); err != nil {
		return nil, fmt.Errorf("decode components: %w", err)
	}
	components := make([]contracts.Component, len(stored))
	for i, one := range stored {
		components[i] = one.Component
		for _, use := range one.Consumes {
			components[i].Consumes = append(components[i].Consumes, contracts.Consumed{API: use.API})
		}
	}
	return components, nil
}
