package setup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"plimsoll/config"
	"plimsoll/server/github/registration"
)

// journal is a file beside the target, from the moment before GitHub is asked for the
// credentials, which it gives once, until they are written. Its first line says what was chosen.
// The credentials follow as soon as GitHub has given them, in space that was reserved before:
// a full disk is noticed while the code still counts.
type journal struct{ name string }

// journal belongs to the target.
func (t Target) journal() journal { return journal{t.Name() + ".setup"} }

// reserved is more than the credentials of an App take, in bytes.
const reserved = 16 << 10

// record is what was chosen.
type record struct {
	WebURL       string `json:"web_url"`
	Organisation string `json:"organisation,omitempty"`
	Name         string `json:"name"`
	PublicURL    string `json:"public_url"`
}

// credentials are those of the App.
type credentials struct {
	ID            int64  `json:"id"`
	Slug          string `json:"slug"`
	HTMLURL       string `json:"html_url"`
	ClientID      string `json:"client_id"`
	PrivateKey    string `json:"private_key"`
	WebhookSecret string `json:"webhook_secret"`
	ClientSecret  string `json:"client_secret"`
}

// begin notes that GitHub is about to be asked.
func (j journal) begin(c chosen) error {
	line, err := json.Marshal(record{c.WebURL, c.Organisation, c.Name, c.PublicURL})
	if err != nil {
		return fmt.Errorf("write %s: %w", j.name, err)
	}
	return replace(j.name, append(append(line, '\n'), bytes.Repeat([]byte{' '}, reserved)...))
}

// keep adds the credentials, in the space that was reserved.
func (j journal) keep(app registration.App) (err error) {
	text, err := json.Marshal(credentials{
		app.ID, app.Slug, app.HTMLURL, app.ClientID, app.PrivateKey.Reveal(), app.WebhookSecret.Reveal(), app.ClientSecret.Reveal(),
	})
	if err != nil {
		return err
	}
	content, err := os.ReadFile(j.name)
	if err != nil {
		return plain(err)
	}
	first := bytes.IndexByte(content, '\n') + 1
	file, err := os.OpenFile(j.name, os.O_WRONLY, 0)
	if err != nil {
		return plain(err)
	}
	_, err = file.WriteAt(append(text, '\n'), int64(first))
	if err == nil {
		err = file.Sync()
	}
	return plain(errors.Join(err, file.Close()))
}

// read gives what an earlier setup left: what was chosen, and the credentials if they are whole.
// found is false if it left nothing.
func (j journal) read() (c chosen, app *registration.App, found bool, err error) {
	content, err := os.ReadFile(j.name)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil, false, nil
	}
	if err != nil {
		return c, nil, false, fmt.Errorf("read what an earlier setup left: %w", err)
	}
	first, rest, _ := bytes.Cut(content, []byte{'\n'})
	var r record
	if err := json.Unmarshal(first, &r); err != nil || r.WebURL == "" {
		return c, nil, false, fmt.Errorf("%s is not what a setup left. Remove it", j.name)
	}
	c = chosen{WebURL: r.WebURL, Organisation: r.Organisation, Name: r.Name, PublicURL: r.PublicURL}
	second, _, whole := bytes.Cut(rest, []byte{'\n'})
	var kept credentials
	if !whole || json.Unmarshal(second, &kept) != nil || kept.ID == 0 {
		return c, nil, true, nil
	}
	return c, &registration.App{
		ID: kept.ID, Slug: kept.Slug, HTMLURL: kept.HTMLURL, ClientID: kept.ClientID, PrivateKey: config.NewSecret(kept.PrivateKey),
		WebhookSecret: config.NewSecret(kept.WebhookSecret), ClientSecret: config.NewSecret(kept.ClientSecret),
	}, true, nil
}

// end removes it.
func (j journal) end() error {
	if err := os.Remove(j.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return plain(err)
	}
	return nil
}

// Resume writes what an earlier setup got from GitHub and could not write, because it ended. It
// reports whether that was so: then no page is needed.
func Resume(t Target) (resumed bool, err error) {
	c, app, found, err := t.journal().read()
	if err != nil || !found || app == nil {
		return false, err
	}
	if err := t.Write(c, *app); err != nil {
		return false, fmt.Errorf("write the credentials that an earlier setup got from GitHub: %w", err)
	}
	return true, t.journal().end()
}

// Forget removes what a setup left that ended right after everything was written. A file that
// no setup has written is kept.
func Forget(t Target) error {
	if _, _, found, err := t.journal().read(); err != nil || !found {
		return nil
	}
	return t.journal().end()
}
