package server

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"time"

	"plimsoll/config"
	"plimsoll/server/evidence"
	"plimsoll/server/store"
)

// newEvidence makes the pages behind the links of check runs and statuses.
func newEvidence(conf *config.Server, from *store.Store, webURL string) (*evidence.Pages, error) {
	secrets, err := linkSecrets(conf)
	if err != nil {
		return nil, err
	}
	var keep time.Duration // for ever
	if samples := conf.Retention.Samples; !samples.Forever {
		keep = samples.For.Value()
	}
	links, err := evidence.NewLinks(reachable(conf.PublicURL), secrets, keep)
	if err != nil {
		return nil, err
	}
	return evidence.New(evidence.Config{Store: from, Links: links, Now: from.Now, WebURL: webURL, Graphs: graphsOf(conf)}), nil
}

// graphsOf are the addresses of metric servers for people.
func graphsOf(conf *config.Server) map[string]string {
	graphs := map[string]string{}
	for _, d := range conf.Datasources {
		graphs[string(d.Name)] = string(d.Graph)
		if d.Name == "default" { // repositories need not name it
			graphs[""] = string(d.Graph)
		}
	}
	return graphs
}

// linkSecrets are what links are signed with: what the operator configures, otherwise the
// App's private key. It is the same on all replicas, in any encoding, and can't be guessed
// from links; the webhook's secret may be one that can.
func linkSecrets(conf *config.Server) ([][]byte, error) {
	var secrets [][]byte
	for _, secret := range conf.LinkSecrets {
		secrets = append(secrets, []byte(secret.Reveal()))
	}
	if len(secrets) > 0 {
		return secrets, nil
	}
	return keySecret(conf)
}

// keySecret is the App's private key as a secret that others are derived from.
func keySecret(conf *config.Server) ([][]byte, error) {
	block, _ := pem.Decode([]byte(conf.GitHub.App.PrivateKey.Reveal()))
	if block == nil {
		return nil, nil // the clients have reported that
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read the private key: %w", err)
		}
		var ok bool
		if key, ok = parsed.(*rsa.PrivateKey); !ok {
			return nil, fmt.Errorf("read the private key: it is not an RSA key")
		}
	}
	return [][]byte{x509.MarshalPKCS1PrivateKey(key)}, nil
}

// reachable is the address at which people find the server; empty if none is configured:
// the default, localhost, is another machine for everyone who reads it on GitHub.
func reachable(public config.URL) string {
	if u, err := url.Parse(string(public)); err != nil || u.Host == "" || u.Hostname() == "localhost" {
		return ""
	}
	return string(public)
}
