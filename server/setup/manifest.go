package setup

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// chosen is what the operator has chosen.
type chosen struct {
	WebURL, Organisation, Name, PublicURL string
	// back is where the browser comes back to from GitHub; "": PublicURL.
	back string
}

// Paths that the manifest names; they are where the server answers.
type Paths struct{ Hook, Callback string }

// manifest is app.yml as the parameters of GitHub's manifest, with this server's addresses.
func manifest(app []byte, c chosen, paths Paths) (string, error) {
	var m map[string]any
	if err := yaml.Unmarshal(app, &m); err != nil {
		return "", fmt.Errorf("read app.yml: %w", err)
	}
	m["name"], m["url"] = c.Name, c.PublicURL
	m["hook_attributes"] = map[string]any{"url": c.PublicURL + paths.Hook, "active": true}
	m["redirect_url"] = cmp.Or(c.back, c.PublicURL) + callbackPath
	m["setup_url"] = c.PublicURL + "/" // after an installation: the overview shows how far its repositories are read
	m["callback_urls"] = []string{c.PublicURL + paths.Callback}
	text, err := json.Marshal(m)
	return string(text), err
}

// newAppURL is where GitHub takes the manifest.
func newAppURL(c chosen, state string) string {
	at := c.WebURL + "/settings/apps/new"
	if c.Organisation != "" {
		at = c.WebURL + "/organizations/" + url.PathEscape(c.Organisation) + "/settings/apps/new"
	}
	return at + "?" + url.Values{"state": {state}}.Encode()
}

var (
	accountPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
	namePattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 _.-]{0,33}$`)
)

// check returns what is wrong with the choice, for the person who has chosen.
func (c *chosen) check() error {
	web, err := origin(c.WebURL)
	if err != nil {
		return fmt.Errorf("GitHub's address: %w", err)
	}
	public, err := origin(c.PublicURL)
	if err != nil {
		return fmt.Errorf("the server's address: %w", err)
	}
	c.WebURL, c.PublicURL = web, public
	switch {
	case strings.HasPrefix(web, "http://") && !local(web):
		return errors.New("GitHub's address: use https, so that nobody can read the credentials on their way")
	case c.Organisation != "" && !accountPattern.MatchString(c.Organisation):
		return errors.New("the organisation: write its name as in its address on GitHub")
	case !namePattern.MatchString(c.Name):
		return errors.New("the App's name: 1 to 34 letters, digits, spaces, dots and dashes")
	case strings.HasPrefix(c.PublicURL, "http://") && !local(c.PublicURL):
		return errors.New("the server's address: use https, so that nobody can read what people send")
	case local(c.PublicURL) && !local(c.WebURL):
		return errors.New("the server's address: GitHub can't reach localhost, so no webhook would arrive. Use an address that GitHub can reach, such as that of a tunnel")
	}
	return nil
}

// origin reads https://HOST, with a port perhaps, and nothing behind it.
func origin(text string) (string, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(text), "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(u.Host, "; ,'\"") {
		return "", errors.New("write https:// and the host, without a path")
	}
	return strings.ToLower(u.Scheme + "://" + u.Host), nil
}

func local(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
}
