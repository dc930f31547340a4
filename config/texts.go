package config

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"
)

var onlyText = []string{"!!str"}

// Name is the name of a component, an API or an environment.
type Name string

var namePattern = newShape(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

func (Name) form() form {
	return form{expects: "a name", tags: onlyText, pattern: namePattern.String(), examples: []string{"orders"}}
}

func (n *Name) parse(text string) *wrong {
	if !namePattern.MatchString(text) {
		return &wrong{"expected a name, found " + quote(text), "use at most 100 letters, digits, dots, dashes and underscores; begin with a letter or digit"}
	}
	*n = Name(text)
	return nil
}

// ValidName says whether a component, an API or an environment can be called so.
func ValidName(text string) bool { return namePattern.MatchString(text) }

// ValidPath says whether a file of the repository can be named by this path.
func ValidPath(text string) bool {
	clean, bad := inside(text)
	return bad == nil && clean == text
}

// APIName names an API: its short name, or owner/repo/api in full.
type APIName string

func (APIName) form() form {
	return form{expects: "the name of an API", tags: onlyText, hint: "write payments, or in full acme/payments-service/payments",
		pattern: `^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9._-]+/[A-Za-z0-9][A-Za-z0-9._-]*)?$`, examples: []string{"payments", "acme/payments-service/payments"}}
}

func (a *APIName) parse(text string) *wrong {
	parts := strings.Split(text, "/")
	if len(parts) != 1 && len(parts) != 3 {
		return &wrong{message: fmt.Sprintf("expected one part or three, found %d: %s", len(parts), quote(text))}
	}
	for _, part := range parts {
		// A repository may begin with a dot (.github) or a dash; nothing is named . or ..
		if !namePattern.MatchString("0"+part) || part == "" || part == "." || part == ".." {
			return &wrong{message: "expected the name of an API, found " + quote(text)}
		}
	}
	*a = APIName(text)
	return nil
}

// Short gives the API's own name, without owner and repository.
func (a APIName) Short() string { return string(a[strings.LastIndexByte(string(a), '/')+1:]) }

// Path is a file or folder of the repository: relative to its root, with
// forward slashes, cleaned, never outside.
type Path string

func (Path) form() form {
	return form{expects: "a path in this repository", tags: onlyText, pattern: `^[^/\\][^\\]*$`, examples: []string{"services/orders/openapi.yaml"}}
}

func (p *Path) parse(text string) *wrong {
	clean, bad := inside(text)
	*p = Path(clean)
	return bad
}

// inside cleans a path and refuses one that leads out of the repository.
func inside(text string) (string, *wrong) {
	switch {
	case text == "":
		return "", &wrong{"expected a path in this repository, found nothing", "write a path from the root of the repository"}
	case strings.Contains(text, "://"):
		return "", &wrong{"expected a path in this repository, found the URL " + quote(text), "keep a copy of it in the repository, and write its path"}
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", &wrong{"a control character in the path " + quote(text), "remove it"}
	case strings.Contains(text, `\`):
		return "", &wrong{"a backslash in the path " + quote(text), "write forward slashes: " + strings.ReplaceAll(text, `\`, "/")}
	case strings.HasPrefix(text, "/"), strings.HasPrefix(text, "~"):
		return "", &wrong{"the path " + quote(text) + " is absolute", "write it from the root of the repository: " + strings.TrimLeft(text, "/~")}
	case len(text) > 1024:
		return "", &wrong{"a path of more than 1,024 bytes", "use a shorter path"}
	}
	for part := range strings.SplitSeq(text, "/") {
		if part == ".." {
			return "", &wrong{"the path " + quote(text) + " contains ..", "write it from the root of the repository, without .."}
		}
	}
	return path.Clean(text), nil
}

// Glob is a path in which * stands for any name or part of it, ** for any
// folders, ? for one character and {a,b} for either.
type Glob string

func (Glob) form() form {
	return form{expects: "a path or glob in this repository", tags: onlyText, pattern: `^[^/\\][^\\]*$`, examples: []string{"pacts/*.json", "ops/**/alerts.yml"}}
}

func (g *Glob) parse(text string) *wrong {
	clean, bad := inside(text)
	if bad == nil && strings.Count(clean, "*") > 16 {
		bad = &wrong{"more than 16 * in one glob", "split it into several globs"}
	}
	*g = Glob(clean)
	return bad
}

// Link is a path of the repository or a web address.
type Link string

func (Link) form() form {
	return form{expects: "a path in this repository or an https URL", tags: onlyText, examples: []string{"docs/runbook.md", "https://wiki.acme.dev/orders"}}
}

func (l *Link) parse(text string) *wrong {
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		var u URL
		bad := u.parse(text)
		*l = Link(u)
		return bad
	}
	clean, bad := inside(text)
	*l = Link(clean)
	return bad
}

// URL is an http or https address without user, password and fragment.
type URL string

func (URL) form() form {
	return form{expects: "an http or https URL", tags: onlyText, hint: "write https://orders.acme.dev", pattern: "^https?://[^/]", examples: []string{"https://orders.acme.dev"}}
}

func (u *URL) parse(text string) *wrong {
	parsed, err := url.Parse(text)
	switch {
	case strings.Contains(text, "@") && (err != nil || parsed.User != nil):
		return &wrong{"a URL with a user or password", "remove everything between // and @"}
	case err != nil, parsed.Host == "", parsed.Scheme != "http" && parsed.Scheme != "https":
		return &wrong{message: "expected an http or https URL, found " + quote(text)}
	case parsed.Fragment != "":
		return &wrong{"a URL with a fragment: " + quote(text), "remove # and what follows"}
	}
	*u = URL(strings.TrimRight(text, "/"))
	return nil
}

// Owner is who answers for a component: @user or @organisation/team.
type Owner string

var ownerPattern = newShape(`^@[A-Za-z0-9][A-Za-z0-9-]{0,38}(/[A-Za-z0-9._-]{1,100})?$`)

func (Owner) form() form {
	return form{expects: "@user or @organisation/team", tags: onlyText, hint: `write it in quotes: "@acme/orders"`, pattern: ownerPattern.String(), examples: []string{"@acme/orders"}}
}

func (o *Owner) parse(text string) *wrong {
	if !ownerPattern.MatchString(text) {
		hint := ""
		if ownerPattern.MatchString("@" + text) {
			hint = `write "@` + text + `"`
		}
		return &wrong{"expected @user or @organisation/team, found " + quote(text), hint}
	}
	*o = Owner(text)
	return nil
}

// Reason is a sentence for people, not empty.
type Reason string

func (Reason) form() form {
	return form{expects: "a sentence", tags: onlyText, pattern: `\S`, examples: []string{"internal batch job, owner on call"}}
}

func (r *Reason) parse(text string) *wrong {
	if *r = Reason(strings.TrimSpace(text)); *r == "" {
		return &wrong{"expected a sentence, found nothing", "say why; pull requests show it"}
	}
	if len(text) > 500 {
		return &wrong{"a sentence of more than 500 bytes", "shorten it"}
	}
	return nil
}

// Date is a day in UTC; a waiver counts until its end.
type Date struct{ time.Time }

func (Date) form() form {
	return form{expects: "a date", tags: []string{"!!str", "!!timestamp"}, hint: "write it as 2027-01-31", pattern: `^\d{4}-\d{2}-\d{2}$`, examples: []string{"2027-01-31"}}
}

func (d *Date) parse(text string) *wrong {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return &wrong{message: "expected a date, found " + quote(text)}
	}
	d.Time = day
	return nil
}

// Passed says whether the day is over at a time.
func (d Date) Passed(now time.Time) bool { return !now.UTC().Before(d.AddDate(0, 0, 1)) }

// Duration is a span of time such as 500ms, 30s, 10m, 2h, 30d; never negative.
type Duration time.Duration

var durationPattern = newShape(`^(\d+(\.\d+)?(ms|s|m|h|d|w))+$`)

func (Duration) form() form {
	return form{expects: "a duration", tags: onlyText, hint: "write a number with a unit: 500ms, 30s, 10m, 2h, 30d", pattern: durationPattern.String(), examples: []string{"10m", "30s"}}
}

func (d *Duration) parse(text string) *wrong {
	bad := &wrong{message: "expected a duration, found " + quote(text)}
	if len(text) > 32 || !durationPattern.MatchString(text) {
		return bad
	}
	var total float64
	for _, piece := range durationPiece.submatches(text) {
		var amount float64
		if _, err := fmt.Sscanf(piece[1], "%g", &amount); err != nil {
			return bad
		}
		total += amount * float64(durationUnits[piece[2]])
	}
	if total > float64(100*365*24*time.Hour) {
		return &wrong{"a duration of more than 100 years", "use a shorter one"}
	}
	*d = Duration(total)
	return nil
}

var (
	durationPiece = newShape(`(\d+(?:\.\d+)?)(ms|s|m|h|d|w)`)
	durationUnits = map[string]time.Duration{
		"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour,
		"d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
	}
)

// Value gives the duration as Go's.
func (d Duration) Value() time.Duration { return time.Duration(d) }

// String gives it as Go writes it.
func (d Duration) String() string { return time.Duration(d).String() }
