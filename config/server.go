package config

import "net/netip"

// Server is what the operator says. [LoadServer] reads it.
//
// Every value can also come from the environment, which beats the file: the
// path of the key in capitals, joined by "_", behind PLIMSOLL_. So
// github.app.integration_id is PLIMSOLL_GITHUB_APP_INTEGRATION_ID; lists of
// texts are separated by commas; lists of mappings are counted from 0, as in
// PLIMSOLL_DATASOURCES_0_NAME. A text of the form env:NAME is taken from that
// variable. Every secret KEY can be read from a file named by KEY_file (lists:
// one secret a line); relative names count from the folder of the operator's file.
type Server struct {
	Listen      Address `key:"listen" doc:"Address to listen on. Default: :8080."`
	AdminListen Address `key:"admin_listen" doc:"Address for operators: /metrics and /debug/pprof/. Default: 127.0.0.1:8081."`
	// TrustedProxies may name the client of a request.
	TrustedProxies []AddressRange `key:"trusted_proxies" doc:"Addresses and ranges of the proxies in front of the server, whose X-Forwarded-For is believed. Default: none."`
	PublicURL      URL            `key:"public_url" doc:"Where people and GitHub reach the server. Default: http://localhost with the port of listen."`
	GitHub         GitHub         `key:"github" doc:"GitHub and the App."`
	Database       Database       `key:"database" doc:"sqlite:FILE (default: sqlite:plimsoll.db), or postgres://user@host/name for several replicas."`
	Accounts       []Account      `key:"accounts" doc:"Accounts that are served, of those that have installed the App; * for all. Default: the account that owns the App."`
	Answer         AnswerTo       `key:"answer" doc:"everywhere: repositories without a repository file get check runs as well, so that a ruleset can require them. Default: enrolled."`
	Workers        int            `key:"workers" doc:"How many jobs run at once, 1 to 256; at most half of them for one account. As many more workers observe deployments. Default: 8."`
	Commands       int            `key:"commands_per_hour" doc:"How many commands and buttons of one person are answered in an hour, 1 to 1000. Default: 30."`
	Datasources    []Datasource   `key:"datasources" doc:"The only metric servers that a repository can name."`
	Probes         ProbeRules     `key:"probes" doc:"What may be probed."`
	LinkSecrets    []LinkSecret   `key:"link_secrets" doc:"Secrets that sign the links to pages with evidence: the first signs, all are accepted. Default: made from the App's private key."`
	Retention      Retention      `key:"retention" doc:"How long things are kept."`
	Log            Log            `key:"log" doc:"What is logged, and how."`
}

// GitHub says which GitHub and which App.
type GitHub struct {
	WebURL   URL   `key:"web_url" doc:"Default: https://github.com. GitHub Enterprise: its own address."`
	V3APIURL URL   `key:"v3_api_url" doc:"Default: what belongs to web_url: https://api.github.com, https://api.NAME.ghe.com, or /api/v3 below an Enterprise Server."`
	App      App   `key:"app" doc:"The App's credentials."`
	OAuth    OAuth `key:"oauth" doc:"The App's client, for people who log in to the dashboard."`
}

// App is the GitHub App's identity.
type App struct {
	IntegrationID  int64           `key:"integration_id" doc:"The App's id."`
	PrivateKey     PrivateKey      `key:"private_key" doc:"The App's private key, PEM."`
	WebhookSecrets []WebhookSecret `key:"webhook_secrets" doc:"Secrets that sign events; several while one is being replaced."`
}

// OAuth is the App's client; both or neither are given.
type OAuth struct {
	ClientID     string `key:"client_id" doc:"Client id of the App."`
	ClientSecret Secret `key:"client_secret" doc:"Client secret of the App."`
}

// Datasource is a metric server.
type Datasource struct {
	Name        Name      `key:"name,required" example:"default" doc:"What repositories call it; default where they don't say."`
	Prometheus  URL       `key:"prometheus,required" example:"http://prometheus:9090" doc:"Its address."`
	Graph       URL       `key:"graph" example:"https://prometheus.acme.dev" doc:"Address of its web page for people, for links on evidence pages. Default: no links."`
	BearerToken Secret    `key:"bearer_token" doc:"Token that it asks for."`
	Accounts    []Account `key:"accounts" doc:"Accounts whose repositories may name it; * for all. Default: the account that owns the App."`
	Matchers    []Matcher `key:"matchers" example:"namespace=\"acme\"" doc:"Conditions that are put into every selector of every query, and that metrics are listed by. Default: none."`
	// BearerTokenFile is where the token was read from; empty where it stands in the
	// file or the environment. Such tokens are renewed in place.
	BearerTokenFile string
}

// ProbeRules say what may be probed.
type ProbeRules struct {
	Allow    []Allowed `key:"allow" doc:"Hosts (*.acme.dev) and address ranges (10.0.0.0/8). Default: nothing. Private addresses only as ranges."`
	Accounts []Account `key:"accounts" doc:"Accounts whose deployments may be probed; * for all. Default: the account that owns the App."`
}

// Allowed is a host name, *.SUFFIX, or a range of addresses.
type Allowed struct {
	// Host in small letters, perhaps beginning with "*."; "" for a range.
	Host string
	// Prefix is valid for a range.
	Prefix netip.Prefix
}

// AddressRange is a range of IP addresses, or one.
type AddressRange struct{ netip.Prefix }

// Retention says how long things are kept.
type Retention struct {
	Deliveries Keep `key:"deliveries" doc:"Events as received. Default: 30d; at least 7d."`
	Samples    Keep `key:"samples" doc:"Points of metrics. Default: 90d."`
	Ledger     Keep `key:"ledger" doc:"What was deployed and verified. Default: forever."`
}

// Log says what is logged, and how.
type Log struct {
	Level  LogLevel  `key:"level" doc:"trace, debug, info (default), warn or error."`
	Format LogFormat `key:"format" doc:"json (default) or console."`
}

// LogLevel is the least level that is logged.
type LogLevel string

func (LogLevel) words() []string { return []string{"trace", "debug", "info", "warn", "error"} }

// LogFormat is the form of log lines.
type LogFormat string

func (LogFormat) words() []string { return []string{"json", "console"} }

// DefaultServer gives every default.
func DefaultServer() *Server {
	const day = Duration(24 * 60 * 60 * 1e9)
	return &Server{
		Listen:      ":8080",
		AdminListen: "127.0.0.1:8081",
		GitHub:      GitHub{WebURL: "https://github.com"},
		Database:    Database{NewSecret("sqlite:plimsoll.db")},
		Workers:     8,
		Commands:    30,
		Retention:   Retention{Deliveries: Keep{For: 30 * day}, Samples: Keep{For: 90 * day}, Ledger: Keep{Forever: true}},
		Log:         Log{Level: "info", Format: "json"},
	}
}
