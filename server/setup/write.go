package setup

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/server/github/registration"
)

// Target is where the credentials go: to the operator's file, or to the manifest of a Kubernetes
// Secret. With the operator's file, secrets get files of their own beside it. Only the owner can
// read them.
type Target struct {
	File string
	// Secret is the manifest's file; the operator's file is not touched then. "": there is none.
	Secret string
}

// Files of the secrets, beside the operator's file.
const (
	keyFile     = "plimsoll-app.pem"
	webhookFile = "plimsoll-webhook-secret"
	clientFile  = "plimsoll-client-secret"
)

// Name of the file that is written, for people.
func (t Target) Name() string { return cmp.Or(t.Secret, t.File) }

// Check reports whether the credentials could be written now, before an App is registered.
func (t Target) Check() error {
	if _, err := t.document(); err != nil && t.Secret == "" {
		return err
	}
	if _, err := os.Lstat(t.Secret); err == nil {
		return fmt.Errorf("%s exists already. Name a new file", t.Secret)
	}
	probe, err := os.CreateTemp(filepath.Dir(t.Name()), ".plimsoll-setup-*")
	if err != nil {
		return plain(err)
	}
	return errors.Join(plain(probe.Close()), plain(os.Remove(probe.Name())))
}

// document reads the operator's file as it is; an empty mapping if there is none.
func (t Target) document() (*yaml.Node, error) {
	text, err := os.ReadFile(t.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, plain(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s is not valid YAML", t.File)
	}
	if document.Kind == 0 {
		document = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	if document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s is not a mapping", t.File)
	}
	return &document, nil
}

// Write writes everything, or can be called again. The operator's file is written last, so that
// it never names a secret that is not there.
func (t Target) Write(c chosen, app registration.App) error {
	for _, write := range t.writes(c, app) {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// writes are the single files, in their order. Each is written whole or not at all.
func (t Target) writes(c chosen, app registration.App) []func() error {
	if t.Secret != "" {
		return []func() error{func() error {
			text, err := secretManifest(c, app)
			if err != nil {
				return err
			}
			return replace(t.Secret, text)
		}}
	}
	var writes []func() error
	for _, secret := range []struct {
		name  string
		value config.Secret
	}{{keyFile, app.PrivateKey}, {webhookFile, app.WebhookSecret}, {clientFile, app.ClientSecret}} {
		writes = append(writes, func() error {
			return replace(filepath.Join(filepath.Dir(t.File), secret.name), []byte(secret.value.Reveal()))
		})
	}
	return append(writes, func() error { return t.writeFile(c, app) })
}

// writeFile writes the operator's file. Its comments are kept.
func (t Target) writeFile(c chosen, app registration.App) error {
	document, err := t.document()
	if err != nil {
		return err
	}
	root := document.Content[0]
	set(root, c.PublicURL, "public_url")
	set(root, c.WebURL, "github", "web_url")
	set(root, strconv.FormatInt(app.ID, 10), "github", "app", "integration_id")
	set(root, keyFile, "github", "app", "private_key_file")
	set(root, webhookFile, "github", "app", "webhook_secrets_file")
	set(root, app.ClientID, "github", "oauth", "client_id")
	set(root, clientFile, "github", "oauth", "client_secret_file")
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(document), encoder.Close()); err != nil {
		return fmt.Errorf("write %s: it can't be encoded", t.File)
	}
	return replace(t.File, text.Bytes())
}

// set puts a text at a path of keys.
func set(at *yaml.Node, value string, path ...string) {
	for i, key := range path {
		var found *yaml.Node
		for j := 0; j+1 < len(at.Content); j += 2 {
			if at.Content[j].Value == key {
				found = at.Content[j+1]
			}
		}
		if found == nil {
			found = &yaml.Node{Kind: yaml.MappingNode}
			at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, found)
		}
		if i == len(path)-1 {
			*found = yaml.Node{Kind: yaml.ScalarNode, Value: value, HeadComment: found.HeadComment, LineComment: found.LineComment, FootComment: found.FootComment}
		} else if found.Kind != yaml.MappingNode { // such as `github:` with nothing behind it
			*found = yaml.Node{Kind: yaml.MappingNode, HeadComment: found.HeadComment, FootComment: found.FootComment}
		}
		at = found
	}
}

// replace writes a file whole or not at all, readable by its owner only.
func replace(name string, content []byte) (err error) {
	made, err := os.CreateTemp(filepath.Dir(name), ".plimsoll-setup-*") // mode 0600
	if err != nil {
		return plain(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(plain(err), os.Remove(made.Name()))
		}
	}()
	_, err = made.Write(content)
	if err == nil {
		err = made.Sync()
	}
	if closed := made.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := os.Rename(made.Name(), name); err != nil {
		return err
	}
	return syncFolder(name)
}

// syncFolder makes the name of a file last as its content does.
func syncFolder(name string) error {
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return plain(err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// plain says which file failed and why, once.
func plain(err error) error {
	if fault, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("can't write in %s: %w", filepath.Dir(fault.Path), fault.Err)
	}
	return err
}
