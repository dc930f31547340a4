package api

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v4"

	"plimsoll/server/simulator/internal/model"
)

// credentials are those of a call: of the App itself, of an installation, or of somebody
// else with a token. Without any the call is anonymous.
type credentials struct {
	app    bool
	client bool // the OAuth client of the App
	token  *model.Token
	bearer *model.Bearer
}

func (c credentials) anonymous() bool {
	return !c.app && !c.client && c.token == nil && c.bearer == nil
}

// limitKey is the key under which the caller's requests are counted: an installation's
// id, 0 for the App itself and for calls without a token.
func (c credentials) limitKey() int64 {
	switch {
	case c.token != nil:
		return c.token.Installation.ID
	case c.bearer != nil:
		return bearerLimit(c.bearer)
	}
	return 0
}

// bearerLimit keeps the requests of people and jobs apart from the App's.
func bearerLimit(b *model.Bearer) int64 {
	if b.Job != nil {
		return -b.Job.ID
	}
	return -b.Person.ID
}

// authenticate reads the Authorization header. The error is GitHub's message.
func (s *Server) authenticate(header string) (credentials, error) {
	scheme, value, _ := strings.Cut(header, " ")
	switch strings.ToLower(scheme) {
	case "":
		return credentials{}, nil
	case "bearer", "token":
	case "basic":
		return s.authenticateClient(value)
	default:
		return credentials{}, badCredential("Bad credentials")
	}
	if strings.Count(value, ".") == 2 && !strings.HasPrefix(value, "ghs_") {
		return credentials{app: true}, s.checkAppToken(value)
	}
	if b := s.github.Bearers[value]; b != nil && (b.Expires.IsZero() || s.github.TokenNow().Before(b.Expires)) {
		return credentials{bearer: b}, nil
	}
	t := s.github.Tokens[value]
	if t == nil || !s.github.TokenNow().Before(t.Expires) {
		return credentials{}, badCredential("Bad credentials")
	}
	return credentials{token: t}, nil
}

// authenticateClient reads the App's client id and secret.
func (s *Server) authenticateClient(value string) (credentials, error) {
	plain, err := base64.StdEncoding.DecodeString(value)
	id, secret, _ := strings.Cut(string(plain), ":")
	if err != nil || id != s.github.App.ClientID || secret != s.github.App.ClientSecret {
		return credentials{}, badCredential("Bad credentials")
	}
	return credentials{client: true}, nil
}

// appTokenLife is the longest life of an App token, tokenDrift how far the App's
// clock may be ahead.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
const (
	appTokenLife = 10 * time.Minute
	tokenDrift   = 60 * time.Second
)

func (s *Server) checkAppToken(value string) error {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	registered := jwt.RegisteredClaims{}
	if _, err := parser.ParseWithClaims(value, &registered, func(*jwt.Token) (any, error) {
		return &s.github.App.PrivateKey.PublicKey, nil
	}); err != nil {
		return badCredential("A JSON web token could not be decoded")
	}
	issued, expires := registered.IssuedAt, registered.ExpiresAt
	now := s.github.TokenNow()
	switch {
	case registered.Issuer != strconv.FormatInt(s.github.App.ID, 10) && registered.Issuer != s.github.App.ClientID:
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
