// Package simulator is a stateful GitHub in memory: what the tests run the whole
// product against, and what `plimsoll demo` shows.
//
// Behind APIPath it answers the operations of GitHub's REST API that are listed in
// github/trim/operations.txt, from real git objects; every request and every
// response is checked against GitHub's own description (github/rest.json.gz) and
// every request against the permissions of the App's manifest. People and jobs of
// GitHub Actions have tokens too (UserToken, JobToken), good for little but to say who
// they are and what they may read. Behind / it shows pages such as a person would
// see. What happens to its repositories it tells the App in signed webhooks.
//
//	script ──▶ model (repositories, pull requests, checks …) ──▶ events ──▶ deliveries ──POST──▶ App
//	              ▲                                                                               │
//	              └──── routes ◀── permissions ◀── validation ◀── faults ◀── limits ◀─────REST────┘
//
// A script acts through the methods of Simulator, Repository, PullRequest,
// CheckSuite, Installation, Deployment, Release and Team. A script that names
// something that is not there (a branch, a user's repository) is a programming error
// and panics; what depends on content, such as a merge conflict, is an error.
//
// The package must not know anything of Plimsoll but the manifest (app.yml): it
// judges the App from outside.
package simulator
