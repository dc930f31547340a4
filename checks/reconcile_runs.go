package checks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// runMemo is what is remembered of a check run.
type runMemo struct {
	Conclusion Conclusion `json:"conclusion,omitempty"`
	// Appending is the digest of a run whose annotations are not all known to have arrived.
	Appending string `json:"appending,omitempty"`
	// Contested counts how often somebody else's run of the name had to be followed by ours.
	Contested int `json:"contested,omitempty"`
}

// mostContested is how often that is answered at once.
const mostContested = 5

// Contested reports whether somebody insists on a check run of this name.
func Contested(p Publication) bool { return memoOf(p).Contested >= mostContested }

func memoOf(p Publication) (memo runMemo) {
	if strings.HasPrefix(p.Memo, "{") {
		_ = json.Unmarshal([]byte(p.Memo), &memo) // written below
		return memo
	}
	return runMemo{Conclusion: Conclusion(p.Memo)} // by an earlier version
}

// ConclusionOf is the conclusion of the check run that stands on GitHub.
func ConclusionOf(p Publication) Conclusion { return memoOf(p).Conclusion }

// gravity orders conclusions; unknown ones are the most severe.
var gravity = []Conclusion{Success, Neutral, InProgress, ActionRequired, Failure}

func graver(a, b Conclusion) bool {
	rank := func(c Conclusion) int {
		if i := slices.Index(gravity, c); i >= 0 {
			return i
		}
		return len(gravity)
	}
	return rank(a) > rank(b)
}

// withVerdicts fills in what the check runs of a commit should say: of each name the
// most severe verdict of the open pull requests with that head. A name without a verdict is
// left as it stands.
func (r *Reconciler) withVerdicts(ctx context.Context, repo contracts.RepositoryRef, head string, stored []Publication) ([]Publication, error) {
	verdicts, err := r.store.Verdicts(ctx, repo, head)
	if err != nil {
		return nil, err
	}
	mostSevere := map[string]Publication{}
	conclusions := map[string]Conclusion{}
	var names []string
	for _, v := range verdicts {
		var run CheckRun
		if err := json.Unmarshal(v.Content, &run); err != nil {
			return nil, fmt.Errorf("read the verdict %s of %s: %w", v.Name, v.Subject, err)
		}
		if _, known := mostSevere[v.Name]; !known {
			names = append(names, v.Name)
		} else if !graver(run.Conclusion, conclusions[v.Name]) {
			continue
		}
		mostSevere[v.Name], conclusions[v.Name] = v, run.Conclusion
	}
	all := slices.DeleteFunc(stored, func(p Publication) bool {
		_, ok := mostSevere[p.Name]
		return p.Kind == PublishedRun && !ok
	})
	for _, name := range names {
		v := mostSevere[name]
		i := slices.IndexFunc(all, func(p Publication) bool { return p.Kind == PublishedRun && p.Name == name })
		if i < 0 {
			i = len(all)
			all = append(all, Publication{Subject: SubjectOfCommit(head), Kind: PublishedRun, Name: name, Head: head, Unsure: v.Unsure})
		}
		all[i].Content, all[i].Digest = v.Content, v.wanted()
	}
	return all, nil
}

// commitRun keeps ours the newest check run of its name on a commit, whichever Apps make others.
// A verdict that says something else is a new run: annotations can't be taken back.
func (r *Reconciler) commitRun(ctx context.Context, repo contracts.RepositoryRef, p Publication) error {
	var run CheckRun
	if err := json.Unmarshal(p.Content, &run); err != nil {
		return err
	}
	if p.Remote == 0 && !p.Unsure {
		return r.newRun(ctx, repo, p, run)
	}
	if p.Published != p.Digest && !p.Unsure && memoOf(p).Appending != p.Digest {
		return r.newRun(ctx, repo, p, run)
	}
	found, err := r.github.RunsNamed(ctx, repo, p.Head, p.Name)
	if err != nil {
		return err
	}
	if len(found) == 0 || !found[0].Own {
		memo := memoOf(p)
		if len(found) > 0 { // somebody else's would count
			memo.Contested++
		}
		p.Unsure, p.Memo = false, encodeMemo(memo)
		return r.newRun(ctx, repo, p, run)
	}
	newest := found[0].ID
	switch {
	case p.Unsure && newest > p.Remote:
		// Made by an attempt whose answer is not known. Its first annotations came with it.
		contested := memoOf(p).Contested
		p.Remote, p.Unsure = newest, false
		p.Memo = encodeMemo(runMemo{Conclusion: run.Conclusion, Appending: p.Digest, Contested: contested})
		if err := r.update(ctx, repo, newest, run); err != nil {
			return err
		}
		if err := r.store.PutActual(ctx, repo, p); err != nil {
			return err
		}
		return r.appendRest(ctx, repo, p, run)
	case p.Published == p.Digest && newest == p.Remote:
		if !p.Unsure {
			return nil
		}
		p.Unsure = false // the database was doubted, and it is right
		return r.store.PutActual(ctx, repo, p)
	case memoOf(p).Appending == p.Digest && newest == p.Remote:
		return r.appendRest(ctx, repo, p, run)
	}
	return r.newRun(ctx, repo, p, run)
}

// ownRun keeps a check run that is updated in place.
func (r *Reconciler) ownRun(ctx context.Context, repo contracts.RepositoryRef, p Publication) error {
	if p.settled() && p.Remote != 0 {
		return nil
	}
	var run CheckRun
	if err := json.Unmarshal(p.Content, &run); err != nil {
		return err
	}
	if p.Remote == 0 && p.Unsure {
		found, err := r.github.FindCheckRun(ctx, repo, run.HeadSHA, run.Name, run.ExternalID)
		if err != nil {
			return err
		}
		p.Remote = found
	}
	if p.Remote == 0 {
		return r.newRun(ctx, repo, p, run)
	}
	err := r.takeOver(ctx, repo, p, p.Remote, run)
	if errors.Is(err, fs.ErrNotExist) {
		p.Remote = 0
		return r.newRun(ctx, repo, p, run)
	}
	return err
}

// newRun makes a check run: the verdict, the texts and the first annotations in one
// request, so that nothing that comes after can take the verdict away.
func (r *Reconciler) newRun(ctx context.Context, repo contracts.RepositoryRef, p Publication, run CheckRun) error {
	run = run.Fitted()
	first := run
	first.Annotations = first.Annotations[:min(len(first.Annotations), MaxAnnotations)]
	p.Unsure = true
	if err := r.store.PutActual(ctx, repo, p); err != nil {
		return err
	}
	id, err := r.github.CreateCheckRun(ctx, repo, first)
	if err != nil {
		return err
	}
	contested := memoOf(p).Contested
	p.Remote, p.Unsure, p.Memo = id, false, encodeMemo(runMemo{Conclusion: run.Conclusion, Contested: contested})
	if len(run.Annotations) > len(first.Annotations) {
		p.Memo = encodeMemo(runMemo{Conclusion: run.Conclusion, Appending: p.Digest, Contested: contested})
		if err := r.store.PutActual(ctx, repo, p); err != nil {
			return err
		}
		return r.appendFrom(ctx, repo, p, run, len(first.Annotations))
	}
	p.Published = p.Digest
	return r.store.PutActual(ctx, repo, p)
}

// appendRest goes on appending annotations behind those that have arrived.
func (r *Reconciler) appendRest(ctx context.Context, repo contracts.RepositoryRef, p Publication, run CheckRun) error {
	run = run.Fitted()
	arrived := 0
	if len(run.Annotations) > 0 {
		var err error
		if arrived, err = r.github.AnnotationCount(ctx, repo, p.Remote); err != nil {
			return err
		}
	}
	return r.appendFrom(ctx, repo, p, run, arrived)
}

func (r *Reconciler) appendFrom(ctx context.Context, repo contracts.RepositoryRef, p Publication, run CheckRun, from int) error {
	rest := run.Annotations[min(from, len(run.Annotations)):]
	for batch := range slices.Chunk(rest, MaxAnnotations) {
		next := run
		next.Annotations = batch
		if err := r.github.UpdateCheckRun(ctx, repo, p.Remote, next); err != nil {
			return fmt.Errorf("append annotations: %w", err)
		}
	}
	p.Published, p.Memo = p.Digest, encodeMemo(runMemo{Conclusion: run.Conclusion, Contested: memoOf(p).Contested})
	return r.store.PutActual(ctx, repo, p)
}

// takeOver brings a run that is there to what it should say.
func (r *Reconciler) takeOver(ctx context.Context, repo contracts.RepositoryRef, p Publication, id int64, run CheckRun) error {
	if err := r.update(ctx, repo, id, run); err != nil {
		return err
	}
	p.Remote, p.Unsure, p.Published, p.Memo = id, false, p.Digest, encodeMemo(runMemo{Conclusion: run.Conclusion})
	return r.store.PutActual(ctx, repo, p)
}

// update replaces what a run says. Its annotations stay: GitHub appends those that are
// sent, so that sending them again would show them twice.
func (r *Reconciler) update(ctx context.Context, repo contracts.RepositoryRef, id int64, run CheckRun) error {
	run = run.Fitted()
	run.Annotations = nil
	return r.github.UpdateCheckRun(ctx, repo, id, run)
}

// redact replaces what a check run says; one that is gone says nothing.
func (r *Reconciler) redact(ctx context.Context, repo contracts.RepositoryRef, p Publication) error {
	if p.settled() {
		return nil
	}
	var run CheckRun
	if err := json.Unmarshal(p.Content, &run); err != nil {
		return err
	}
	if err := r.update(ctx, repo, p.Remote, run); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	p.Published = p.Digest
	return r.store.PutActual(ctx, repo, p)
}
