// Package registration exchanges the code at the end of GitHub's manifest flow for the
// credentials of the new App.
//
// It must not know where they are kept. No error holds a code or a credential.
package registration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"plimsoll/config"
)

// ErrUsed says that GitHub knows no such code: it counts once, for an hour.
var ErrUsed = errors.New("GitHub does not know the code: it was used, or is older than an hour")

// App is a new App with its credentials.
type App struct {
	ID            int64
	Slug          string
	HTMLURL       string
	ClientID      string
	PrivateKey    config.Secret
	WebhookSecret config.Secret // empty if GitHub has made none
	ClientSecret  config.Secret
}

const (
	within    = 30 * time.Second
	maxAnswer = 1 << 20
)

// Convert exchanges a code at an API's address. GitHub does not answer the same code again.
func Convert(ctx context.Context, transport http.RoundTripper, apiURL, code string) (App, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	api, err := url.Parse(apiURL)
	if err != nil {
		return App{}, fmt.Errorf("exchange the code: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, api.JoinPath("app-manifests", url.PathEscape(code), "conversions").String(), nil)
	if err != nil {
		return App{}, errors.New("exchange the code: it is none")
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	request.Header.Set("User-Agent", "plimsoll")
	if transport == nil {
		transport = http.DefaultTransport
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return App{}, errors.New("exchange the code: no answer from GitHub")
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case err != nil:
		return App{}, errors.New("exchange the code: half an answer from GitHub")
	case response.StatusCode == http.StatusNotFound:
		return App{}, ErrUsed
	case response.StatusCode != http.StatusCreated:
		return App{}, fmt.Errorf("exchange the code: GitHub answers %d", response.StatusCode)
	}
	var answer struct {
		ID            int64  `json:"id"`
		Slug          string `json:"slug"`
		HTMLURL       string `json:"html_url"`
		ClientID      string `json:"client_id"`
		ClientSecret  string `json:"client_secret"`
		WebhookSecret string `json:"webhook_secret"`
		PEM           string `json:"pem"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.ID == 0 || answer.Slug == "" || answer.PEM == "" || answer.ClientSecret == "" {
		return App{}, errors.New("exchange the code: GitHub's answer has no credentials")
	}
	return App{
		ID: answer.ID, Slug: answer.Slug, HTMLURL: answer.HTMLURL, ClientID: answer.ClientID, PrivateKey: config.NewSecret(answer.PEM),
		WebhookSecret: config.NewSecret(answer.WebhookSecret), ClientSecret: config.NewSecret(answer.ClientSecret),
	}, nil
}
