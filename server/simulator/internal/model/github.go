// Package model is what exists at the simulated GitHub: accounts, the App and its
// installations, repositories, pull requests, check runs, deployments and the rest, with
// GitHub's rules for how they change. It emits an event for everything that happens.
//
// One mutex guards everything (GitHub.Lock): every function of this package, and every
// read of a field, needs it. The package must not know of JSON, HTTP, webhooks or pages.
// What a script names and is not there is a programming error and panics.
package model

import (
	"crypto/rsa"
	"sync"
	"time"
)

// Config of New.
type Config struct {
	// Clock gives the time of everything that is visible.
	Clock func() time.Time
	// TokenClock decides on App tokens (JWT) and the hour of installation tokens.
	TokenClock func() time.Time
	// BaseURL is what links begin with.
	BaseURL string
	// Manifest, AppID, PrivateKey and WebhookSecret are the App's.
	Manifest      []byte
	AppID         int64
	PrivateKey    *rsa.PrivateKey
	WebhookSecret string
}

// GitHub is everything that exists. Its lock guards it and everything reachable from it.
type GitHub struct {
	sync.Mutex

	BaseURL       string
	App           *App
	Accounts      map[string]*Account // by lower-case login
	Installations []*Installation
	Tokens        map[string]*Token
	Bearers       map[string]*Bearer // by token, those of people and jobs
	CheckRuns     map[int64]*CheckRun
	CheckSuites   map[int64]*CheckSuite
	WorkflowRuns  map[int64]*WorkflowRun

	clock, tokenClock func() time.Time
	listeners         []func(Event)
	ids               map[string]int64 // the last id given, by kind
	others            map[string]*App  // other Apps, by slug
	repositories      map[int64]*Repository
	names             map[string]int64 // lower-case owner/name → repository
	moved             map[string]int64 // former names, which redirect
	teams             []*Team
	codes             map[string]authorization // of the web flow of OAuth
	members           map[*Account]map[*Account]string
	conversions       map[string]time.Time // codes for the App's credentials, until when they are good
	signedOff         map[string]bool      // organisation/login without a session of single sign-on
}

// New returns a GitHub whose App is registered but installed nowhere.
func New(c Config) (*GitHub, error) {
	g := &GitHub{
		BaseURL:      c.BaseURL,
		Accounts:     map[string]*Account{},
		Tokens:       map[string]*Token{},
		Bearers:      map[string]*Bearer{},
		CheckRuns:    map[int64]*CheckRun{},
		CheckSuites:  map[int64]*CheckSuite{},
		WorkflowRuns: map[int64]*WorkflowRun{},
		clock:        c.Clock,
		tokenClock:   c.TokenClock,
		ids:          map[string]int64{},
		others:       map[string]*App{},
		repositories: map[int64]*Repository{},
		names:        map[string]int64{},
		moved:        map[string]int64{},
		codes:        map[string]authorization{},
		members:      map[*Account]map[*Account]string{},
		conversions:  map[string]time.Time{},
		signedOff:    map[string]bool{},
	}
	app, err := g.register(c)
	if err != nil {
		return nil, err
	}
	g.App = app
	return g, nil
}

// Now is the time of everything that is visible, in whole seconds.
func (g *GitHub) Now() time.Time { return g.clock().UTC().Truncate(time.Second) }

// TokenNow is the time by which tokens expire.
func (g *GitHub) TokenNow() time.Time { return g.tokenClock() }

// NextID returns the next id of a kind. Kinds begin far apart, so that a mixed-up id is
// found nowhere.
func (g *GitHub) NextID(kind string) int64 {
	first := map[string]int64{
		"account": 1000, "repository": 20_000, "installation": 300_000, "pull": 4_000_000,
		"issue": 50_000_000, "comment": 600_000_000, "suite": 7_000_000_000, "run": 80_000_000_000,
		"delivery": 900_000_000_000, "deployment": 11_000_000, "status": 120_000_000,
		"reaction": 130_000, "environment": 14_000, "workflow": 15_000_000, "commit status": 160_000,
		"release": 17_000_000, "team": 180_000, "app": 1_900_000,
	}
	if g.ids[kind] == 0 {
		g.ids[kind] = first[kind]
	}
	g.ids[kind]++
	return g.ids[kind]
}
