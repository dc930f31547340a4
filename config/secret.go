package config

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/textproto"
	"slices"
	"strings"
	"unicode"
)

// hiddenText stands wherever a secret would be written.
const hiddenText = "[secret]"

// Secret is text that is never written: printing, formatting and encoding all
// give "[secret]". Reveal gives the text. It is held by a pointer, so that even
// formatting an unexported field, where no method is called, does not show it.
type Secret struct{ text *string }

var (
	_ fmt.Stringer   = Secret{}
	_ fmt.GoStringer = Secret{}
	_ fmt.Formatter  = Secret{}
	_ slog.LogValuer = Secret{}
)

// NewSecret makes a secret of a text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal gives the text. Call it only where the text is used.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Empty says whether there is no text.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String gives "[secret]", or "" where there is none.
func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return hiddenText
}

// GoString gives what String gives.
func (s Secret) GoString() string { return s.String() }

// Format writes what String gives, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText gives what String gives.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON gives what String gives.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// MarshalYAML gives what String gives.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// LogValue gives what String gives.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (Secret) form() form {
	return form{expects: "a secret", tags: onlyText, hint: "write it in quotes, as env:NAME, or in a file that …_file names", hidden: true}
}

func (s *Secret) parse(text string) *wrong {
	if s.text = &text; text == "" {
		return &wrong{"the secret is empty", "set it, or remove the key"}
	}
	return nil
}

// WebhookSecret is a [Secret] that is long enough to sign with.
type WebhookSecret struct{ Secret }

// minWebhookSecret is the least number of bytes of a secret that signs.
const minWebhookSecret = 16

func (s *WebhookSecret) parse(text string) *wrong {
	if s.text = &text; text == "" {
		return &wrong{"the webhook secret is empty, so that anybody could send events", "set the webhook secret of the App's settings"}
	}
	return longEnough("the webhook secret", text)
}

func longEnough(what, text string) *wrong {
	if len(text) < minWebhookSecret {
		return &wrong{fmt.Sprintf("%s has %d bytes, the minimum is %d", what, len(text), minWebhookSecret), "make one with: openssl rand -hex 32"}
	}
	return nil
}

// LinkSecret is a [Secret] that is long enough to sign links with, which outsiders see.
type LinkSecret struct{ Secret }

func (s *LinkSecret) parse(text string) *wrong {
	s.text = &text
	return longEnough("the link secret", text)
}

// SessionSecret is a [Secret] that is long enough to seal the sessions of people with.
type SessionSecret struct{ Secret }

func (s *SessionSecret) parse(text string) *wrong {
	s.text = &text
	return longEnough("the session secret", text)
}

// SentSecret is a [Secret] that is sent in headers and bodies of requests.
type SentSecret struct{ Secret }

// Bounds of a secret that is sent, in bytes. A short one would also be found by chance in
// other text.
const minSentSecret, maxSentSecret = 8, 4096

func (s *SentSecret) parse(text string) *wrong {
	s.text = &text
	switch {
	case len(text) < minSentSecret || len(text) > maxSentSecret:
		return &wrong{fmt.Sprintf("the secret has %d bytes, expected %d to %d", len(text), minSentSecret, maxSentSecret), "use a longer or a shorter one"}
	case strings.ContainsFunc(text, unicode.IsControl):
		return &wrong{"the secret has a line break or another control character", "write it on one line"}
	}
	return nil
}

// PrivateKey is an RSA key in PEM form, as GitHub gives it for an App.
type PrivateKey struct{ Secret }

func (k *PrivateKey) parse(text string) *wrong {
	hint := "download a private key from the App's settings"
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return &wrong{"the private key is not a PEM file", hint}
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if _, ok := parsed.(*rsa.PrivateKey); err != nil || !ok {
			return &wrong{"the private key is not an RSA key", hint}
		}
	}
	k.text = &text
	return nil
}

// Certificates are certificates in PEM form. They are no secret, and as long as one.
type Certificates struct{ Secret }

func (c *Certificates) parse(text string) *wrong {
	if c.text = &text; !x509.NewCertPool().AppendCertsFromPEM([]byte(text)) {
		return &wrong{"expected certificates in PEM form, found something else", "give the file that begins with -----BEGIN CERTIFICATE-----"}
	}
	return nil
}

// HeaderName is the name of a header of requests, in its canonical form.
type HeaderName string

// queryHeaders are set by Plimsoll in each query, or by the connection.
var queryHeaders = []string{"Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host", "Proxy-Authorization", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "User-Agent", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token"}

func (HeaderName) form() form {
	return form{expects: "the name of a header", tags: onlyText, hint: "write it without colon and blanks, such as X-Scope-OrgID"}
}

func (h *HeaderName) parse(text string) *wrong {
	if !headerName.MatchString(text) {
		return &wrong{message: "expected the name of a header, found " + quote(text)}
	}
	name := textproto.CanonicalMIMEHeaderKey(text)
	switch {
	case name == "Authorization":
		return &wrong{"the header Authorization can't be set here", "use bearer_token, basic_auth or sigv4"}
	case slices.Contains(queryHeaders, name):
		return &wrong{"the header " + name + " can't be set here", "remove it: Plimsoll sets it"}
	}
	*h = HeaderName(name)
	return nil
}

// HeaderValue is a [Secret] that can stand in a header.
type HeaderValue struct{ Secret }

func (v *HeaderValue) parse(text string) *wrong {
	v.text = &text
	switch {
	case text == "":
		return &wrong{"the header's value is empty", "set it, or remove the header"}
	case strings.ContainsFunc(text, unicode.IsControl):
		return &wrong{"the header's value holds a control character", "write it on one line"}
	}
	return nil
}
