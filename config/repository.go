package config

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
)

// Version of the repository file that this code reads.
const Version = 1

// Repository is what .github/plimsoll.yml says. The organisation's own file has
// the same form.
type Repository struct {
	// File that was read, and its bytes' place: set by ParseRepository.
	File string
	At   Position

	Version    int         `key:"version,required" example:"1" doc:"Version of this file's format: 1."`
	Components []Component `key:"components" doc:"The deployable things that live in this repository."`
	Defaults   *Defaults   `key:"defaults" doc:"Merged under every component. In the organisation's .github repository: under every component of every repository."`
	Policy     *Policy     `key:"policy" doc:"A floor: a repository may tighten what its organisation says, never loosen it."`
}

// Component is a deployable thing: a service, a web app, a job, a library.
type Component struct {
	At           Position
	Name         Name                 `key:"name" doc:"Name of the component. Default: the repository's name."`
	Path         Path                 `key:"path" doc:"Folder that belongs to it. Default: the whole repository."`
	Owner        Owner                `key:"owner" doc:"Who answers for it. Default: the owner that CODEOWNERS gives for this file."`
	Release      Release              `key:"release" doc:"deployed (default): one version is live in each environment. released: many versions live on (apps, libraries)."`
	Provides     []Provides           `key:"provides" doc:"The APIs that it provides."`
	Consumes     []Consumes           `key:"consumes" doc:"The APIs that it uses."`
	Health       *Health              `key:"health" doc:"Readiness: what must exist before it goes live."`
	Environments map[Name]Environment `key:"environments" doc:"Where it runs."`
}

// Release says how versions live.
type Release string

// The kinds of release; empty means Deployed.
const (
	Deployed Release = "deployed"
	Released Release = "released"
)

func (Release) words() []string { return []string{string(Deployed), string(Released)} }

// OnBreak says what a breaking finding does.
type OnBreak string

// What a breaking finding does; empty means Block.
const (
	Block OnBreak = "block"
	Warn  OnBreak = "warn"
)

func (OnBreak) words() []string { return []string{string(Block), string(Warn)} }

// GateUnknown says what a gate does with what is unknown.
type GateUnknown string

// What is unknown holds a gate, or does not; empty means Hold.
const (
	Hold  GateUnknown = "hold"
	Allow GateUnknown = "allow"
)

func (GateUnknown) words() []string { return []string{string(Hold), string(Allow)} }

// AnswerTo says which repositories get check runs.
type AnswerTo string

// Every repository that the App can read, or those with a repository file; empty means
// Enrolled.
const (
	Everywhere AnswerTo = "everywhere"
	Enrolled   AnswerTo = "enrolled"
)

func (AnswerTo) words() []string { return []string{string(Enrolled), string(Everywhere)} }

// Provides is one API that a component provides.
type Provides struct {
	At       Position
	API      Name    `key:"api,required" example:"orders" doc:"Name of the API, unique in the repository."`
	Spec     Path    `key:"spec,required" example:"openapi.yaml" doc:"The OpenAPI document; it may $ref other files of the repository."`
	External bool    `key:"external" doc:"true: consumers outside the organisation exist, so that unknown users are assumed."`
	OnBreak  OnBreak `key:"on_break" doc:"block (default): a change that breaks a live consumer fails the check run. warn: it is told only."`
}

// Consumes is one API that a component uses.
type Consumes struct {
	At         Position
	API        APIName     `key:"api,required" example:"payments" doc:"The API: its short name, which belongs to the repository that provided it first, or owner/repo/api."`
	Via        Via         `key:"via" doc:"What wrote the client; sets what it copes with."`
	Baseline   Baseline    `key:"baseline" doc:"The contract that this was written against: a full commit of the provider, or the path of a stored copy. Default: the provider's default branch when this was committed."`
	Operations []Operation `key:"operations" doc:"The operations that it uses. None: every operation is assumed."`
	Import     []Glob      `key:"import" doc:"Files that say more about the use (Pact, Kiota, API Manifest, openapitools.json, openapi-ts): what they list narrows the use to it."`
}

// Via names what wrote a client.
type Via string

func (Via) words() []string {
	return []string{"kiota", "openapi-generator", "swagger-codegen", "oapi-codegen", "openapi-typescript", "hey-api", "orval", "nswag", "hand", "other"}
}

// Operation is the use of one operation, or of those that a glob matches.
type Operation struct {
	At Position
	Op Selector `key:"op,required" example:"GET /payments/{id}" doc:"Method and path (parameter names do not matter), an operationId, or a glob."`
	// Reads and Sends: nil is not listed, empty is none at all.
	Reads  []Pattern `key:"reads" doc:"Every field that is read from the response: a complete list. [] ignores the body. Absent: all is assumed."`
	Sends  []Pattern `key:"sends" doc:"Every field and parameter that is sent: a complete list. Absent: all is assumed."`
	Status []Status  `key:"status" doc:"The statuses that are handled."`
}

// Health is what must exist before a component goes live.
type Health struct {
	At       Position
	Endpoint *Endpoint `key:"endpoint" doc:"Health endpoint: an operation of the provided contract, or probed by a verification."`
	Alerts   []Glob    `key:"alerts" doc:"Prometheus rule files; at least one alert must name this component."`
	Runbook  Link      `key:"runbook" doc:"What to do when it is down: a file of the repository or an address."`
	Waive    []Waiver  `key:"waive" doc:"Rules that do not count for a while; each is shown on every pull request."`
}

// Waiver lets one readiness rule be, until a day.
type Waiver struct {
	At     Position
	Rule   Rule   `key:"rule,required" example:"runbook" doc:"The rule, or a family of rules."`
	Reason Reason `key:"reason,required" example:"\"internal batch job\"" doc:"Why, for those who read it on the pull request."`
	Until  Date   `key:"until,required" example:"2027-01-31" doc:"The last day on which it counts."`
}

// Rule names a readiness rule or a family of them.
type Rule string

// Families of readiness rules, by the letters that their ids begin with.
var families = []struct{ word, letters string }{
	{"health", "HC"}, {"alerts", "AL"}, {"runbook", "RB"}, {"verify", "VF"}, {"deploy", "DP"}, {"owner", "OW"},
}

var ruleIDs = []string{
	"HC001", "HC002", "HC003", "HC004", "HC005", "HC006", "AL001", "AL002", "AL003", "AL004",
	"RB001", "VF001", "VF002", "VF003", "DP001", "DP002", "OW001",
}

func (Rule) words() []string {
	var all []string
	for _, f := range families {
		all = append(all, f.word)
	}
	return append(all, ruleIDs...)
}

// Covers says whether the rule is, or its family holds, the rule with an id such
// as RB001.
func (r Rule) Covers(id string) bool {
	for _, f := range families {
		if f.word == string(r) {
			return len(id) > 2 && id[:2] == f.letters
		}
	}
	return string(r) == id
}

// Defaults stand under every component.
type Defaults struct {
	At           Position
	Owner        Owner                `key:"owner" doc:"Who answers for a component that names nobody."`
	Release      Release              `key:"release" doc:"How versions live: deployed or released."`
	OnBreak      OnBreak              `key:"on_break" doc:"What a breaking change does to an API that does not say: block or warn."`
	Health       *Health              `key:"health" doc:"Readiness of a component that does not say."`
	Environments map[Name]Environment `key:"environments" doc:"Environments of every component."`
}

// Policy is a floor under every component.
type Policy struct {
	At        Position
	OnBreak   OnBreak  `key:"on_break" doc:"block: no API may set on_break: warn."`
	Block     []Rule   `key:"block" doc:"Readiness rules whose new violations fail the check run. Absent: all of them."`
	MaxWaiver Duration `key:"max_waiver" doc:"How far ahead a waiver may reach, such as 90d."`
	Protected []Glob   `key:"protected" doc:"Base branches besides the default branch for which the bare check names speak, such as release/*. In the organisation's file only."`
	Answer    AnswerTo `key:"answer" doc:"everywhere: repositories without a repository file get check runs as well, so that a ruleset can require them. In the organisation's file only. Default: enrolled."`
	MinWatch  Duration `key:"min_watch" doc:"How long a verification in a production environment watches at least, such as 10m."`
	Gate      bool     `key:"gate" doc:"true: every production environment answers its deployment protection rule."`
	// GateUnknown never lets a commit pass that has itself made the answer unknowable.
	GateUnknown GateUnknown `key:"gate_unknown" doc:"What a gate does while it is unknown whether a commit breaks anybody: hold (default) or allow."`
}

// repositoryKeys are for hints about keys in the wrong place.
var repositoryKeys = sync.OnceValue(func() map[string][]string { return knownKeys(reflect.TypeFor[Repository]()) })

// ParseRepository reads a repository's or an organisation's file, YAML or JSON.
// The error is [Errors]: everything that is wrong, at once.
func ParseRepository(file string, data []byte) (*Repository, error) {
	documents, err := ParseTree(file, data, RepositoryBounds)
	if err != nil && documents == nil {
		return nil, err
	}
	if len(documents) == 0 {
		return nil, Errors{{File: file, Message: "the file is empty", Hint: "begin it with version: 1; without this file, Plimsoll does not check the repository"}}
	}
	d := &decoder{file: file, positions: map[string]Position{}, known: repositoryKeys()}
	d.errs, _ = errors.AsType[Errors](err)
	repository := &Repository{File: file}
	d.value(documents[0], reflect.ValueOf(repository).Elem(), "")
	if v := repository.Version; v != Version && d.positions["version"].Line > 0 && !d.failed("version") {
		d.errs = nil // what another version means by its keys is not known here
		d.faultAt("version", fmt.Sprintf("expected %d, found %d", Version, v), "write version: 1, or upgrade Plimsoll")
		return nil, d.errs.result()
	}
	d.check(repository)
	if err := d.errs.result(); err != nil {
		return nil, err
	}
	return repository, nil
}
