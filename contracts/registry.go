package contracts

import "context"

// RepositoryRef names a repository of an installation. The id is the key: names
// change hands when a repository is renamed or transferred.
type RepositoryRef struct {
	Installation int64  `json:"installation,omitempty"`
	ID           int64  `json:"id,omitempty"`
	Owner        string `json:"owner"`
	Name         string `json:"name"`
	// Private: not everybody may read it. Internal: everybody in the enterprise may, and
	// GitHub calls it private as well.
	Private  bool `json:"private,omitempty"`
	Internal bool `json:"internal,omitempty"`
}

// VisibilityInternal is GitHub's word for a repository that everybody in the enterprise may
// read.
const VisibilityInternal = "internal"

// MayName reports whether what can be read by everybody who can read this repository may
// name another repository of the account. A public page names public repositories, an
// internal one also internal ones, a private one all.
func (r RepositoryRef) MayName(other RepositoryRef) bool {
	switch {
	case !other.Private && !other.Internal:
		return true
	case r.Internal:
		return other.Internal
	}
	return r.Private
}

// FullName gives "owner/name".
func (r RepositoryRef) FullName() string { return r.Owner + "/" + r.Name }

// APIRef names an API: owner/repo/api in full, api alone where it is the first of that name in
// the installation.
type APIRef struct {
	Repository RepositoryRef `json:"repository"`
	Name       string        `json:"name"`
}

// FullName gives "owner/repo/api".
func (a APIRef) FullName() string { return a.Repository.FullName() + "/" + a.Name }

// Registration is what one repository says about itself at one commit.
type Registration struct {
	Repository    RepositoryRef `json:"repository"`
	DefaultBranch string        `json:"default_branch"`
	Archived      bool          `json:"archived,omitempty"`
	// Commit that was read.
	Commit string `json:"commit"`
	// Enrolled is false where the repository has no plimsoll.yml.
	Enrolled bool `json:"enrolled"`
	// File is the path of the repository file, FileSHA its content's name.
	File    string `json:"file,omitempty"`
	FileSHA string `json:"file_sha,omitempty"`
	// Components as declared, and as imported from other evidence.
	Components []Component `json:"components,omitempty"`
	// Problems found in the repository file, in contracts and in imports.
	Problems []Problem `json:"problems,omitempty"`
	// Broken: the repository file itself could not be used, Components is empty
	// and the last good version goes on counting.
	Broken bool `json:"broken,omitempty"`
}

// Component is a deployable thing that lives in a repository.
type Component struct {
	Name     string     `json:"name"`
	Path     string     `json:"path,omitempty"`
	Owner    string     `json:"owner,omitempty"`
	Release  string     `json:"release,omitempty"` // deployed | released
	Provides []Provided `json:"provides,omitempty"`
	Consumes []Consumed `json:"consumes,omitempty"`
	// Environments that the declaration names, sorted by name.
	Environments []Environment `json:"environments,omitempty"`
	Position     Position      `json:"position"`
}

// Environment is a place where a component is declared to run.
type Environment struct {
	Name string `json:"name"`
	// Production says whether it is of the production class; nil: it does not say.
	Production *bool `json:"production,omitempty"`
	// Gate: the App answers its deployment protection rule.
	Gate bool `json:"gate,omitempty"`
}

// Provided is an API that a component provides.
type Provided struct {
	API      string `json:"api"`
	Spec     string `json:"spec"`
	External bool   `json:"external,omitempty"`
	OnBreak  string `json:"on_break,omitempty"` // block | warn
	// Rules are the rule settings of the API, and Policy what no setting can loosen.
	Rules  []RuleSetting `json:"rules,omitempty"`
	Policy *RulePolicy   `json:"rule_policy,omitempty"`
	// Files are the contract's own files (spec and what it $refs), path → SHA.
	Files map[string]string `json:"files,omitempty"`
	// Problem: why the contract could not be read; nil when it could.
	Problem  *Problem `json:"problem,omitempty"`
	Position Position `json:"position"`
}

// Consumed is an API that a component uses. API is as written: short or full.
type Consumed struct {
	API   string `json:"api"`
	Usage Usage  `json:"usage"`
}

// Registry knows who provides and who consumes what, per installation (a GitHub
// account). Implemented by the store.
type Registry interface {
	// Registration gives the last good registration of a repository (Broken and
	// Problems as last seen), or an error that wraps io/fs.ErrNotExist.
	Registration(ctx context.Context, installation, repository int64) (Registration, error)
	// Consumers gives every consumer version of an API that counts, sorted by
	// repository, component and environment: those that name it in full, and
	// those that use its short name where it is the first of that name in the installation.
	Consumers(ctx context.Context, api APIRef) ([]Consumer, error)
}
