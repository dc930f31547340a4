// Package oauth signs people in with GitHub: the web flow of the App's OAuth client. It gives
// the address that a person's browser goes to, exchanges the code that the browser brings
// back for a user access token, and makes tokens void.
//
// It must not know what a token is used for, and keeps none. No error holds a code, a token
// or the client's secret.
package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answerWithin bounds one request; maxAnswer bounds what is read of the answer.
const (
	answerWithin = 10 * time.Second
	maxAnswer    = 64 << 10
)

// ErrRefused says that GitHub gives no token for a code: it was used, is too old, or is from
// another flow.
var ErrRefused = errors.New("GitHub does not accept the code")

// Config of New. All of it is needed but Transport, which defaults to the network.
type Config struct {
	// WebURL is where people authorize the App, APIURL where tokens are made void.
	WebURL, APIURL   string
	ClientID, Secret string
	Transport        http.RoundTripper
}

// Client is the App's OAuth client.
type Client struct {
	config   Config
	web, api *url.URL
}

// New makes the client. It asks GitHub nothing.
func New(config Config) (*Client, error) {
	c := &Client{config: config}
	var err error
	if c.web, err = url.Parse(config.WebURL); err == nil {
		c.api, err = url.Parse(config.APIURL)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("make the OAuth client: %w", err)
	case c.web.Host == "" || c.api.Host == "":
		return nil, errors.New("make the OAuth client: need the addresses of GitHub and its API")
	case config.ClientID == "" || config.Secret == "":
		return nil, errors.New("make the OAuth client: need the client's id and secret")
	}
	if c.config.Transport == nil {
		c.config.Transport = http.DefaultTransport
	}
	return c, nil
}

// AuthorizeURL is where a person says yes. GitHub sends the person to redirect, with state
// and a code. challenge is that of PKCE, method S256; a GitHub that does not know it takes no
// notice.
func (c *Client) AuthorizeURL(redirect, state, challenge string) string {
	at := c.web.JoinPath("login", "oauth", "authorize")
	at.RawQuery = url.Values{
		"client_id": {c.config.ClientID}, "redirect_uri": {redirect}, "state": {state},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"}, "allow_signup": {"false"},
	}.Encode()
	return at.String()
}

// Token is a user access token.
type Token struct {
	Value string
	// Life is how long it is good for; 0: until it is made void.
	Life time.Duration
}

// Exchange gives the token for a code. verifier is what the challenge was made of.
func (c *Client) Exchange(ctx context.Context, code, verifier, redirect string) (Token, error) {
	form := url.Values{
		"client_id": {c.config.ClientID}, "client_secret": {c.config.Secret}, "code": {code}, "code_verifier": {verifier}, "redirect_uri": {redirect},
	}
	status, body, err := c.send(ctx, http.MethodPost, c.web.JoinPath("login", "oauth", "access_token"), "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err != nil {
		return Token{}, fmt.Errorf("exchange the code: %w", err)
	}
	var answer struct {
		Token     string `json:"access_token"`
		Type      string `json:"token_type"`
		ExpiresIn int64  `json:"expires_in"`
		Error     string `json:"error"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK {
		return Token{}, fmt.Errorf("exchange the code: GitHub answers %d without a token", status)
	}
	switch {
	case answer.Error == "bad_verification_code":
		return Token{}, ErrRefused
	case answer.Error != "":
		return Token{}, fmt.Errorf("exchange the code: GitHub refuses: %s", word(answer.Error))
	case answer.Token == "" || !strings.EqualFold(answer.Type, "bearer"):
		return Token{}, errors.New("exchange the code: GitHub's answer has no token")
	}
	return Token{Value: answer.Token, Life: time.Duration(max(answer.ExpiresIn, 0)) * time.Second}, nil
}

// word keeps GitHub's one-word reason, and nothing that could be something else.
func word(text string) string {
	if len(text) > 60 || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "an unknown reason"
	}
	return text
}

// Revoke makes a token void. One that is void already is no error.
func (c *Client) Revoke(ctx context.Context, token string) error {
	body, err := json.Marshal(map[string]string{"access_token": token})
	if err != nil {
		return fmt.Errorf("revoke the token: %w", err)
	}
	status, _, err := c.send(ctx, http.MethodDelete, c.api.JoinPath("applications", c.config.ClientID, "token"), "application/json", body)
	switch {
	case err != nil:
		return fmt.Errorf("revoke the token: %w", err)
	case status == http.StatusNoContent || status == http.StatusNotFound || status == http.StatusUnprocessableEntity:
		return nil
	}
	return fmt.Errorf("revoke the token: GitHub answers %d", status)
}

// send sends one request and follows no redirect: the secret would go with it.
func (c *Client) send(ctx context.Context, method string, at *url.URL, kind string, body []byte) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "plimsoll")
	if method == http.MethodDelete {
		req.SetBasicAuth(c.config.ClientID, c.config.Secret)
		req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	}
	res, err := c.config.Transport.RoundTrip(req)
	if err != nil {
		if ctx.Err() != nil {
			return 0, nil, ctx.Err()
		}
		return 0, nil, errors.New("no answer from GitHub")
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return res.StatusCode, answer, err
}
