// Package setup registers the GitHub App of a server that has none yet, by GitHub's manifest
// flow, and writes its credentials to the operator's file, or to the manifest of a Kubernetes
// Secret.
//
//	token from the log ──▶ where, and which owner ──▶ GitHub: create the App ──▶ credentials written
//
// It is open until the credentials are written and never again: `plimsoll serve` starts it
// only if nothing says which App the server is. It must not know the server that begins then.
package setup
