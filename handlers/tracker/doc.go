// Package tracker keeps what runs where, from GitHub's deployments and releases.
package tracker
