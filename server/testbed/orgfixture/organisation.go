package orgfixture

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Options of New. What is 0 takes its default: the organisation that the README's
// figures are given for.
type Options struct {
	Seed uint64
	// Repositories hold Components that declare the use of Operations in all; of the
	// components so many as Popular use the popular API. Defaults 2,000, 5,000,
	// 50,000 and 200.
	Repositories, Components, Operations, Popular int
	// API that is popular, as GitHub knows its repository, and how many Resources its
	// contract has (see Contract; default 250).
	API       contracts.APIRef
	Resources int
}

func (o Options) withDefaults() Options {
	for field, value := range map[*int]int{&o.Repositories: 2000, &o.Components: 5000, &o.Operations: 50_000, &o.Popular: 200, &o.Resources: 250} {
		if *field == 0 {
			*field = value
		}
	}
	return o
}

// Repository is what the registry knows of one repository.
type Repository struct {
	// Now is what its default branch says; Before, where it is set, what it said
	// when it was first read: what it uses has come since.
	Now    contracts.Registration
	Before *contracts.Registration
	// Live is what it said at commits that run.
	Live        []contracts.Registration
	Deployments []deploy.Deployment
	Releases    []contracts.LiveVersion
}

// Organisation is the whole organisation, without the provider of the popular API.
type Organisation struct {
	Repositories []Repository
	// Uses counts the declared operations, Versions what runs or was released.
	Uses, Versions int
}

// firstID is the id of the first repository: far from those that a simulator gives.
const firstID = 1_000_000

// builder draws an organisation.
type builder struct {
	Options
	*rand.Rand
	apis    []contracts.APIRef // all but the popular one
	started int                // components so far
	out     Organisation
}

// New makes an organisation.
func New(o Options) *Organisation {
	o = o.withDefaults()
	b := &builder{Options: o, Rand: rand.New(rand.NewPCG(o.Seed, 0))}
	for i := range o.Repositories {
		if i%5 == 0 {
			// One name in fifty is taken twice: consumers must write it in full.
			name := fmt.Sprintf("api-%d", i/5-(i/5%50)/49)
			b.apis = append(b.apis, contracts.APIRef{Repository: b.ref(i), Name: name})
		}
	}
	for i := range o.Repositories {
		b.repository(i)
	}
	return &b.out
}

func (b *builder) ref(i int) contracts.RepositoryRef {
	return contracts.RepositoryRef{
		Installation: b.API.Repository.Installation, ID: int64(firstID + i), Owner: b.API.Repository.Owner,
		Name: fmt.Sprintf("service-%04d", i), Private: i%10 != 0,
	}
}

// repository draws the i-th repository: as many components as are due by then.
func (b *builder) repository(i int) {
	r := Repository{Now: contracts.Registration{
		Repository: b.ref(i), DefaultBranch: "main", Commit: sha(i, "now"), Enrolled: true,
		File: ".github/plimsoll.yml", FileSHA: sha(i, "file"),
	}}
	for due := (i + 1) * b.Components / b.Repositories; b.started < due; b.started++ {
		c := contracts.Component{
			Name: fmt.Sprintf("component-%04d", b.started), Owner: fmt.Sprintf("@%s/team-%d", b.API.Repository.Owner, b.IntN(60)),
			Position: contracts.Position{File: r.Now.File, Line: 3 + 40*len(r.Now.Components)},
		}
		b.uses(&c)
		r.Now.Components = append(r.Now.Components, c)
	}
	if i%5 == 0 && len(r.Now.Components) > 0 {
		r.Now.Components[0].Provides = []contracts.Provided{{
			API: b.apis[i/5].Name, Spec: "openapi.yaml", Files: map[string]string{"openapi.yaml": sha(i, "contract")},
		}}
	}
	if b.IntN(3) == 0 {
		first := withoutUses(r.Now)
		first.Commit = sha(i, "first")
		r.Before = &first
	}
	b.run(i, &r)
	b.out.Repositories = append(b.out.Repositories, r)
}

func withoutUses(r contracts.Registration) contracts.Registration {
	r.Components = append([]contracts.Component(nil), r.Components...)
	for i := range r.Components {
		r.Components[i].Consumes = nil
	}
	return r
}

// noon is when everything was deployed.
var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// run draws which commits run where: most components run in production and in
// staging, some roll out just now, some are released, of some nothing is known. What
// runs is either what the default branch says or something older.
func (b *builder) run(i int, r *Repository) {
	old := older(r.Now, sha(i, "old"))
	r.Live = []contracts.Registration{r.Now, old}
	for k, c := range r.Now.Components {
		record := func(environment, commit string, state deploy.State) {
			b.out.Versions++
			id := int64(len(r.Deployments) + 1)
			d := deploy.Deployment{
				ID: id, Commit: commit, Ref: "main", Task: "deploy", Environment: environment, Production: environment == "production",
				State: state, Status: id, CreatedAt: noon.Add(time.Duration(id) * time.Minute), Creator: "ana",
				Targets: []deploy.Target{{Component: c.Name, Environment: environment, Production: environment == "production"}},
			}
			if d.StateAt = d.CreatedAt; state == deploy.Success {
				d.SucceededAt = d.StateAt
			}
			r.Deployments = append(r.Deployments, d)
		}
		switch kind := b.IntN(20); {
		case kind < 3: // nothing is known
			continue
		case kind < 5:
			b.out.Versions += 2
			for n, commit := range []string{r.Now.Commit, old.Commit} {
				r.Releases = append(r.Releases, contracts.LiveVersion{
					Repository: r.Now.Repository, Component: c.Name, Release: fmt.Sprintf("v%d.%d.0", k+1, 9-n), Commit: commit, Production: true, Since: noon,
				})
			}
		case kind < 7:
			record("production", old.Commit, deploy.Success)
			record("production", r.Now.Commit, deploy.InProgress)
			record("staging", r.Now.Commit, deploy.Success)
		case kind < 13:
			record("production", old.Commit, deploy.Success)
			record("staging", r.Now.Commit, deploy.Success)
		default:
			record("production", r.Now.Commit, deploy.Success)
			record("staging", r.Now.Commit, deploy.Success)
		}
	}
}

// older is what a repository said before: each use without its last operation.
func older(r contracts.Registration, commit string) contracts.Registration {
	r.Commit = commit
	r.Components = append([]contracts.Component(nil), r.Components...)
	for i := range r.Components {
		uses := append([]contracts.Consumed(nil), r.Components[i].Consumes...)
		for k := range uses {
			if most := len(uses[k].Usage.Operations); most > 1 {
				uses[k].Usage.Operations = uses[k].Usage.Operations[:most-1]
			}
		}
		r.Components[i].Consumes = uses
	}
	return r
}

// sha gives a commit's or a blob's name.
func sha(repository int, what string) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("%d %s", repository, what)))
	return hex.EncodeToString(sum[:])
}
