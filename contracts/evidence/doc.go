// Package evidence finds out what a repository says about itself at one commit:
// what its components provide and use, from .github/plimsoll.yml and from the
// files that client generators, contract tests and catalogues leave behind.
//
//	Tree ──Collect──▶ contracts.Registration
//
// Three kinds of words about a use, and what each is worth:
//   - declared (plimsoll.yml): a complete list where it lists;
//   - imported (named under `import:`): narrows the use to what it lists;
//   - discovered (just there): adds use and never narrows it. Without a
//     declaration every operation of the API stays assumed.
//
// The package reads files of a [contracts.Tree] within bounds and gives values.
// It must not know GitHub, HTTP servers, databases or logging.
package evidence
