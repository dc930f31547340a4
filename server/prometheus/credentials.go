package prometheus

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"plimsoll/config"
	"plimsoll/server/aws"
)

// credentials are what a server asks of those who send requests.
type credentials struct {
	tokens  *tokens
	basic   config.BasicAuth
	headers []config.Header
	signer  *aws.Signer // nil: requests are not signed
	secrets []string
}

func newCredentials(s Server, now func() time.Time) (*credentials, error) {
	c := &credentials{tokens: &tokens{fixed: s.Token, file: s.TokenFile}, basic: s.BasicAuth, headers: s.Headers}
	if s.SigV4 != (config.AWS{}) {
		var err error
		if c.signer, err = aws.New(s.SigV4, "aps", now); err != nil {
			return nil, err
		}
	}
	c.secrets = []string{s.SigV4.SecretAccessKey.Reveal(), s.BasicAuth.Password.Reveal()}
	if !s.BasicAuth.Password.Empty() {
		c.secrets = append(c.secrets, base64.StdEncoding.EncodeToString([]byte(string(s.BasicAuth.Username)+":"+s.BasicAuth.Password.Reveal())))
	}
	for _, header := range s.Headers {
		if value := header.Value.Reveal(); len(value) >= shortestSecret {
			c.secrets = append(c.secrets, value)
		}
	}
	return c, nil
}

// shortestSecret is the length from which on a header's value is taken out of texts. Names of
// tenants are shorter, and occur in texts by chance.
const shortestSecret = 6

// add adds the credentials to a request.
func (c *credentials) add(r *http.Request) error {
	for _, header := range c.headers {
		r.Header.Set(string(header.Name), header.Value.Reveal())
	}
	token, err := c.tokens.current()
	switch {
	case err != nil:
		return err
	case c.signer != nil:
		return c.signer.Sign(r)
	case c.basic.Username != "":
		r.SetBasicAuth(string(c.basic.Username), c.basic.Password.Reveal())
	case !token.Empty():
		r.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	return nil
}

// all gives every secret that may stand in a text, to be taken out of it.
func (c *credentials) all() []string { return append(c.tokens.all(), c.secrets...) }

// refused says what a server means that answers 401 or 403.
func (c *credentials) refused(status int) (message, hint string) {
	switch {
	case c.signer != nil:
		return fmt.Sprintf("it refuses the signature, or the AWS role may not query it (%d)", status), "check sigv4 of its entry in datasources, and that the role has the permission aps:QueryMetrics"
	case c.basic.Username != "":
		return fmt.Sprintf("it refuses the user name or the password (%d)", status), "check basic_auth of its entry in datasources of the operator's file"
	case !c.tokens.none():
		return fmt.Sprintf("it refuses the token (%d)", status), "check its bearer_token in datasources of the operator's file"
	}
	return fmt.Sprintf("it asks for credentials (%d)", status), "add bearer_token, basic_auth, sigv4 or headers to its entry in datasources of the operator's file"
}

// tlsOf gives the settings of connections.
func tlsOf(t config.TLS) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if !t.CA.Empty() {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(t.CA.Reveal())) {
			return nil, errors.New("its authorities are no certificates in PEM form")
		}
	}
	if !t.Certificate.Empty() {
		pair, err := tls.X509KeyPair([]byte(t.Certificate.Reveal()), []byte(t.PrivateKey.Reveal()))
		if err != nil {
			return nil, errors.New("the client's certificate and private key don't belong together")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// maxToken bounds a token's file, in bytes.
const maxToken = 64 << 10

// tokens gives a server's token, out of a file that may change while we run (as those
// that Kubernetes mounts do every hour).
type tokens struct {
	fixed config.Secret
	file  string

	mu       sync.Mutex
	read     config.Secret
	modified time.Time
	size     int64
}

func (t *tokens) current() (config.Secret, error) {
	if t.file == "" {
		return t.fixed, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	info, err := os.Stat(t.file)
	if err != nil {
		return config.Secret{}, fmt.Errorf("%w: %w", errToken, err)
	}
	if !t.read.Empty() && info.ModTime().Equal(t.modified) && info.Size() == t.size {
		return t.read, nil
	}
	if info.Size() > maxToken || !info.Mode().IsRegular() {
		return config.Secret{}, fmt.Errorf("%w: %s is no file of at most %d bytes", errToken, t.file, maxToken)
	}
	data, err := os.ReadFile(t.file)
	if err != nil {
		return config.Secret{}, fmt.Errorf("%w: %w", errToken, err)
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 || bytes.ContainsAny(data, "\r\n\x00") {
		return config.Secret{}, fmt.Errorf("%w: %s does not hold one line", errToken, t.file)
	}
	t.read, t.modified, t.size = config.NewSecret(string(data)), info.ModTime(), info.Size()
	return t.read, nil
}

// none reports whether the server gets no token.
func (t *tokens) none() bool { return cmp.Or(t.file, t.fixed.Reveal()) == "" }

// all gives every token that may stand in a text, to be taken out of it.
func (t *tokens) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return []string{t.fixed.Reveal(), t.read.Reveal()}
}
