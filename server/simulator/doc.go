// Package simulator is a stateful GitHub in memory: tests run the whole product against
// it, and `plimsoll demo` shows it.
//
// Below APIPath it answers the operations of GitHub's REST API that are listed in
// internal/description/trim/operations.txt, from real git objects. It checks every
// request and answer against GitHub's own description, and every request against the
// permissions of the App's manifest. People and jobs of GitHub Actions have tokens too
// (UserToken, JobToken), which only say who they are and what they may read. Below / it
// shows pages such as a person would see. Events reach the App in signed webhooks.
//
//	script ─▶ simulator ─▶ internal/model ─events─▶ internal/hook ─POST─▶ App
//	                         ▲        ▲              (internal/payload)    │
//	              internal/page    internal/api ◀───────── REST ───────────┘
//	                                (internal/description, internal/payload)
//
// This package is what scripts hold: handles of repositories, pull requests and the rest,
// whose methods lock the model and act as people, other Apps or workflows do. A script that
// names something that is not there (a branch, a user's repository) is a programming error
// and panics; what depends on content, such as a merge conflict, is an error.
//
//   - internal/git: commits, trees, merges, differences
//   - internal/model: what exists, and GitHub's rules for how it changes
//   - internal/payload: the model as GitHub's JSON
//   - internal/hook: events as signed deliveries, and their log
//   - internal/description: GitHub's own description of its API
//   - internal/api: who may call what, limits, faults, one handler for each operation
//   - internal/page, internal/markdown: what a person sees, as HTML and as text
//
// The simulator must not know anything of Plimsoll but the manifest (app.yml): it evaluates
// the App from outside.
package simulator
