package simulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// processKey makes one App key per process: making one takes a tenth of a second.
var processKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(fmt.Sprintf("simulator: make the App's key: %v", err))
	}
	return key
})

func keyPEM(key *rsa.PrivateKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

// tokenLife is how long an installation token is good for.
const tokenLife = time.Hour

// token is an installation access token.
type token struct {
	value        string
	installation *Installation
	permissions  map[string]string
	repositories map[int64]bool // nil: all of the installation
	expires      time.Time
}

func (s *Simulator) newToken(i *Installation, permissions map[string]string, repositories map[int64]bool) *token {
	serial := s.id("token")
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d", s.app.slug, i.id, serial))
	value := "ghs_" + hex.EncodeToString(sum[:])[:36]
	if serial%3 == 0 { // tokens have no fixed length
		value = "ghs_" + base64.RawURLEncoding.EncodeToString(sum[:]) + "." + hex.EncodeToString(sum[:])
	}
	t := &token{
		value: value, installation: i, permissions: permissions, repositories: repositories,
		expires: s.options.TokenClock().UTC().Truncate(time.Second).Add(tokenLife),
	}
	s.tokens[value] = t
	return t
}

// credentials says who makes a call: the App itself, an installation, or somebody
// else with a token. Without any it is anonymous.
type credentials struct {
	app    bool
	token  *token
	bearer *bearer
}

func (c credentials) anonymous() bool { return !c.app && c.token == nil && c.bearer == nil }

// limitKey is under which the caller's requests are counted: an installation's id,
// 0 for the App itself and whoever has no token.
func (c credentials) limitKey() int64 {
	switch {
	case c.token != nil:
		return c.token.installation.id
	case c.bearer != nil:
		return c.bearer.limitKey()
	}
	return 0
}

// authenticate reads the Authorization header. The error is GitHub's message.
func (s *Simulator) authenticate(header string) (credentials, error) {
	scheme, value, _ := strings.Cut(header, " ")
	switch strings.ToLower(scheme) {
	case "":
		return credentials{}, nil
	case "bearer", "token":
	default:
		return credentials{}, badCredential("Bad credentials")
	}
	if strings.Count(value, ".") == 2 && !strings.HasPrefix(value, "ghs_") {
		return credentials{app: true}, s.checkAppToken(value)
	}
	if b := s.bearers[value]; b != nil {
		return credentials{bearer: b}, nil
	}
	t := s.tokens[value]
	if t == nil || !s.options.TokenClock().Before(t.expires) {
		return credentials{}, badCredential("Bad credentials")
	}
	return credentials{token: t}, nil
}

// appTokenLife is the longest life of an App token, tokenDrift how far the App's
// clock may be ahead.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
const (
	appTokenLife = 10 * time.Minute
	tokenDrift   = 60 * time.Second
)

func (s *Simulator) checkAppToken(value string) error {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	registered := jwt.RegisteredClaims{}
	if _, err := parser.ParseWithClaims(value, &registered, func(*jwt.Token) (any, error) {
		return &s.options.PrivateKey.PublicKey, nil
	}); err != nil {
		return badCredential("A JSON web token could not be decoded")
	}
	issued, expires := registered.IssuedAt, registered.ExpiresAt
	now := s.options.TokenClock()
	switch {
	case registered.Issuer != strconv.FormatInt(s.options.AppID, 10) && registered.Issuer != s.app.clientID:
		return badCredential("'Issuer' claim ('iss') must be the App's id or client id")
	case issued == nil:
		return badCredential("Missing 'issued at' claim ('iat') in assertion")
	case expires == nil:
		return badCredential("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case issued.After(now.Add(tokenDrift)):
		return badCredential("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	case !expires.After(now):
		return badCredential("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case expires.After(now.Add(appTokenLife)):
		return badCredential("'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

// badCredential is why GitHub does not take a credential, in its own words.
type badCredential string

func (c badCredential) Error() string { return string(c) }
