package config

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// serverBounds are those of the operator's file.
var serverBounds = Bounds{Bytes: 1 << 20, Depth: 32, AliasNodes: 10_000, Documents: 1}

// LoadServer reads the operator's file, which may be "" for none, and the
// environment, and fills in the defaults. The error is [Errors] where a value
// is at fault: it names the key and what to do, and never shows a secret.
func LoadServer(path string, env func(string) string) (*Server, error) {
	server, errs, err := loadServer(path, env)
	if err == nil {
		err = errs.result()
	}
	if err != nil {
		return nil, err
	}
	return server, nil
}

// LoadWithoutApp is [LoadServer] for commands that use the database, metric servers or
// environments, but not GitHub. Missing or unreadable credentials of the App are not an
// error.
func LoadWithoutApp(path string, env func(string) string) (*Server, error) {
	server, errs, err := loadServer(path, env)
	if err == nil {
		err = slices.DeleteFunc(errs, func(e *Error) bool { return strings.HasPrefix(e.Path, "github.") }).result()
	}
	if err != nil {
		return nil, err
	}
	return server, nil
}

// ExamineServer reads what [LoadServer] reads, as far as it can be read, and gives everything
// that is wrong with it. Keys with an error have their zero value or their default; server is
// nil if the file as a whole can't be read.
func ExamineServer(path string, env func(string) string) (server *Server, wrong Errors) {
	server, errs, err := loadServer(path, env)
	if err == nil {
		err = errs.result()
	}
	if listed, ok := errors.AsType[Errors](err); ok {
		return server, listed
	}
	if err != nil {
		return nil, Errors{{File: path, Message: strings.TrimPrefix(err.Error(), path+": "), Hint: "check its name and permissions"}}
	}
	return server, nil
}

// LoadForSetup reads the operator's file, which may be missing in its folder, of a server that
// has no App yet. needed is false if the file or the environment says anything of the App: then
// [LoadServer] is right, and reports what is missing. The error is about other keys.
func LoadForSetup(path string, env func(string) string) (server *Server, needed bool, err error) {
	if path != "" {
		_, err := os.Stat(path)
		_, folder := os.Stat(filepath.Dir(path))
		if errors.Is(err, fs.ErrNotExist) && folder == nil { // without its folder nothing can be written
			path = ""
		}
	}
	server, errs, err := loadServer(path, env)
	if err != nil {
		return nil, false, err
	}
	app, rest := 0, Errors{}
	for _, e := range errs {
		if strings.HasPrefix(e.Path, "github.app.") {
			app++
		} else {
			rest = append(rest, e)
		}
	}
	none := server.GitHub.App.IntegrationID == 0 && server.GitHub.App.PrivateKey.Empty() && len(server.GitHub.App.WebhookSecrets) == 0
	missing := !slices.ContainsFunc(errs, func(e *Error) bool {
		return strings.HasPrefix(e.Path, "github.app.") && !strings.Contains(e.Message, " is missing")
	})
	if !none || !missing || app != 3 {
		return server, false, nil
	}
	return server, true, rest.result()
}

func loadServer(path string, env func(string) string) (*Server, Errors, error) {
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			if fault, ok := errors.AsType[*fs.PathError](err); ok {
				err = fault.Err
			}
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		documents, err := ParseTree(path, data, serverBounds)
		if err != nil {
			return nil, nil, withoutText(err)
		}
		if len(documents) > 0 {
			root = documents[0]
		}
	}
	l := &serverLoader{env: env, folder: filepath.Dir(path), files: map[string]string{}}
	l.decoder = decoder{file: cmp.Or(path, "the environment"), positions: map[string]Position{}, known: knownKeys(reflect.TypeFor[Server]()), origins: map[*yaml.Node]string{}}
	l.decoder.resolve = l.resolve
	if root.Kind == yaml.MappingNode {
		l.overlay(root, reflect.TypeFor[Server](), "", "PLIMSOLL")
	}
	server := DefaultServer()
	l.value(root, reflect.ValueOf(server).Elem(), "")
	l.finish(server)
	return server, l.errs, nil
}

// withoutText takes what quotes the file out of errors: it holds secrets.
func withoutText(err error) error {
	if errs, ok := errors.AsType[Errors](err); ok {
		for _, e := range errs {
			if e.plainHint != "" {
				e.Hint = e.plainHint
			} else if strings.Contains(e.Hint, `"`) {
				e.Hint = "put the value into quotes"
			}
		}
	}
	return err
}

// serverLoader lays the environment and files of secrets over the operator's
// file, and decodes the whole.
type serverLoader struct {
	decoder
	env    func(string) string
	folder string
	// files that secrets were read from, by the secrets' paths.
	files map[string]string
}

// resolve gives the value of env:NAME.
func (l *serverLoader) resolve(_, value string) (string, *Error) {
	name, ok := strings.CutPrefix(value, "env:")
	if !ok {
		return value, nil
	}
	resolved := l.env(name)
	if resolved == "" {
		return "", &Error{Message: "the environment variable " + name + " is not set, or empty", Hint: "set it, or write the value into the file"}
	}
	return resolved, nil
}

// finish checks values that depend on each other, and fills in those that follow from
// others.
func (l *serverLoader) finish(s *Server) {
	need := func(missing bool, path, message, hint string) {
		if missing && !l.failed("") && !l.failedBelow(path) {
			l.faultAt(path, message, hint)
		}
	}
	need(s.GitHub.App.IntegrationID <= 0, "github.app.integration_id", "the App's ID is missing", "set github.app.integration_id, or PLIMSOLL_GITHUB_APP_INTEGRATION_ID")
	need(s.GitHub.App.PrivateKey.Empty(), "github.app.private_key", "the App's private key is missing", "set github.app.private_key_file, or PLIMSOLL_GITHUB_APP_PRIVATE_KEY_FILE")
	need(len(s.GitHub.App.WebhookSecrets) == 0, "github.app.webhook_secrets", "the webhook secret is missing, so that anybody could send events", "set github.app.webhook_secrets, or PLIMSOLL_GITHUB_APP_WEBHOOK_SECRETS")
	need((s.GitHub.OAuth.ClientID == "") != s.GitHub.OAuth.ClientSecret.Empty(), "github.oauth", "client_id and client_secret belong together, and one is missing", "set both, or neither")
	need(s.Workers < 1 || s.Workers > 256, "workers", fmt.Sprintf("expected 1 to 256 workers, found %d", s.Workers), "the default is 8")
	need(s.Commands < 1 || s.Commands > 1000, "commands_per_hour", fmt.Sprintf("expected 1 to 1,000 commands, found %d", s.Commands), "the default is 30")
	need(!s.Retention.Deliveries.Forever && s.Retention.Deliveries.For.Value() < minDeliveries, "retention.deliveries", "expected 7d or more", "deliveries are needed to find lost events; keep them for at least 7d")
	names := map[string]string{}
	for i := range s.Datasources {
		l.datasource(&s.Datasources[i], names, fmt.Sprintf("datasources[%d]", i))
	}
	l.organisations(s)
	l.narrowed(&s.Probes.Accounts, s.Probes.Repositories, "probes")
	for i := range s.Probes.Tenants {
		l.narrowed(&s.Probes.Tenants[i].Accounts, s.Probes.Tenants[i].Repositories, fmt.Sprintf("probes.tenants[%d]", i))
	}
	l.notifications(s)
	secrets := map[string]string{}
	for i := range s.Probes.Secrets {
		path := fmt.Sprintf("probes.secrets[%d]", i)
		l.unique(secrets, string(s.Probes.Secrets[i].Name), path+".name", "secret")
		need(len(s.Probes.Secrets[i].Hosts) == 0, path+".hosts", "the secret has no host that it may be sent to", "name its hosts, such as [shop.acme.dev]")
		l.narrowed(&s.Probes.Secrets[i].Accounts, s.Probes.Secrets[i].Repositories, path)
	}
	if _, port, err := net.SplitHostPort(string(s.Listen)); s.PublicURL == "" && err == nil {
		s.PublicURL = URL("http://localhost:" + port)
	}
}

// datasource checks the values of a metric server that depend on each other, and fills in
// those that follow from others.
func (l *serverLoader) datasource(d *Datasource, names map[string]string, path string) {
	d.BearerTokenFile = l.files[path+".bearer_token"]
	l.unique(names, string(d.Name), path+".name", "datasource")
	l.narrowed(&d.Accounts, d.Repositories, path)
	l.kind(d, path)
	set := ""
	for _, way := range []struct {
		key string
		set bool
	}{{"bearer_token", !d.BearerToken.Empty()}, {"basic_auth", d.BasicAuth != BasicAuth{}}, {"sigv4", d.SigV4 != AWS{}}} {
		switch {
		case !way.set:
		case set == "":
			set = way.key
		default:
			l.faultAt(path+"."+way.key, set+" and "+way.key+" are both set", "keep the one that the metric server asks for")
		}
	}
	headers := map[string]string{}
	for i, header := range d.Headers {
		l.unique(headers, string(header.Name), fmt.Sprintf("%s.headers[%d].name", path, i), "header")
	}
	for _, signed := range []struct {
		key string
		AWS
	}{{"sigv4", d.SigV4}, {"cloudwatch", d.CloudWatch.Signed()}} {
		if at := path + "." + signed.key; !l.failedBelow(at) && (signed.AccessKeyID == "") != signed.SecretAccessKey.Empty() {
			l.faultAt(at, "access_key_id and secret_access_key belong together, and one is missing", "set both, or neither")
		}
	}
	at := path + ".tls"
	switch t := d.TLS; {
	case t == (TLS{}) || l.failedBelow(at):
	case !strings.HasPrefix(string(d.Prometheus), "https://"):
		l.faultAt(at, "the address of the metric server does not begin with https", "use https, or remove tls")
	case t.Certificate.Empty() != t.PrivateKey.Empty():
		l.faultAt(at, "certificate and private_key belong together, and one is missing", "set both, or neither")
	case !t.Certificate.Empty():
		if _, err := tls.X509KeyPair([]byte(t.Certificate.Reveal()), []byte(t.PrivateKey.Reveal())); err != nil {
			l.faultAt(at, "the client's certificate and private key don't belong together", "give the key that the certificate was made for")
		}
	}
}

// kind checks that a metric server is of one kind, with the keys of that kind alone.
func (l *serverLoader) kind(d *Datasource, path string) {
	var kinds []string
	for _, key := range []string{"prometheus", "datadog", "cloudwatch"} {
		if l.given(path + "." + key) {
			kinds = append(kinds, key)
		}
	}
	switch {
	case len(kinds) == 0:
		l.faultAt(path, "a metric server needs prometheus, datadog or cloudwatch", "add prometheus: http://prometheus:9090")
	case len(kinds) > 1:
		l.faultAt(path+"."+kinds[1], kinds[0]+" and "+kinds[1]+" are both set", "make two metric servers of it")
	case kinds[0] != "prometheus":
		which := map[string]string{"datadog": "Datadog", "cloudwatch": "CloudWatch"}[kinds[0]]
		for _, key := range []string{"graph", "bearer_token", "basic_auth", "sigv4", "headers", "tls", "matchers"} {
			if at := path + "." + key; l.given(at) {
				l.faultAt(at, key+" is for metric servers with Prometheus's API, and this one is "+which, "remove it")
			}
		}
	}
}

// narrowed checks that repositories belong to the accounts beside them, and fills those in
// if none are named.
func (l *serverLoader) narrowed(accounts *[]Account, repositories []RepositoryPattern, path string) {
	given := len(*accounts) > 0
	for i, repository := range repositories {
		named := slices.ContainsFunc(*accounts, func(a Account) bool {
			return a == EveryAccount || strings.EqualFold(string(a), string(repository.Account()))
		})
		switch {
		case repository == "" || named:
		case given:
			l.faultAt(fmt.Sprintf("%s.repositories[%d]", path, i), quote(string(repository))+" belongs to none of "+path+".accounts", "add its account there, or remove the repository")
		default:
			*accounts = append(*accounts, repository.Account())
		}
	}
}

// organisations checks that every account is joined once, and served.
func (l *serverLoader) organisations(s *Server) {
	names, joined := map[string]string{}, map[string]string{}
	served := func(account Account) bool {
		return slices.ContainsFunc(s.Accounts, func(a Account) bool { return a == EveryAccount || strings.EqualFold(string(a), string(account)) })
	}
	for i, o := range s.Organisations {
		path := fmt.Sprintf("organisations[%d]", i)
		l.unique(names, string(o.Name), path+".name", "organisation")
		if len(o.Accounts) < 2 && !l.failedBelow(path+".accounts") {
			l.faultAt(path+".accounts", "expected two accounts or more", "name the accounts that belong together, or remove the organisation")
		}
		for j, account := range o.Accounts {
			at := fmt.Sprintf("%s.accounts[%d]", path, j)
			switch {
			case account == "":
			case account == EveryAccount:
				l.faultAt(at, "expected a GitHub account, found *", "name each account")
			case !served(account):
				l.faultAt(at, "the account "+quote(string(account))+" is joined, but not served", "add it to accounts")
			default:
				l.unique(joined, string(account), at, "account")
			}
		}
	}
}

// minDeliveries is how far back GitHub can be asked for deliveries, and more.
const minDeliveries = 7 * 24 * 60 * 60 * 1e9

// failedBelow says whether a path, or one below it, has an error.
func (d *decoder) failedBelow(path string) bool {
	return slices.ContainsFunc(d.errs, func(e *Error) bool { return strings.HasPrefix(e.Path, path) })
}
