package evidence

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func verification(target deploy.Target) deploy.Verification {
	return deploy.Verification{
		Repository: contracts.RepositoryRef{Installation: 7, ID: 21, Owner: "acme", Name: "orders"}, Deployment: 11, Target: target, Began: noon,
	}
}

// reads opens a link as the server does.
func reads(t *testing.T, l *Links, link string) (asked, bool) {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", link, nil)
	parts := strings.Split(strings.TrimPrefix(u.Path, Prefix), "/")
	for i, name := range []string{"installation", "repository", "deployment"} {
		if i < len(parts) {
			r.SetPathValue(name, parts[i])
		}
	}
	return l.read(r)
}

func links(t *testing.T, secrets ...string) *Links {
	t.Helper()
	var all [][]byte
	for _, secret := range secrets {
		all = append(all, []byte(secret))
	}
	l, err := NewLinks("https://plimsoll.acme.dev/", all, 90*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLinks(t *testing.T) {
	l := links(t, "one")
	for _, target := range []deploy.Target{
		{Component: "orders", Environment: "production"},
		{Component: "orders", Environment: "production", Instance: "eu"},
		{Component: "a/b", Environment: "../x y&z=1#", Instance: "é\n%2F"},
	} {
		v := verification(target)
		link := l.Of(v, 0)
		if strings.ContainsAny(link, " ()<>\"\n") || link != l.Of(v, 0) {
			t.Errorf("%s is not fit for Markdown, or not the same twice", link)
		}
		got, ok := reads(t, l, link)
		if !ok || got.id != v.ID() || got.repo.Installation != 7 || got.repo.ID != 21 || !got.expires.Equal(noon.Add(90*24*time.Hour)) {
			t.Errorf("%s reads as %+v, %v", link, got, ok)
		}
	}
}

func TestNoLinksWithoutAnAddressOrASecret(t *testing.T) {
	v := verification(deploy.Target{Component: "orders", Environment: "production"})
	nowhere, err := NewLinks("", [][]byte{[]byte("one")}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]*Links{"none": nil, "no address": nowhere, "no secret": links(t)} {
		if link := l.Of(v, 0); link != "" {
			t.Errorf("%s: %s", name, link)
		}
	}
	if _, ok := reads(t, links(t), links(t, "one").Of(v, 0)); ok {
		t.Error("a link opens where there is no key")
	}
}

// Whatever is changed of a link, it is nobody's.
func TestChangedLinks(t *testing.T) {
	l := links(t, "one")
	link := l.Of(verification(deploy.Target{Component: "orders", Environment: "production"}), 0)
	change := func(from, to string) string {
		if !strings.Contains(link, from) {
			t.Fatalf("%s does not hold %s", link, from)
		}
		return strings.Replace(link, from, to, 1)
	}
	for name, other := range map[string]string{
		"another installation": change("/deployments/7/", "/deployments/8/"),
		"another repository":   change("/7/21/", "/7/22/"),
		"another deployment":   change("/21/11?", "/21/12?"),
		"a leading zero":       change("/21/11?", "/21/011?"),
		"another component":    change("component=orders", "component=orders2"),
		"another environment":  change("environment=production", "environment=staging"),
		"an instance":          link + "&instance=eu",
		"a later end":          change("expires=1", "expires=2"),
		"no signature":         link[:strings.Index(link, "&signature")],
		"half a signature":     link[:len(link)-32],
		"a changed signature":  link[:len(link)-2] + map[bool]string{true: "01", false: "00"}[strings.HasSuffix(link, "00")],
		"a slash moved":        change("component=orders&environment=production", "component=orders%2Fproduction&environment="),
		"a long one":           link + "&x=" + strings.Repeat("x", longestQuery),
		"not a query":          link + "&%zz",
		"another key":          links(t, "two").Of(verification(deploy.Target{Component: "orders", Environment: "production"}), 0),
	} {
		if got, ok := reads(t, l, other); ok && other != link {
			t.Errorf("%s: %s reads as %+v", name, other, got)
		}
	}
	if _, ok := reads(t, l, link); !ok {
		t.Error("the link itself does not open")
	}
}

// A secret is replaced while links go on.
func TestSecretsAreReplaced(t *testing.T) {
	v := verification(deploy.Target{Component: "orders", Environment: "production"})
	old, both, after := links(t, "one"), links(t, "two", "one"), links(t, "two")
	for name, c := range map[string]struct {
		by, at *Links
		want   bool
	}{
		"an old link meanwhile": {old, both, true}, "a new link meanwhile": {both, both, true},
		"a new link afterwards": {both, after, true}, "an old link afterwards": {old, after, false},
	} {
		if _, ok := reads(t, c.at, c.by.Of(v, 0)); ok != c.want {
			t.Errorf("%s: %v, expected %v", name, ok, c.want)
		}
	}
}
