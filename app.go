// Package plimsoll holds what the whole program shares and what has to lie at
// the top of the repository: the App's manifest.
package plimsoll

import _ "embed"

// AppManifest is app.yml: the permissions and events that the App asks for.
//
//go:embed app.yml
var AppManifest []byte
