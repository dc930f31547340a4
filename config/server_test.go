package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const webhookSecret = "0123456789abcdef0123456789abcdef"

var privateKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

// A certificate that signs itself, and its key.
var (
	certificateKeyPair = sync.OnceValues(func() (certificate, key string) {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
		if err != nil {
			panic(err)
		}
		keyDER, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			panic(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	})
	certificate    = func() string { text, _ := certificateKeyPair(); return text }
	certificateKey = func() string { _, text := certificateKeyPair(); return text }
)

// operatorFile writes an operator's file with a key beside it.
func operatorFile(t *testing.T, text string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{"server.yml": text, "app.pem": privateKey(), "token": "prometheus-token\n", "ca.pem": certificate(), "client.key": certificateKey()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "server.yml")
}

func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

const fullServer = `listen: ":9090"
admin_listen: 10.0.0.1:9091
trusted_proxies: [10.0.0.0/8, "2001:db8::1"]
public_url: https://plimsoll.acme.dev/
github:
  web_url: https://github.acme.dev
  app: {integration_id: 1234, private_key_file: app.pem, webhook_secrets: [env:PLIMSOLL_WEBHOOK_SECRET]}
  oauth: {client_id: Iv1.abc, client_secret: env:CLIENT}
database: postgres://plimsoll:hunter2secret@db/plimsoll?sslmode=disable
workers: 16
accounts: [acme, acme-labs]
organisations: [{name: acme-group, accounts: [acme, Acme-Labs]}]
datasources:
  - name: default
    prometheus: http://prometheus:9090
    bearer_token_file: token
  - name: mimir
    prometheus: https://mimir.acme.dev/prometheus
    basic_auth: {username: plimsoll, password: "env:MIMIR_PASSWORD"}
    headers:
      - {name: x-scope-orgid, value: acme}
      - {name: X-Gateway-Key, value_file: token}
    tls: {ca_file: ca.pem, certificate_file: ca.pem, private_key_file: client.key}
  - name: amazon
    prometheus: https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1
    sigv4: {region: eu-central-1, role_arn: "arn:aws:iam::123456789012:role/metrics", access_key_id: AKIDEXAMPLE, secret_access_key: env:AWS_KEY}
  - {name: dd, datadog: {site: datadoghq.eu, api_key: env:DD_API_KEY, application_key_file: token}}
  - {name: cw, cloudwatch: {region: eu-central-1, role_arn: "arn:aws:iam::123456789012:role/metrics", access_key_id: AKIDEXAMPLE, secret_access_key: env:AWS_KEY}}
probes:
  allow: ["*.acme.dev", 10.0.0.0/8]
  tenants: [{allow: ["*.globex.dev"], repositories: [Globex/pay-*]}]
  post: ["*.acme.dev", "http://10.0.0.7:8080"]
  secrets: [{name: shop-login, value: env:CLIENT, hosts: [Shop.acme.dev], repositories: [acme/shop]}]
retention: {deliveries: 10d, ledger: forever}
notifications:
  - {name: platform, webhook: https://hooks.acme.dev/hunter2path, secrets: [env:PLIMSOLL_WEBHOOK_SECRET], repositories: [acme/pay-*], environments: ["prod*"], events: [roll-back, rollback]}
  - {name: deploys, slack: https://slack.acme.dev/hunter2path, accounts: ["*"]}
  - {name: graphs, grafana: https://grafana.acme.dev, token_file: token, dashboard: shop}
link_secrets: [a-new-link-secret, env:OLD_LINK_SECRET]
log: {level: debug, format: console}
`

func TestLoadServer(t *testing.T) {
	s, err := LoadServer(operatorFile(t, fullServer), environment("PLIMSOLL_WEBHOOK_SECRET", webhookSecret, "CLIENT", "client-secret", "PLIMSOLL_WORKERS", "4", "OLD_LINK_SECRET", "an-old-link-secret", "MIMIR_PASSWORD", "mimir-password", "AWS_KEY", "aws-secret-key", "DD_API_KEY", "dd-api-key"))
	if err != nil {
		t.Fatal(err)
	}
	if s.AdminListen != "10.0.0.1:9091" || fmt.Sprint(s.TrustedProxies) != "[10.0.0.0/8 2001:db8::1/128]" {
		t.Errorf("for operators: %q, proxies %v", s.AdminListen, s.TrustedProxies)
	}
	if s.Listen != ":9090" || s.PublicURL != "https://plimsoll.acme.dev" || s.GitHub.V3APIURL != "" {
		t.Errorf("addresses: %+v", s)
	}
	if app := s.GitHub.App; app.IntegrationID != 1234 || app.PrivateKey.Reveal() != strings.TrimSpace(privateKey()) || app.WebhookSecrets[0].Reveal() != webhookSecret {
		t.Errorf("app: %+v", app)
	}
	if len(s.LinkSecrets) != 2 || s.LinkSecrets[0].Reveal() != "a-new-link-secret" || s.LinkSecrets[1].Reveal() != "an-old-link-secret" {
		t.Errorf("the secrets of links: %+v", s.LinkSecrets)
	}
	if s.Workers != 4 {
		t.Errorf("workers: %d, the environment does not beat the file", s.Workers)
	}
	if file := s.Datasources[0].BearerTokenFile; filepath.Base(file) != "token" {
		t.Errorf("the token's file is %q: it is renewed in place", file)
	}
	if s.Datasources[0].BearerToken.Reveal() != "prometheus-token" || s.GitHub.OAuth.ClientSecret.Reveal() != "client-secret" {
		t.Errorf("secrets: %+v", s)
	}
	if d := s.Datasources[1]; d.BasicAuth.Username != "plimsoll" || d.BasicAuth.Password.Reveal() != "mimir-password" ||
		len(d.Headers) != 2 || d.Headers[0].Name != "X-Scope-Orgid" || d.Headers[0].Value.Reveal() != "acme" || d.Headers[1].Value.Reveal() != "prometheus-token" ||
		d.TLS.CA.Reveal() != strings.TrimSpace(certificate()) || d.TLS.Certificate.Empty() || d.TLS.PrivateKey.Empty() {
		t.Errorf("the datasource with a password: %+v", d)
	}
	if d := s.Datasources[3]; d.Prometheus != "" || d.Datadog.Site != "datadoghq.eu" || d.Datadog.APIKey.Reveal() != "dd-api-key" || d.Datadog.ApplicationKey.Reveal() != "prometheus-token" {
		t.Errorf("Datadog: %+v", d)
	}
	if a := s.Datasources[2].SigV4; a.Region != "eu-central-1" || a.RoleARN != "arn:aws:iam::123456789012:role/metrics" || a.AccessKeyID != "AKIDEXAMPLE" || a.SecretAccessKey.Reveal() != "aws-secret-key" {
		t.Errorf("the datasource with a signature: %+v", a)
	}
	if fmt.Sprint(s.Probes.Tenants[0].Accounts) != "[Globex]" || !s.Probes.Tenants[0].Repositories[0].MatchName("PAY-in") || s.Probes.Tenants[0].Repositories[0].MatchName("orders") {
		t.Errorf("tenants: %+v", s.Probes.Tenants)
	}
	secret := s.Probes.Secrets[0]
	if secret.Value.Reveal() != "client-secret" || fmt.Sprint(secret.Accounts) != "[acme]" || secret.Hosts[0] != (Origin{"https", "shop.acme.dev", 443}) {
		t.Errorf("secrets of probes: %+v", s.Probes.Secrets)
	}
	if n := s.Notifications[0]; n.Kind() != "webhook" || n.Webhook.Host() != "hooks.acme.dev" || fmt.Sprint(n.Accounts) != "[acme]" ||
		!n.Wants(NotifyRollBack, "Production") || n.Wants(NotifyVerified, "production") || n.Wants(NotifyRollBack, "staging") {
		t.Errorf("notification: %+v", n)
	}
	if n := s.Notifications[2]; n.Kind() != "grafana" || n.Token.Reveal() != "prometheus-token" || !n.Wants(NotifyVerified, "staging") {
		t.Errorf("notification: %+v", n)
	}
	if o := s.Probes.Post; !o[0].Matches("https", "shop.acme.dev", 443) || o[0].Matches("http", "shop.acme.dev", 80) || o[0].Matches("https", "acme.dev", 443) || !o[1].Matches("http", "10.0.0.7", 8080) {
		t.Errorf("POST is allowed at %+v", o)
	}
	if o := s.Organisations[0]; o.Name != "acme-group" || fmt.Sprint(o.Accounts) != "[acme Acme-Labs]" {
		t.Errorf("organisations: %+v", s.Organisations)
	}
	if !s.Probes.Allow[0].MatchHost("Orders.ACME.dev") || s.Probes.Allow[0].MatchHost("acme.dev") || s.Probes.Allow[0].MatchHost("evilacme.dev") {
		t.Error("probes.allow matches wrongly")
	}
	if r := s.Retention; r.Deliveries.For.Value() != 240*time.Hour || r.Samples.For.Value() != 90*24*time.Hour || !r.Ledger.Forever {
		t.Errorf("retention: %+v", r)
	}
	if address, ok := s.Database.PostgreSQL(); !ok || !strings.Contains(address, "hunter2secret") {
		t.Errorf("database: %v", s.Database)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text := fmt.Sprintf(verb, *s) + fmt.Sprintf(verb, s)
		text += fmt.Sprintf(verb, struct{ hidden App }{s.GitHub.App}) + fmt.Sprintf(verb, struct{ hidden Database }{s.Database})
		noSecret(t, verb, text)
	}
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	noSecret(t, "JSON", string(asJSON))
	asYAML, err := yaml.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	noSecret(t, "YAML", string(asYAML))
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "app", s.GitHub.App, "secret", s.GitHub.OAuth.ClientSecret, "database", s.Database)
	noSecret(t, "log", log.String())
}

func noSecret(t *testing.T, how, text string) {
	t.Helper()
	for _, secret := range []string{webhookSecret, "client-secret", "prometheus-token", "a-new-link-secret", "hunter2", "mimir-password", "aws-secret-key", "dd-api-key", "BEGIN RSA", "BEGIN PRIVATE", fmt.Sprintf("%x", webhookSecret)} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows a secret: %s", how, text)
		}
	}
}

func TestLoadServerFromEnvironmentAlone(t *testing.T) {
	s, err := LoadServer("", environment(
		"PLIMSOLL_GITHUB_APP_INTEGRATION_ID", "7",
		"PLIMSOLL_GITHUB_APP_PRIVATE_KEY", privateKey(),
		"PLIMSOLL_GITHUB_APP_WEBHOOK_SECRETS", webhookSecret+", another-long-secret",
		"PLIMSOLL_DATABASE", "sqlite:/var/lib/plimsoll.db",
		"PLIMSOLL_DATASOURCES_0_NAME", "default",
		"PLIMSOLL_DATASOURCES_0_PROMETHEUS", "http://prometheus:9090",
		"PLIMSOLL_DATASOURCES_1_NAME", "eu",
		"PLIMSOLL_DATASOURCES_1_PROMETHEUS", "http://eu:9090",
		"PLIMSOLL_DATASOURCES_1_BASIC_AUTH_USERNAME", "123456",
		"PLIMSOLL_DATASOURCES_1_BASIC_AUTH_PASSWORD", "mimir-password",
		"PLIMSOLL_DATASOURCES_1_HEADERS_0_NAME", "X-Scope-OrgID",
		"PLIMSOLL_DATASOURCES_1_HEADERS_0_VALUE", "1",
		"PLIMSOLL_PROBES_ALLOW", "*.acme.dev,10.0.0.0/8",
		"PLIMSOLL_RETENTION_LEDGER", "365d",
		"PLIMSOLL_LOG_LEVEL", "warn",
	))
	if err != nil {
		t.Fatal(err)
	}
	file, _ := s.Database.SQLite()
	if s.GitHub.App.IntegrationID != 7 || len(s.GitHub.App.WebhookSecrets) != 2 || file != "/var/lib/plimsoll.db" ||
		len(s.Datasources) != 2 || s.Datasources[1].Prometheus != "http://eu:9090" || len(s.Probes.Allow) != 2 || s.Log.Level != "warn" || s.Retention.Ledger.Forever {
		t.Errorf("server: %+v", s)
	}
	if d := s.Datasources[1]; d.BasicAuth.Username != "123456" || d.BasicAuth.Password.Reveal() != "mimir-password" || len(d.Headers) != 1 || d.Headers[0].Value.Reveal() != "1" {
		t.Errorf("the datasource with a password: %+v", d)
	}
	if s.Listen != ":8080" || s.PublicURL != "http://localhost:8080" || s.Workers != 8 {
		t.Errorf("defaults: %+v", s)
	}
}

// Every refusal names the key and what to do, and shows no secret.
func TestLoadServerRefuses(t *testing.T) {
	const app = "github: {app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [env:HOOK]}}\n"
	cases := map[string]struct{ file, want string }{
		"unknown key":             {app + "listne: \":80\"\n", `server.yml:2:1: listne: unknown key "listne" (did you mean listen?)`},
		"unknown key below":       {"github: {app: {integration: 1}}\n", `did you mean integration_id?`},
		"no webhook secret":       {"github: {app: {integration_id: 1, private_key_file: app.pem}}\n", "the webhook secret is missing, so that anybody could send events (set github.app.webhook_secrets, or PLIMSOLL_GITHUB_APP_WEBHOOK_SECRETS)"},
		"empty secret list":       {"github: {app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: []}}\n", "the webhook secret is missing"},
		"empty webhook secret":    {"github: {app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [\"\"]}}\n", "github.app.webhook_secrets[0]: the webhook secret is empty"},
		"short link secret":       {app + "link_secrets: [too-short]\n", "link_secrets[0]: the link secret has 9 bytes, the minimum is 16"},
		"short webhook secret":    {"github: {app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [prometheus-toke]}}\n", "has 15 bytes, the minimum is 16"},
		"secret not a list":       {"github: {app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: " + webhookSecret + "}}\n", "expected a list, found something else"},
		"secret a number":         {"github: {app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [1234567890123456789]}}\n", "expected a secret, found something else"},
		"unset variable":          {"github: {app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [env:NOWHERE]}}\n", "the environment variable NOWHERE is not set, or empty"},
		"no key":                  {"github: {app: {integration_id: 1, webhook_secrets: [env:HOOK]}}\n", "the App's private key is missing (set github.app.private_key_file"},
		"unreadable key":          {"github: {app: {integration_id: 1, private_key_file: gone.pem, webhook_secrets: [env:HOOK]}}\n", "private_key_file: can't read "},
		"not a key":               {"github: {app: {integration_id: 1, private_key_file: token, webhook_secrets: [env:HOOK]}}\n", "github.app.private_key: the private key is not a PEM file"},
		"key twice":               {"github: {app: {integration_id: 1, private_key: x, private_key_file: token, webhook_secrets: [env:HOOK]}}\n", "private_key and private_key_file are both set"},
		"no id":                   {"github: {app: {private_key_file: app.pem, webhook_secrets: [env:HOOK]}}\n", "github.app.integration_id: the App's ID is missing"},
		"id as text":              {"github: {app: {integration_id: abc, private_key_file: app.pem, webhook_secrets: [env:HOOK]}}\n", `expected a whole number, found the text "abc"`},
		"database":                {app + "database: mysql://u:hunter2@db/x\n", "database: expected a database, found something else (write sqlite:plimsoll.db or postgres://user@host/name)"},
		"database name":           {app + "database: postgres://u:hunter2@db\n", "has no database name"},
		"sqlite file":             {app + "database: \"sqlite:\"\n", "expected a file after sqlite:"},
		"workers":                 {app + "workers: 0\n", "workers: expected 1 to 256 workers, found 0"},
		"oauth half":              {app + "log: {level: loud}\n", "did you mean"},
		"retention":               {app + "retention: {deliveries: 1h}\n", "expected 7d or more"},
		"notified twice":          {app + "notifications: [{name: a, slack: \"https://slack.dev/x\"}, {name: A, slack: \"https://slack.dev/y\"}]\n", "duplicate notification \"A\""},
		"notified nowhere":        {app + "notifications: [{name: a}]\n", "server.yml:2:17: notifications[0]: a notification has one of webhook, slack and grafana"},
		"notified by two":         {app + "notifications: [{name: a, slack: \"https://slack.dev/x\", grafana: \"https://grafana.dev\", token: t}]\n", "a notification has one of webhook, slack and grafana"},
		"unsigned webhook":        {app + "notifications: [{name: a, webhook: \"https://hooks.dev/hunter2\"}]\n", "notifications[0].secrets: a webhook needs a secret"},
		"webhook secret is short": {app + "notifications: [{name: a, webhook: \"https://hooks.dev/x\", secrets: [hunter2]}]\n", "has 7 bytes, the minimum is 16"},
		"webhook to a file":       {app + "notifications: [{name: a, slack: \"file:///hunter2\"}]\n", "notifications[0].slack: expected an http or https URL"},
		"secrets of Slack":        {app + "notifications: [{name: a, slack: \"https://slack.dev/x\", secrets: [env:HOOK]}]\n", "secrets does not belong to this kind of destination"},
		"Grafana without a token": {app + "notifications: [{name: a, grafana: \"https://grafana.dev\"}]\n", "grafana needs a token"},
		"an unknown event":        {app + "notifications: [{name: a, slack: \"https://slack.dev/x\", events: [rolled-back]}]\n", "expected verified, investigate, roll-back, inconclusive or rollback, found \"rolled-back\" (did you mean roll-back?)"},
		"notified of another":     {app + "notifications: [{name: a, slack: \"https://slack.dev/x\", accounts: [acme], repositories: [globex/x]}]\n", "belongs to none of notifications[0].accounts"},
		"short probe secret":      {app + "probes: {secrets: [{name: a, value: hunter2, hosts: [a.dev]}]}\n", "server.yml:2:37: probes.secrets[0].value: the secret has 7 bytes, expected 8 to 4096"},
		"probe secret of lines":   {app + "probes: {secrets: [{name: a, value: \"a\\r\\nX-Admin: 1\", hosts: [a.dev]}]}\n", "a line break or another control character"},
		"probe secret anywhere":   {app + "probes: {secrets: [{name: a, value: env:HOOK, hosts: []}]}\n", "probes.secrets[0].hosts: the secret has no host that it may be sent to"},
		"probe secret to a path":  {app + "probes: {secrets: [{name: a, value: env:HOOK, hosts: [\"https://a.dev/x\"]}]}\n", "expected a host, or a URL without a path"},
		"probe secret to all":     {app + "probes: {secrets: [{name: a, value: env:HOOK, hosts: [\"*\"]}]}\n", "expected a host, or a URL without a path"},
		"probe secret twice":      {app + "probes: {secrets: [{name: a, value: env:HOOK, hosts: [a.dev]}, {name: A, value: env:HOOK, hosts: [a.dev]}]}\n", "duplicate secret \"A\""},
		"probe secret of another": {app + "probes: {secrets: [{name: a, value: env:HOOK, hosts: [a.dev], accounts: [acme], repositories: [globex/x]}]}\n", "belongs to none of probes.secrets[0].accounts"},
		"allow all":               {app + "probes: {allow: [\"*\"]}\n", "expected a host name or an IP range"},
		"joined, not served":      {app + "accounts: [acme]\norganisations: [{name: group, accounts: [acme, acme-labs]}]\n", "server.yml:3:48: organisations[0].accounts[1]: the account \"acme-labs\" is joined, but not served (add it to accounts)"},
		"joined by default":       {app + "organisations: [{name: group, accounts: [acme, acme-labs]}]\n", "server.yml:2:42: organisations[0].accounts[0]: the account \"acme\" is joined, but not served (add it to accounts)"},
		"joined twice":            {app + "accounts: [\"*\"]\norganisations:\n  - {name: group, accounts: [acme, acme-labs]}\n  - {name: other, accounts: [globex, ACME]}\n", "server.yml:5:38: organisations[1].accounts[1]: duplicate account \"ACME\" (the first is on line 4; merge both, or rename one)"},
		"joined alone":            {app + "accounts: [\"*\"]\norganisations: [{name: group, accounts: [acme]}]\n", "server.yml:3:41: organisations[0].accounts: expected two accounts or more"},
		"joined with all":         {app + "accounts: [\"*\"]\norganisations: [{name: group, accounts: [acme, \"*\"]}]\n", "expected a GitHub account, found *"},
		"same organisation":       {app + "accounts: [\"*\"]\norganisations: [{name: g, accounts: [a, b]}, {name: G, accounts: [c, d]}]\n", "duplicate organisation \"G\""},
		"repository of another":   {app + "probes: {accounts: [acme], repositories: [acme/orders, globex/pay-*]}\n", "server.yml:2:56: probes.repositories[1]: \"globex/pay-*\" belongs to none of probes.accounts (add its account there, or remove the repository)"},
		"repository without name": {app + "probes: {repositories: [acme]}\n", "expected a repository, found \"acme\" (write acme/orders, or acme/pay-* for several)"},
		"a proxy":                 {app + "trusted_proxies: [proxy.acme.dev]\n", `expected an IP address or an IP range, found "proxy.acme.dev"`},
		"listen":                  {app + "listen: 8080\n", "expected an address to listen on, found the number 8080"},
		"two documents":           {app + "---\nx: 1\n", "another document begins here"},
		"broken yaml":             {"github: {app: {webhook_secrets: [" + webhookSecret + "}}\n", "not YAML"},
		"star":                    {"github: {app: {webhook_secrets: [*" + webhookSecret + "]}}\n", "begins with * into quotes"},
		"anchor":                  {"github: {app: {webhook_secrets: [&" + webhookSecret + "]}}\n", "expected a secret"},
		"tag":                     {"github: {app: {webhook_secrets: [!" + webhookSecret + " x]}}\n", "expected a secret"},
		"no kind of server":       {app + "datasources: [{name: a}]\n", "server.yml:2:15: datasources[0]: a metric server needs prometheus, datadog or cloudwatch (add prometheus: http://prometheus:9090)"},
		"two kinds of one":        {app + "datasources: [{name: a, prometheus: \"https://a\", datadog: {api_key: hunter2, application_key: hunter2}}]\n", "datasources[0].datadog: prometheus and datadog are both set"},
		"CloudWatch beside":       {app + "datasources: [{name: a, datadog: {api_key: hunter2, application_key: hunter2}, cloudwatch: {region: eu-west-1}}]\n", "datasources[0].cloudwatch: datadog and cloudwatch are both set"},
		"no region of CloudWatch": {app + "datasources: [{name: a, cloudwatch: {role_arn: \"arn:aws:iam::123456789012:role/metrics\"}}]\n", "datasources[0].cloudwatch.region: this key is required"},
		"half a key":              {app + "datasources: [{name: a, cloudwatch: {region: eu-west-1, secret_access_key: hunter2}}]\n", "datasources[0].cloudwatch: access_key_id and secret_access_key belong together, and one is missing (set both, or neither)"},
		"signature of CloudWatch": {app + "datasources: [{name: a, cloudwatch: {region: eu-west-1}, sigv4: {region: eu-west-1}}]\n", "datasources[0].sigv4: sigv4 is for metric servers with Prometheus's API, and this one is CloudWatch (remove it)"},
		"no application key":      {app + "datasources: [{name: a, datadog: {api_key: hunter2}}]\n", "datasources[0].datadog.application_key: this key is required"},
		"not a site":              {app + "datasources: [{name: a, datadog: {site: \"https://datadoghq.eu\", api_key: hunter2, application_key: hunter2}}]\n", "expected a host name, found \"https://datadoghq.eu\""},
		"graph of Datadog":        {app + "datasources: [{name: a, graph: \"https://a\", datadog: {api_key: hunter2, application_key: hunter2}}]\n", "server.yml:2:32: datasources[0].graph: graph is for metric servers with Prometheus's API, and this one is Datadog (remove it)"},
		"matchers of Datadog":     {app + "datasources: [{name: a, datadog: {api_key: hunter2, application_key: hunter2}, matchers: ['a=\"b\"']}]\n", "datasources[0].matchers: matchers is for"},
		"two credentials":         {app + "datasources:\n  - {name: a, prometheus: \"https://a\", bearer_token: x, basic_auth: {username: u, password: hunter2}}\n", "server.yml:3:69: datasources[0].basic_auth: bearer_token and basic_auth are both set (keep the one that the metric server asks for)"},
		"two signatures":          {app + "datasources:\n  - {name: a, prometheus: \"https://a\", basic_auth: {username: u, password: hunter2}, sigv4: {region: eu-west-1}}\n", "datasources[0].sigv4: basic_auth and sigv4 are both set"},
		"no password":             {app + "datasources: [{name: a, prometheus: \"https://a\", basic_auth: {username: u}}]\n", "datasources[0].basic_auth.password: this key is required"},
		"colon in a user name":    {app + "datasources: [{name: a, prometheus: \"https://a\", basic_auth: {username: \"u:v\", password: hunter2}}]\n", "expected a user name, found \"u:v\""},
		"not a header":            {app + "datasources: [{name: a, prometheus: \"https://a\", headers: [{name: \"X Org\", value: hunter2}]}]\n", "server.yml:2:67: datasources[0].headers[0].name: expected the name of a header, found \"X Org\""},
		"header of our own":       {app + "datasources: [{name: a, prometheus: \"https://a\", headers: [{name: authorization, value: hunter2}]}]\n", "the header Authorization can't be set here (use bearer_token, basic_auth or sigv4)"},
		"header of the request":   {app + "datasources: [{name: a, prometheus: \"https://a\", headers: [{name: host, value: hunter2}]}]\n", "the header Host can't be set here (remove it: Plimsoll sets it)"},
		"header twice":            {app + "datasources: [{name: a, prometheus: \"https://a\", headers: [{name: X-Org, value: a}, {name: x-org, value: hunter2}]}]\n", "duplicate header \"X-Org\""},
		"header of two lines":     {app + "datasources: [{name: a, prometheus: \"https://a\", headers: [{name: X-Org, value: \"hunter2\\r\\nX: y\"}]}]\n", "headers[0].value: the header's value holds a control character (write it on one line)"},
		"not a certificate":       {app + "datasources: [{name: a, prometheus: \"https://a\", tls: {ca_file: token}}]\n", "datasources[0].tls.ca: expected certificates in PEM form"},
		"key of another":          {app + "datasources: [{name: a, prometheus: \"https://a\", tls: {certificate_file: ca.pem, private_key_file: app.pem}}]\n", "datasources[0].tls: the client's certificate and private key don't belong together (give the key that the certificate was made for)"},
		"certificate without key": {app + "datasources: [{name: a, prometheus: \"https://a\", tls: {certificate_file: ca.pem}}]\n", "datasources[0].tls: certificate and private_key belong together, and one is missing"},
		"tls without https":       {app + "datasources: [{name: a, prometheus: \"http://a\", tls: {ca_file: ca.pem}}]\n", "datasources[0].tls: the address of the metric server does not begin with https (use https, or remove tls)"},
		"no region":               {app + "datasources: [{name: a, prometheus: \"https://a\", sigv4: {}}]\n", "datasources[0].sigv4.region: this key is required (add region: eu-central-1)"},
		"not a region":            {app + "datasources: [{name: a, prometheus: \"https://a\", sigv4: {region: Frankfurt}}]\n", "expected an AWS region, found \"Frankfurt\""},
		"not a role":              {app + "datasources: [{name: a, prometheus: \"https://a\", sigv4: {region: eu-west-1, role_arn: metrics}}]\n", "expected the ARN of a role, found \"metrics\""},
		"half of an access key":   {app + "datasources: [{name: a, prometheus: \"https://a\", sigv4: {region: eu-west-1, access_key_id: x}}]\n", "datasources[0].sigv4: access_key_id and secret_access_key belong together, and one is missing"},
		"at sign":                 {"github:\n  oauth:\n    client_secret: @" + webhookSecret + "\n", "put the value into quotes"},
	}
	cases["oauth half"] = struct{ file, want string }{"github:\n  oauth: {client_id: x}\n  app: {integration_id: 1, private_key_file: app.pem, webhook_secrets: [env:HOOK]}\n", "client_id and client_secret belong together"}
	cases["log level"] = struct{ file, want string }{app + "log: {level: inf}\n", "did you mean info?"}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := LoadServer(operatorFile(t, c.file), environment("HOOK", webhookSecret))
			if _, ok := errors.AsType[Errors](err); !ok || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, expected %q in it", err, c.want)
			}
			if err != nil {
				noSecret(t, "the error", err.Error())
				for _, secret := range []string{"1234567890123456789", "prometheus-toke"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error shows a secret: %v", err)
					}
				}
			}
		})
	}
	if _, err := LoadServer(filepath.Join(t.TempDir(), "none.yml"), environment()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	_, err := LoadServer("", environment("PLIMSOLL_WORKERS", "many"))
	if err == nil || !strings.Contains(err.Error(), `environment variable PLIMSOLL_WORKERS: workers: expected a whole number, found the text "many"`) {
		t.Errorf("a bad variable: %v", err)
	}
}
