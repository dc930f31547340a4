package config

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
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

	Version    int         `key:"version,required" example:"1" doc:"Version of the format of this file. Always 1."`
	Components []Component `key:"components" doc:"The deployable components of this repository: services, web apps, jobs, libraries."`
	Defaults   *Defaults   `key:"defaults" doc:"Defaults for every component of this file. In the organisation's .github repository: for every component of every repository."`
	Policy     *Policy     `key:"policy" doc:"Minimum requirements. A repository can make its organisation's policy stricter, never weaker."`
}

// Component is a deployable thing: a service, a web app, a job, a library.
type Component struct {
	At           Position
	Name         Name                 `key:"name" doc:"Name of the component, such as orders. Default: the name of the repository. Required if the file has several components."`
	Path         Path                 `key:"path" doc:"Folder of the component, such as services/orders. Default: the whole repository."`
	Owner        Owner                `key:"owner" doc:"Owner of the component, such as @acme/orders. Default: the owner of this file in CODEOWNERS."`
	Release      Release              `key:"release" doc:"deployed (default): each environment runs one version. released: many versions stay in use, as for apps and libraries."`
	Provides     []Provides           `key:"provides" doc:"APIs that the component provides."`
	Consumes     []Consumes           `key:"consumes" doc:"APIs that the component consumes."`
	Health       *Health              `key:"health" doc:"What the component needs before it may run in production."`
	Environments map[Name]Environment `key:"environments" doc:"Environments in which the component runs, by name."`
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
	API      Name    `key:"api,required" example:"orders" doc:"Name of the API, such as orders. Unique in the repository."`
	Spec     Path    `key:"spec,required" example:"openapi.yaml" doc:"Path of the OpenAPI document, such as openapi.yaml. It may $ref other files of the repository."`
	External bool    `key:"external" doc:"true: the API has consumers outside the organisation, so unknown consumers are assumed. Default: false."`
	OnBreak  OnBreak `key:"on_break" doc:"block (default): a change that breaks a live consumer fails the check run. warn: the change is only reported."`
	// Rules, the organisation's defaults first. Of those that cover a change the last counts.
	Rules []RuleSetting `key:"rules" json:",omitempty" doc:"Other levels for rules, and changes that are ignored until a day. Of several entries for one change the last counts."`
}

// Consumes is one API that a component uses.
type Consumes struct {
	At         Position
	API        APIName     `key:"api,required" example:"payments" doc:"Name of the API: payments, or in full acme/payments-service/payments. A short name belongs to the repository that provided it first."`
	Via        Via         `key:"via" doc:"Generator of the client, such as kiota. It decides which changes the client tolerates, such as unknown enum values."`
	Baseline   Baseline    `key:"baseline" doc:"Contract version that the client was written against: a full commit of the provider's repository, or the path of a stored copy. Default: the provider's default branch at the time of this declaration."`
	Operations []Operation `key:"operations" doc:"Operations that the component uses. Default: all operations are assumed to be used."`
	Import     []Glob      `key:"import" doc:"Files that list what is used: Pact, Kiota, API Manifest, openapitools.json, openapi-ts. Globs such as pacts/*.json are allowed."`
}

// Via names what wrote a client.
type Via string

func (Via) words() []string {
	return []string{"kiota", "openapi-generator", "swagger-codegen", "oapi-codegen", "openapi-typescript", "hey-api", "orval", "nswag", "hand", "other"}
}

// Operation is the use of one operation, or of those that a glob matches.
type Operation struct {
	At Position
	Op Selector `key:"op,required" example:"GET /payments/{id}" doc:"Method and path, such as GET /orders/{id} (parameter names are ignored), an operationId, or a glob such as GET /admin/**."`
	// Reads and Sends: nil is not listed, empty is none at all.
	Reads  []Pattern `key:"reads" doc:"Complete list of the response fields that are read, such as lines[].sku. []: the body is ignored. Default: all fields are assumed to be read."`
	Sends  []Pattern `key:"sends" doc:"Complete list of the request fields and parameters that are sent. Default: all are assumed to be sent."`
	Status []Status  `key:"status" doc:"Response statuses that the client handles, such as 200, 2XX or default."`
}

// Health is what must exist before a component goes live.
type Health struct {
	At       Position
	Endpoint *Endpoint `key:"endpoint" doc:"Health endpoint, such as GET /healthz. It must be an operation of a provided contract, or be probed by a verification."`
	Alerts   []Glob    `key:"alerts" doc:"Paths or globs of Prometheus rule files, such as ops/**/alerts.yml. At least one alert must name this component."`
	Runbook  Link      `key:"runbook" doc:"What to do when the component is down: a file of the repository, such as docs/runbook.md, or an https URL."`
	Waive    []Waiver  `key:"waive" doc:"Readiness rules that are waived until a date. Pull requests show each waiver."`
}

// Waiver lets one readiness rule be, until a day.
type Waiver struct {
	At     Position
	Rule   Rule   `key:"rule,required" example:"runbook" doc:"Rule or family of rules to waive, such as RB001 or runbook."`
	Reason Reason `key:"reason,required" example:"\"internal batch job\"" doc:"Why the rule is waived. Pull requests show this sentence."`
	Until  Date   `key:"until,required" example:"2027-01-31" doc:"Last day of the waiver, such as 2027-01-31."`
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
	Owner        Owner                `key:"owner" doc:"Owner of components that name none."`
	Release      Release              `key:"release" doc:"deployed or released, for components that do not say."`
	OnBreak      OnBreak              `key:"on_break" doc:"block or warn, for APIs that do not say."`
	Health       *Health              `key:"health" doc:"Health section of components, filled in key by key."`
	Environments map[Name]Environment `key:"environments" doc:"Environments of every component, filled in by name and key by key."`
	Rules        []RuleSetting        `key:"rules" json:",omitempty" doc:"Rule settings of every API, before its own."`
}

// Policy is a floor under every component.
type Policy struct {
	At        Position
	OnBreak   OnBreak  `key:"on_break" doc:"block: on_break: warn of an API has no effect."`
	Block     []Rule   `key:"block" doc:"Readiness rules whose new gaps fail the check run, such as [health, RB001]. Default: all rules."`
	MaxWaiver Duration `key:"max_waiver" doc:"Longest time that a waiver, or an ignored change, may last from today, such as 90d. Default: no limit."`
	Protected []Glob   `key:"protected" doc:"More base branches, beside the default branch, to which plimsoll/contracts and plimsoll/readiness apply, such as release/*. Only in the organisation's file."`
	Answer    AnswerTo `key:"answer" doc:"everywhere: repositories without a repository file get check runs as well, so that a ruleset can require them. enrolled (default): only repositories with a repository file. Only in the organisation's file."`
	MinWatch  Duration `key:"min_watch" doc:"Shortest watch of a verification in production environments, such as 10m. Default: no minimum."`
	Gate      bool     `key:"gate" doc:"true: Plimsoll answers the deployment protection rule of every production environment. Default: false."`
	// GateUnknown never lets a commit pass that has itself made the answer unknowable.
	GateUnknown GateUnknown `key:"gate_unknown" doc:"What a gate does while it is unknown whether a commit breaks a consumer: hold (default) or allow."`
	Rules       []FixedRule `key:"rules" json:",omitempty" doc:"Rules that no repository can ignore or give a lower level, and their least levels."`
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

// RepositoryFiles are the paths at which the repository file may stand; the first that
// exists is read.
var RepositoryFiles = []string{".github/plimsoll.yml", "plimsoll.yml"}

// Find gives the repository file among the paths of a repository; "" without one. A file
// that looks as if it was meant to be one gives an error that says where to put it. So
// does a second repository file, which is not read.
func Find(paths []string) (string, Errors) {
	var file string
	var notes Errors
	for _, candidate := range RepositoryFiles {
		switch {
		case !slices.Contains(paths, candidate):
		case file == "":
			file = candidate
		default:
			notes = append(notes, &Error{File: candidate, Message: "this file is ignored, because " + file + " exists", Hint: "move its content there and remove it"})
		}
	}
	for _, p := range paths {
		if NearMiss(p) {
			hint := "rename it to " + RepositoryFiles[0]
			if file != "" {
				hint = "move its content to " + file + " and remove it"
			}
			notes = append(notes, &Error{File: p, Message: "this file is ignored: the repository file is " + RepositoryFiles[0] + " or " + RepositoryFiles[1], Hint: hint})
		}
	}
	return file, notes
}

// NearMiss says whether a path looks like a repository file and is none: another
// extension, another spelling, another folder at the top.
func NearMiss(p string) bool {
	if slices.Contains(RepositoryFiles, p) {
		return false
	}
	folder, name := path.Split(p)
	folder, name = strings.ToLower(folder), strings.ToLower(name)
	stem := strings.TrimPrefix(strings.TrimSuffix(name, path.Ext(name)), ".")
	if !slices.Contains([]string{".yml", ".yaml", ".json"}, path.Ext(name)) || stem != "plimsoll" && stem != "plimsol" {
		return false
	}
	return slices.Contains([]string{"", ".github/", "github/", ".github/workflows/", ".plimsoll/"}, folder)
}
