package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// conversionLife is how long the code of a new App can be exchanged for its credentials, once.
// https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
const conversionLife = time.Hour

// Manifest holds the parameters of a manifest that GitHub documents.
type Manifest struct {
	Name           string            `json:"name"`
	URL            string            `json:"url"`
	Hook           *ManifestHook     `json:"hook_attributes"`
	RedirectURL    string            `json:"redirect_url"`
	Callbacks      []string          `json:"callback_urls"`
	SetupURL       string            `json:"setup_url"`
	Description    string            `json:"description"`
	Public         bool              `json:"public"`
	Events         []string          `json:"default_events"`
	Permissions    map[string]string `json:"default_permissions"`
	OAuthOnInstall bool              `json:"request_oauth_on_install"`
	SetupOnUpdate  bool              `json:"setup_on_update"`
}

// ManifestHook says where webhooks go.
type ManifestHook struct {
	URL    string `json:"url"`
	Active *bool  `json:"active"`
}

// ReadManifest reads the manifest of a form, and refuses what GitHub does.
func ReadManifest(text string) (Manifest, error) {
	var m Manifest
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return m, fmt.Errorf("read the manifest: %w", err)
	}
	switch {
	case m.Name == "" || len(m.Name) > 34:
		return m, errors.New("the name of an App has 1 to 34 characters")
	case len(m.Callbacks) > 10:
		return m, errors.New("an App has at most 10 callback URLs")
	case m.Hook == nil || m.Hook.URL == "":
		return m, errors.New("the manifest has no webhook URL")
	}
	for _, address := range append([]string{m.URL, m.Hook.URL, m.RedirectURL}, m.Callbacks...) {
		if u, err := url.Parse(address); err != nil || u.Host == "" {
			return m, fmt.Errorf("%q is no URL", address)
		}
	}
	return m, checkAsked(m.Permissions, m.Events)
}

// checkAsked refuses permissions and events that do not fit.
func checkAsked(permissions map[string]string, events []string) error {
	for name, level := range permissions {
		if level != "read" && level != "write" {
			return fmt.Errorf("permission %s: %q is neither read nor write", name, level)
		}
	}
	for _, event := range events {
		if need, known := EventNeeds[event]; !known {
			return fmt.Errorf("the simulator knows no event %q", event)
		} else if permissions[need] == "" {
			return fmt.Errorf("event %s needs permission %s", event, need)
		}
	}
	return nil
}

// RegisterManifest registers our App anew, for an owner, and returns the code for its
// credentials.
func (g *GitHub) RegisterManifest(m Manifest, owner *Account) (code string) {
	a := g.App
	a.Name, a.Slug, a.URL, a.Description = m.Name, strings.ToLower(strings.ReplaceAll(m.Name, " ", "-")), m.URL, m.Description
	a.Permissions, a.Events, a.Callbacks, a.SetupURL, a.Owner = m.Permissions, m.Events, m.Callbacks, m.SetupURL, owner
	a.Bot = g.AccountNamed(a.Slug+"[bot]", Bot)
	return g.ConversionCode()
}

// ConversionCode is a code for the App's credentials.
func (g *GitHub) ConversionCode() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "manifest/%d", g.NextID("token")))
	code := hex.EncodeToString(sum[:20])
	g.conversions[code] = g.TokenNow().Add(conversionLife)
	return code
}

// Convert takes a code, once; false if it is none, or too old.
func (g *GitHub) Convert(code string) bool {
	ends, known := g.conversions[code]
	delete(g.conversions, code)
	return known && g.TokenNow().Before(ends)
}
