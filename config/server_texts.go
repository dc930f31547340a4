package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"
)

// Address is where to listen: host:port, or :port for every interface.
type Address string

func (Address) form() form {
	return form{expects: "an address to listen on", tags: onlyText, hint: `write ":8080" or "127.0.0.1:8080"`}
}

func (a *Address) parse(text string) *wrong {
	_, port, err := net.SplitHostPort(text)
	if number, notNumber := strconv.Atoi(port); err != nil || notNumber != nil || number < 0 || number > 65535 {
		return &wrong{message: "expected an address to listen on, found " + quote(text)}
	}
	*a = Address(text)
	return nil
}

// Database is an SQLite file or a PostgreSQL address. It may hold a password:
// printing it leaves that out.
type Database struct{ address Secret }

// ParseDatabase reads "sqlite:FILE" or "postgres://…", as given by from: a flag or a key.
func ParseDatabase(from, text string) (Database, error) {
	var d Database
	if bad := d.parse(text); bad != nil {
		return d, Errors{{File: from, Message: bad.message, Hint: d.form().hint}}
	}
	return d, nil
}

// SQLite gives the file of an SQLite database; ok is false for PostgreSQL.
func (d Database) SQLite() (file string, ok bool) {
	return strings.CutPrefix(d.address.Reveal(), "sqlite:")
}

// PostgreSQL gives the address of a PostgreSQL database, with its password; ok
// is false for SQLite.
func (d Database) PostgreSQL() (address string, ok bool) {
	_, sqlite := d.SQLite()
	return d.address.Reveal(), !sqlite && !d.address.Empty()
}

// String gives the database without its password.
func (d Database) String() string {
	address, ok := d.PostgreSQL()
	if !ok {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "postgres"
	}
	u.RawQuery = "" // may hold a password as well
	return u.Redacted()
}

// GoString gives what String gives.
func (d Database) GoString() string { return d.String() }

// MarshalText gives what String gives.
func (d Database) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (Database) form() form {
	return form{expects: "a database", tags: onlyText, hint: "write sqlite:plimsoll.db or postgres://user@host/name", hidden: true}
}

func (d *Database) parse(text string) *wrong {
	if file, ok := strings.CutPrefix(text, "sqlite:"); ok {
		if file == "" || strings.HasPrefix(file, "//") || strings.ContainsAny(file, "?#\x00") {
			return &wrong{message: "expected a file after sqlite:, without ? and #"}
		}
		d.address = NewSecret(text)
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return &wrong{message: "expected a database, found something else"}
	}
	if strings.Trim(u.Path, "/") == "" {
		return &wrong{message: "the PostgreSQL URL has no database name"}
	}
	if u.Host == "" && u.Query().Get("host") == "" {
		return &wrong{message: "the PostgreSQL URL has no host"}
	}
	d.address = NewSecret(text)
	return nil
}

// Keep is how long something is kept.
type Keep struct {
	Forever bool
	For     Duration
}

func (Keep) form() form {
	return form{expects: "a duration or forever", tags: onlyText, hint: "write 30d or forever"}
}

func (k *Keep) parse(text string) *wrong {
	*k = Keep{Forever: text == "forever"}
	if k.Forever {
		return nil
	}
	if bad := k.For.parse(text); bad != nil || k.For <= 0 {
		return &wrong{message: "expected a duration or forever, found " + quote(text)}
	}
	return nil
}

var hostPattern = newShape(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (Allowed) form() form {
	return form{expects: "a host name or an IP range", tags: onlyText, hint: `write "*.acme.dev", orders.acme.dev or 10.0.0.0/8`}
}

func (a *Allowed) parse(text string) *wrong {
	if prefix, ok := parseRange(text); ok {
		a.Prefix = prefix
		return nil
	}
	host := strings.TrimSuffix(strings.ToLower(text), ".")
	if !hostPattern.MatchString(host) || len(host) > 253 {
		return &wrong{message: "expected a host name or an IP range, found " + quote(text)}
	}
	a.Host = host
	return nil
}

func (Origin) form() form {
	return form{expects: "a host, or a URL without a path", tags: onlyText, hint: "write shop.acme.dev, *.acme.dev or http://shop.internal:8080"}
}

func (o *Origin) parse(text string) *wrong {
	unclear := &wrong{message: "expected a host, or a URL without a path, found " + quote(text)}
	full := text
	if !strings.Contains(text, "://") {
		full = "https://" + text
	}
	u, err := url.Parse(full)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return unclear
	}
	*o = Origin{Scheme: u.Scheme, Host: strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), Port: 443}
	if u.Scheme == "http" {
		o.Port = 80
	}
	if port := u.Port(); port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 {
			return unclear
		}
		o.Port = uint16(number)
	}
	if address, err := netip.ParseAddr(o.Host); err == nil && address.Zone() == "" {
		o.Host = address.Unmap().String()
		return nil
	}
	if !hostPattern.MatchString(o.Host) || len(o.Host) > 253 {
		return unclear
	}
	return nil
}

// String gives it as a URL.
func (o Origin) String() string {
	usual := o.Scheme == "https" && o.Port == 443 || o.Scheme == "http" && o.Port == 80
	if usual && !strings.Contains(o.Host, ":") {
		return o.Scheme + "://" + o.Host
	}
	return o.Scheme + "://" + net.JoinHostPort(o.Host, strconv.Itoa(int(o.Port)))
}

// Matches reports whether a request to a host goes to this origin, or to one below *.SUFFIX.
func (o Origin) Matches(scheme, host string, port uint16) bool {
	if o.Scheme != scheme || o.Port != port {
		return false
	}
	return o.Host == host || Allowed{Host: o.Host}.MatchHost(host)
}

// Matcher is a condition on a label of a metric server's series, such as namespace="acme".
type Matcher string

func (Matcher) form() form {
	return form{expects: "a condition on a label", tags: onlyText, hint: `write 'namespace="acme"'`}
}

func (m *Matcher) parse(text string) *wrong {
	*m = Matcher(text)
	return nil
}

// HostName is the name of a host, without wildcard and port.
type HostName string

func (HostName) form() form {
	return form{expects: "a host name", tags: onlyText, hint: "write it without https:// and path, such as datadoghq.eu"}
}

func (h *HostName) parse(text string) *wrong {
	if !hostPattern.MatchString(text) || strings.HasPrefix(text, "*") || len(text) > 253 {
		return &wrong{message: "expected a host name, found " + quote(text)}
	}
	*h = HostName(text)
	return nil
}

// UserName is the name in a basic authentication.
type UserName string

func (UserName) form() form {
	return form{expects: "a user name", tags: onlyText, hint: "write it without a colon, in quotes if it is a number"}
}

func (u *UserName) parse(text string) *wrong {
	if text == "" || strings.Contains(text, ":") || strings.ContainsFunc(text, unicode.IsControl) {
		return &wrong{message: "expected a user name, found " + quote(text)}
	}
	*u = UserName(text)
	return nil
}

// AWSRegion is the name of a region, such as eu-central-1.
type AWSRegion string

var awsRegionPattern = newShape(`^[a-z]{2,8}(-[a-z]{1,12}){1,3}-[0-9]{1,2}$`)

func (AWSRegion) form() form {
	return form{expects: "an AWS region", tags: onlyText, hint: "write its code, such as eu-central-1"}
}

func (r *AWSRegion) parse(text string) *wrong {
	if !awsRegionPattern.MatchString(text) {
		return &wrong{message: "expected an AWS region, found " + quote(text)}
	}
	*r = AWSRegion(text)
	return nil
}

// RoleARN is the name of an AWS role in all of AWS.
type RoleARN string

var roleARNPattern = newShape(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,576}$`)

func (RoleARN) form() form {
	return form{expects: "the ARN of a role", tags: onlyText, hint: "write arn:aws:iam::ACCOUNT:role/NAME"}
}

func (r *RoleARN) parse(text string) *wrong {
	if !roleARNPattern.MatchString(text) {
		return &wrong{message: "expected the ARN of a role, found " + quote(text)}
	}
	*r = RoleARN(text)
	return nil
}

// Account is the name of a GitHub account, or EveryAccount.
type Account string

// EveryAccount stands for all accounts that have installed the App.
const EveryAccount Account = "*"

var accountPattern = newShape(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,99})$`)

func (Account) form() form {
	return form{expects: "a GitHub account or *", tags: onlyText, hint: `write the name of an account, such as acme, or "*" for all`}
}

func (a *Account) parse(text string) *wrong {
	if text != string(EveryAccount) && !accountPattern.MatchString(text) {
		return &wrong{message: "expected a GitHub account or *, found " + quote(text)}
	}
	*a = Account(text)
	return nil
}

// Operator is the login of a person, or a team as ORGANISATION/TEAM.
type Operator string

var operatorPattern = newShape(`^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99})?$`)

func (Operator) form() form {
	return form{expects: "a person or a team", tags: onlyText, hint: "write the login of a person, such as alice, or acme/platform for a team"}
}

func (o *Operator) parse(text string) *wrong {
	if !operatorPattern.MatchString(text) {
		return &wrong{message: "expected a person or a team, found " + quote(text)}
	}
	*o = Operator(text)
	return nil
}

// RepositoryPattern names repositories of one account: OWNER/NAME, where * in NAME stands for
// any text.
type RepositoryPattern string

var repositoryPattern = newShape(`^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}/[A-Za-z0-9_.*-]{1,100}$`)

func (RepositoryPattern) form() form {
	return form{expects: "a repository", tags: onlyText, hint: "write acme/orders, or acme/pay-* for several"}
}

func (p *RepositoryPattern) parse(text string) *wrong {
	if !repositoryPattern.MatchString(text) {
		return &wrong{message: "expected a repository, found " + quote(text)}
	}
	*p = RepositoryPattern(text)
	return nil
}

// Account is the account that the repositories belong to.
func (p RepositoryPattern) Account() Account {
	owner, _, _ := strings.Cut(string(p), "/")
	return Account(owner)
}

// MatchName reports whether a repository of the account is meant by its name.
func (p RepositoryPattern) MatchName(name string) bool {
	_, pattern, _ := strings.Cut(string(p), "/")
	matches, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
	return err == nil && matches
}

func (AddressRange) form() form {
	return form{expects: "an IP address or an IP range", tags: onlyText, hint: `write 10.0.0.0/8 or 192.0.2.7`}
}

func (r *AddressRange) parse(text string) *wrong {
	prefix, ok := parseRange(text)
	if !ok {
		return &wrong{message: "expected an IP address or an IP range, found " + quote(text)}
	}
	r.Prefix = prefix
	return nil
}

// parseRange reads a range of addresses, or one address.
func parseRange(text string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Masked(), true
	}
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return netip.PrefixFrom(address, address.BitLen()), true
	}
	return netip.Prefix{}, false
}

// ParseAllowed reads "*.acme.dev", "orders.acme.dev" or "10.0.0.0/8".
func ParseAllowed(text string) (Allowed, error) {
	var a Allowed
	if bad := a.parse(text); bad != nil {
		return a, fmt.Errorf("%s (%s)", bad.message, a.form().hint)
	}
	return a, nil
}

// MatchHost says whether a host name is allowed by name: the same, or below
// *.SUFFIX (which does not hold SUFFIX itself).
func (a Allowed) MatchHost(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if suffix, ok := strings.CutPrefix(a.Host, "*"); ok {
		return len(host) > len(suffix) && strings.HasSuffix(host, suffix)
	}
	return a.Host != "" && a.Host == host
}

// String gives it as written.
func (a Allowed) String() string {
	if a.Host != "" {
		return a.Host
	}
	return a.Prefix.String()
}
