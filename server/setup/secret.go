package setup

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/server/github/registration"
)

// Keys of the Secret. The Helm chart mounts them as files.
const (
	secretName = "plimsoll"
	secretKey  = "app.pem"
	secretHook = "webhook-secrets"
	secretUser = "client-secret"
)

// kubernetesSecret is the manifest of a Secret.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
type kubernetesSecret struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   map[string]string `yaml:"metadata"`
	Type       string            `yaml:"type"`
	StringData map[string]string `yaml:"stringData"`
}

// secretManifest is the Secret with the credentials of an App, and says what to do with it.
func secretManifest(c chosen, app registration.App) ([]byte, error) {
	var text bytes.Buffer
	fmt.Fprintf(&text, "# Credentials of the GitHub App %s (%d). Keep them secret: apply this file, then delete it.\n", app.Slug, app.ID)
	for _, command := range commands("FILE", c, app) {
		fmt.Fprintf(&text, "#   %s\n", command)
	}
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	err := encoder.Encode(kubernetesSecret{
		APIVersion: "v1", Kind: "Secret", Metadata: map[string]string{"name": secretName}, Type: "Opaque",
		StringData: map[string]string{secretKey: app.PrivateKey.Reveal(), secretHook: app.WebhookSecret.Reveal(), secretUser: app.ClientSecret.Reveal()},
	})
	if err := errors.Join(err, encoder.Close()); err != nil {
		return nil, errors.New("write the Secret: it can't be encoded")
	}
	return text.Bytes(), nil
}

// commands install the server with a Secret.
func commands(file string, c chosen, app registration.App) []string {
	helm := fmt.Sprintf("helm install plimsoll packaging/chart --set appID=%d,existingSecret=%s --set-string config.public_url=%s,config.github.oauth.client_id=%s",
		app.ID, secretName, c.PublicURL, app.ClientID)
	if c.WebURL != string(config.DefaultServer().GitHub.WebURL) {
		helm += ",config.github.web_url=" + c.WebURL
	}
	return []string{"kubectl apply -f " + file, helm}
}
