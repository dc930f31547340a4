package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"plimsoll/config"
)

// notifications looks at each destination. None is sent anything.
func (d *doctor) notifications() (groups []group) {
	if d.unusable("notifications") {
		return []group{{[]step{{"notifications", resolveWithin, func(context.Context) []Finding { return needsConfiguration("notifications", "") }}}}}
	}
	for _, n := range d.conf.Notifications {
		groups = append(groups, group{[]step{{"notifications to " + string(n.Name), resolveWithin, func(ctx context.Context) []Finding {
			return []Finding{d.notified(ctx, n)}
		}}}})
	}
	return groups
}

// notified looks whether a destination's host has an address. The rest of its address can be a
// secret.
func (d *doctor) notified(ctx context.Context, n config.Notification) Finding {
	f := Finding{Check: "notifications", Subject: string(n.Name), State: OK}
	address := map[string]string{"webhook": n.Webhook.Reveal(), "slack": n.Slack.Reveal(), "grafana": string(n.Grafana)}[n.Kind()]
	u, err := url.Parse(address)
	if err != nil {
		f.State, f.Found, f.Fix = Problem, "Its URL can't be read.", "Copy the URL from the settings of the destination."
		return f
	}
	if _, err := netip.ParseAddr(u.Hostname()); err != nil {
		if found, err := d.resolver().LookupNetIP(ctx, "ip", u.Hostname()); err != nil || len(found) == 0 {
			f.State, f.Found = Problem, fmt.Sprintf("The name of its host, %s, has no address.", u.Hostname())
			f.Fix = "Correct the URL, or the name resolution of this machine."
			return f
		}
	}
	what := []string{"all events"}
	if len(n.Events) > 0 {
		what = nil
		for _, event := range n.Events {
			what = append(what, string(event))
		}
	}
	kind := map[string]string{"webhook": "A signed webhook", "slack": "Slack", "grafana": "Grafana"}[n.Kind()]
	f.Found = fmt.Sprintf("%s at %s gets %s. Nothing was sent.", kind, u.Hostname(), strings.Join(what, ", "))
	if u.Scheme == "http" {
		f.Found += " The connection is not encrypted."
	}
	return f
}
