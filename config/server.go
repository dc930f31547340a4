package config

import (
	"net/netip"
	"reflect"
)

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
	TrustedProxies []AddressRange  `key:"trusted_proxies" doc:"IP addresses and ranges of the proxies in front of the server, whose X-Forwarded-For is trusted. Default: none."`
	PublicURL      URL             `key:"public_url" doc:"URL at which people and GitHub reach the server. Default: http://localhost with the port of listen."`
	GitHub         GitHub          `key:"github" doc:"GitHub and the App."`
	Database       Database        `key:"database" doc:"sqlite:FILE (default: sqlite:plimsoll.db), or postgres://user@host/name for several replicas."`
	Accounts       []Account       `key:"accounts" reload:"yes" doc:"GitHub accounts to serve, among those that installed the App; * for all. Default: the account that owns the App."`
	Organisations  []Organisation  `key:"organisations" doc:"Accounts of one enterprise that are joined: their repositories are looked through together. Each is named under accounts. Default: none."`
	Answer         AnswerTo        `key:"answer" doc:"everywhere: repositories without a repository file get check runs as well, so that a ruleset can require them. Default: enrolled."`
	Workers        int             `key:"workers" doc:"Number of jobs that run at the same time, 1 to 256; at most half of them for one account. As many more workers watch deployments. Default: 8."`
	Commands       int             `key:"commands_per_hour" doc:"Number of commands and buttons of one person that are answered in an hour, 1 to 1000. Default: 30."`
	Datasources    []Datasource    `key:"datasources" reload:"yes" doc:"Metric servers that repositories can name. They can't use others."`
	Probes         ProbeRules      `key:"probes" reload:"yes" doc:"Hosts and IP ranges that may be probed."`
	Notifications  []Notification  `key:"notifications" reload:"yes" doc:"Where verdicts and rollbacks are reported, beside GitHub. Default: nowhere."`
	LinkSecrets    []LinkSecret    `key:"link_secrets" reload:"yes" doc:"Secrets that sign links to evidence pages: the first one signs, all are accepted. Default: derived from the App's private key."`
	SessionSecrets []SessionSecret `key:"session_secrets" reload:"yes" doc:"Secrets that seal the sessions of people who sign in: the first one seals, all are accepted. Default: derived from the App's private key."`
	Operators      []Operator      `key:"operators" reload:"yes" doc:"People who may use the pages for operators: logins, or ORGANISATION/TEAM. Default: the owner of the App; if that is an organisation, its owners."`
	Retention      Retention       `key:"retention" doc:"How long data is kept."`
	Log            Log             `key:"log" doc:"Level and format of the log."`
}

// GitHub says which GitHub and which App.
type GitHub struct {
	WebURL   URL   `key:"web_url" doc:"URL of GitHub. Default: https://github.com. For GitHub Enterprise, its own URL."`
	V3APIURL URL   `key:"v3_api_url" doc:"URL of GitHub's API. Default: the one that belongs to web_url: https://api.github.com, https://api.NAME.ghe.com, or /api/v3 of an Enterprise Server."`
	App      App   `key:"app" doc:"The App's credentials."`
	OAuth    OAuth `key:"oauth" doc:"OAuth client of the App, with which people sign in. Default: nobody can sign in."`
}

// App is the GitHub App's identity.
type App struct {
	IntegrationID  int64           `key:"integration_id" doc:"ID of the App."`
	PrivateKey     PrivateKey      `key:"private_key" reload:"yes" doc:"Private key of the App, in PEM form."`
	WebhookSecrets []WebhookSecret `key:"webhook_secrets" reload:"yes" doc:"Webhook secrets. List two while you replace one."`
}

// OAuth is the App's client; both or neither are given.
type OAuth struct {
	ClientID     string `key:"client_id" doc:"Client ID of the App."`
	ClientSecret Secret `key:"client_secret" reload:"yes" doc:"Client secret of the App."`
}

// Organisation joins several accounts of one enterprise.
type Organisation struct {
	Name     Name      `key:"name,required" example:"acme-group" doc:"What reports call it."`
	Accounts []Account `key:"accounts,required" example:"[acme, acme-labs]" doc:"Its accounts, two or more; each in one organisation only."`
}

// Datasource is a metric server.
type Datasource struct {
	Name        Name       `key:"name,required" example:"default" doc:"Name of the metric server in repository files. Repositories that name none use the one called default."`
	Prometheus  URL        `key:"prometheus" doc:"URL of a metric server with Prometheus's API, such as http://prometheus:9090."`
	Datadog     Datadog    `key:"datadog" doc:"Keys of a Datadog organisation, in the place of prometheus."`
	CloudWatch  CloudWatch `key:"cloudwatch" doc:"Amazon CloudWatch in a region, in the place of prometheus."`
	Graph       URL        `key:"graph" example:"https://prometheus.acme.dev" doc:"URL of its web page for people, for links on evidence pages. Default: no links."`
	BearerToken Secret     `key:"bearer_token" doc:"Bearer token for the metric server."`
	BasicAuth   BasicAuth  `key:"basic_auth" doc:"User name and password for the metric server."`
	SigV4       AWS        `key:"sigv4" doc:"AWS Signature Version 4, for Amazon Managed Service for Prometheus."`
	Headers     []Header   `key:"headers" doc:"Headers that are added to every request, such as X-Scope-OrgID. Default: none."`
	TLS         TLS        `key:"tls" doc:"Certificates for the connection to the metric server. Default: the authorities that the system trusts, and no client certificate."`
	Accounts    []Account  `key:"accounts" doc:"GitHub accounts whose repositories may use it; * for all. Default: those of repositories, or else the account that owns the App."`
	// Repositories narrows what the accounts may do.
	Repositories []RepositoryPattern `key:"repositories" example:"acme/pay-*" doc:"Repositories that may use it; * stands for any text in a name. Default: all of the accounts."`
	Matchers     []Matcher           `key:"matchers" example:"namespace=\"acme\"" doc:"Label conditions that are added to every selector of every query, and to requests that list metrics. Default: none."`
	// BearerTokenFile is where the token was read from; empty where it stands in the
	// file or the environment. Such tokens are renewed in place.
	BearerTokenFile string
}

// Datadog is how a Datadog organisation is asked. Empty: it is another metric server.
type Datadog struct {
	Site           HostName    `key:"site" doc:"Site of the organisation, such as datadoghq.eu. Default: datadoghq.com."`
	APIURL         URL         `key:"api_url" doc:"URL of the API, such as that of a private link. Default: https://api. and the site."`
	APIKey         HeaderValue `key:"api_key,required" example:"\"env:DD_API_KEY\"" doc:"API key."`
	ApplicationKey HeaderValue `key:"application_key,required" example:"\"env:DD_APP_KEY\"" doc:"Application key with the scope timeseries_query."`
}

// CloudWatch is how Amazon CloudWatch is asked. Empty: it is another metric server.
type CloudWatch struct {
	Region          AWSRegion `key:"region,required" example:"eu-central-1" doc:"Region of the metrics."`
	APIURL          URL       `key:"api_url" doc:"URL of the API, such as that of a VPC endpoint. Default: that of the region."`
	AccessKeyID     string    `key:"access_key_id" doc:"ID of an access key. Default: credentials from the environment, the shared files of AWS's command line, or the role of the container or machine."`
	SecretAccessKey Secret    `key:"secret_access_key" doc:"Secret of the access key."`
	RoleARN         RoleARN   `key:"role_arn" doc:"ARN of a role to assume with these credentials. Default: none."`
}

// Signed says how requests to it are signed.
func (c CloudWatch) Signed() AWS {
	return AWS{Region: c.Region, AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, RoleARN: c.RoleARN}
}

// BasicAuth is a user name with its password. Empty: none.
type BasicAuth struct {
	Username UserName `key:"username,required" example:"plimsoll" doc:"User name."`
	Password Secret   `key:"password,required" example:"\"env:PROMETHEUS_PASSWORD\"" doc:"Password."`
}

// AWS says how requests to AWS are signed. Empty: they are not.
type AWS struct {
	Region AWSRegion `key:"region,required" example:"eu-central-1" doc:"Region of the service."`
	// Without an access key, AWS's default chain of credentials is used.
	AccessKeyID     string  `key:"access_key_id" doc:"ID of an access key. Default: credentials from the environment, the shared files of AWS's command line, or the role of the container or machine."`
	SecretAccessKey Secret  `key:"secret_access_key" doc:"Secret of the access key."`
	RoleARN         RoleARN `key:"role_arn" doc:"ARN of a role to assume with these credentials. Default: none."`
}

// Header is a header of requests. Its value may be a secret, so it is never shown.
type Header struct {
	Name  HeaderName  `key:"name,required" example:"X-Scope-OrgID" doc:"Name of the header."`
	Value HeaderValue `key:"value,required" example:"acme" doc:"Value of the header; never shown."`
}

// TLS holds what a connection is made with, in PEM form. Empty values: the defaults.
type TLS struct {
	CA          Certificates `key:"ca" doc:"Certificates of the authorities to trust, instead of the system's."`
	Certificate Certificates `key:"certificate" doc:"Certificate of this client."`
	PrivateKey  Secret       `key:"private_key" doc:"Private key of the client's certificate."`
}

// ProbeRules say what may be probed.
type ProbeRules struct {
	Allow    []Allowed `key:"allow" doc:"Host names (*.acme.dev) and IP ranges (10.0.0.0/8). Private addresses must be given as ranges. Default: nothing may be probed."`
	Accounts []Account `key:"accounts" doc:"GitHub accounts whose deployments may be probed; * for all. Default: those of repositories, or else the account that owns the App."`
	// Repositories narrows what the accounts may do.
	Repositories []RepositoryPattern `key:"repositories" example:"acme/pay-*" doc:"Repositories whose deployments may be probed; * stands for any text in a name. Default: all of the accounts."`
	Post         []Origin            `key:"post" doc:"Hosts that may be sent a POST: shop.acme.dev and *.acme.dev mean https on port 443, http://shop.internal:8080 another port or scheme. They must be allowed as well. Default: none."`
	Secrets      []ProbeSecret       `key:"secrets" doc:"Secrets that repositories can name in headers and bodies of probes. Default: none."`
	Tenants      []ProbeTenant       `key:"tenants" doc:"More hosts and IP ranges, each for some accounts or repositories only."`
}

// ProbeTenant is what may be probed for some accounts alone.
type ProbeTenant struct {
	Allow        []Allowed           `key:"allow,required" example:"[\"*.globex.dev\"]" doc:"Hosts and IP ranges."`
	Accounts     []Account           `key:"accounts" doc:"GitHub accounts whose deployments may be probed there; * for all. Default: those of repositories, or else the account that owns the App."`
	Repositories []RepositoryPattern `key:"repositories" example:"globex/*" doc:"Repositories whose deployments may be probed there; * stands for any text in a name. Default: all of the accounts."`
	Post         []Origin            `key:"post" doc:"Hosts among them that may be sent a POST, as in probes.post. Default: none."`
}

// ProbeSecret is a text that probes may send to some hosts, and that is never shown.
type ProbeSecret struct {
	Name         Name                `key:"name,required" example:"shop-login" doc:"Name of the secret in repository files: {{secrets.shop-login}}."`
	Value        SentSecret          `key:"value,required" example:"env:SHOP_LOGIN" doc:"The secret, 8 to 4096 bytes."`
	Hosts        []Origin            `key:"hosts,required" example:"[shop.acme.dev]" doc:"The only hosts that it is sent to: shop.acme.dev and *.acme.dev mean https on port 443, http://shop.internal:8080 another port or scheme."`
	Accounts     []Account           `key:"accounts" doc:"GitHub accounts whose repositories may name it; * for all. Default: those of repositories, or else the account that owns the App."`
	Repositories []RepositoryPattern `key:"repositories" example:"acme/shop" doc:"Repositories that may name it; * stands for any text in a name. Default: all of the accounts."`
}

// Origin is a scheme, a host and a port: where a request goes, without its path.
type Origin struct {
	Scheme string
	// Host in small letters, perhaps beginning with "*.".
	Host string
	Port uint16
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
	Deliveries Keep `key:"deliveries" doc:"Webhook deliveries. At least 7d. Default: 30d."`
	Samples    Keep `key:"samples" doc:"Samples of verifications. Default: 90d."`
	Ledger     Keep `key:"ledger" doc:"Entries of the ledger: deployments, verdicts, rollbacks, overrides. Default: forever."`
}

// Log says what is logged, and how.
type Log struct {
	Level  LogLevel  `key:"level" reload:"yes" doc:"Lowest level that is logged: trace, debug, info (default), warn or error."`
	Format LogFormat `key:"format" doc:"Format of log lines: json (default) or console."`
}

// LogLevel is the least level that is logged.
type LogLevel string

func (LogLevel) words() []string { return []string{"trace", "debug", "info", "warn", "error"} }

// LogFormat is the form of log lines.
type LogFormat string

func (LogFormat) words() []string { return []string{"json", "console"} }

// Changes compares with a configuration that is to follow: the keys that a running server can
// take over, and those that need a restart. Several of one group count as one, such as
// datasources.
func (s *Server) Changes(next *Server) (reloadable, restart []string) {
	var walk func(before, after reflect.Value, path string)
	walk = func(before, after reflect.Value, path string) {
		for key, f := range fieldsOf(before.Type()) {
			old, now, below := before.FieldByIndex(f.Index), after.FieldByIndex(f.Index), join(path, key)
			switch {
			case f.Tag.Get("reload") == "yes":
				if !reflect.DeepEqual(old.Interface(), now.Interface()) {
					reloadable = append(reloadable, below)
				}
			case f.Type.Kind() == reflect.Struct && !isLeaf(f.Type):
				walk(old, now, below)
			case !reflect.DeepEqual(old.Interface(), now.Interface()):
				restart = append(restart, below)
			}
		}
	}
	walk(reflect.ValueOf(s).Elem(), reflect.ValueOf(next).Elem(), "")
	return reloadable, restart
}

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
