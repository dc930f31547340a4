package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"plimsoll/config"
	"plimsoll/server/probe"
)

const resolveWithin = 5 * time.Second

// probes looks at each entry of the lists of what may be probed: whether its name has addresses,
// and whether probes may connect to them.
func (d *doctor) probes() (groups []group) {
	add := func(entry config.Allowed, allowed []config.Allowed) {
		groups = append(groups, group{[]step{{"probes of " + entry.String(), resolveWithin, func(ctx context.Context) []Finding {
			return []Finding{d.probed(ctx, entry, allowed)}
		}}}})
	}
	rules := d.conf.Probes
	if d.unusable("probes") {
		return []group{{[]step{{"probes", resolveWithin, func(context.Context) []Finding { return needsConfiguration("probes", "") }}}}}
	}
	for _, entry := range rules.Allow {
		add(entry, rules.Allow)
	}
	for _, tenant := range rules.Tenants {
		for _, entry := range tenant.Allow {
			add(entry, slices.Concat(tenant.Allow, rules.Allow))
		}
	}
	for _, secret := range rules.Secrets {
		groups = append(groups, group{[]step{{"secret " + string(secret.Name), resolveWithin, func(context.Context) []Finding {
			return []Finding{sent(secret, rules)}
		}}}})
	}
	if len(groups) == 0 {
		groups = []group{{[]step{{"probes", resolveWithin, func(context.Context) []Finding {
			return []Finding{{Check: "probes", State: OK, Found: "The configuration lets nothing be probed."}}
		}}}}}
	}
	return groups
}

// sent looks at where a secret may be sent: no probe takes it to a host that is not allowed.
func sent(secret config.ProbeSecret, rules config.ProbeRules) Finding {
	f := Finding{Check: "probes", Subject: "secret " + string(secret.Name), State: OK}
	allowed := slices.Clone(rules.Allow)
	for _, tenant := range rules.Tenants {
		allowed = append(allowed, tenant.Allow...)
	}
	var hosts, unused []string
	for _, host := range secret.Hosts {
		hosts = append(hosts, host.String())
		address, _ := netip.ParseAddr(host.Host)
		if !slices.ContainsFunc(allowed, func(a config.Allowed) bool {
			return a.Host == host.Host || a.MatchHost(strings.TrimPrefix(host.Host, "*")) || a.Prefix.IsValid() && a.Prefix.Contains(address)
		}) {
			unused = append(unused, host.String())
		}
	}
	if len(unused) > 0 {
		f.State, f.Found = Problem, fmt.Sprintf("It is never sent to %s, which may not be probed.", strings.Join(unused, ", "))
		f.Fix = "Add the host to probes.allow, or remove it from the secret's hosts."
		return f
	}
	f.Found = fmt.Sprintf("Probes may send it to %s.", strings.Join(hosts, ", "))
	return f
}

func (d *doctor) probed(ctx context.Context, entry config.Allowed, allowed []config.Allowed) Finding {
	f := Finding{Check: "probes", Subject: entry.String(), State: OK}
	suffix, wildcard := strings.CutPrefix(entry.Host, "*.")
	switch {
	case wildcard:
		f.Found = "It stands for every host below " + suffix + ". Each is looked up when it is probed."
	case entry.Host == "" && probe.Opens(entry.Prefix):
		f.Found = "Addresses in it may be probed."
	case entry.Host == "":
		f.State, f.Found = Problem, fmt.Sprintf("Its first address, %s, is never probed: no host has it, or the range is wider than the private range that it is in.", entry.Prefix.Addr())
		f.Fix = "Name each private range in probes.allow, such as 10.0.0.0/8."
	default:
		d.resolved(ctx, &f, entry.Host, allowed)
	}
	return f
}

// resolved reports the addresses of a host.
func (d *doctor) resolved(ctx context.Context, f *Finding, host string, allowed []config.Allowed) {
	addresses, err := probe.New(probe.Config{Resolver: d.Resolver, Limits: probe.Limits{Connect: d.patient(resolveWithin)}}).Resolve(ctx, host, allowed)
	if err != nil {
		f.State, f.Found, f.Fix = Problem, "Its name has no address.", "Correct the name in probes.allow, or the name resolution of this machine."
		return
	}
	var open, closed []string
	for _, a := range addresses {
		if a.Allowed {
			open = append(open, a.Addr.String())
		} else {
			closed = append(closed, a.Addr.String())
		}
	}
	if len(closed) == 0 {
		f.Found = "Its address is " + strings.Join(open, ", ") + "."
		return
	}
	f.State, f.Found = Problem, fmt.Sprintf("Its address %s is private or reserved, so it is never probed.", strings.Join(closed, ", "))
	f.Fix = "If probes may go there, add the range of the address to probes.allow. Otherwise remove the host."
}
