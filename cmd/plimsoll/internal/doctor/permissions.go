package doctor

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
)

// mostInstallations bounds what is read of GitHub's list.
const mostInstallations = 5000

// permissions compares what the App asks for, and what each account that is served has
// granted, with app.yml.
func (h *hub) permissions(ctx context.Context) []Finding {
	if findings, ok := h.without("permissions"); !ok {
		return findings
	}
	asked := registry.LackingOf(h.Asks, source.Installation{Permissions: h.app.Permissions, Events: h.app.Events})
	findings := []Finding{{Check: "permissions", Subject: "of the App", State: OK, Found: "It asks for everything that app.yml names."}}
	if !asked.Nothing() {
		findings = []Finding{{Check: "permissions", Subject: "of the App", State: Problem, Found: "It does not ask for " + lackingText(asked) + ".",
			Fix: "Add them at " + h.appPage("/permissions") + ". Owners of the accounts have to accept them."}}
	}
	installations, err := h.installations(ctx)
	if err != nil {
		return append(findings, failed(ctx, "permissions", err)...)
	}
	complete := 0
	for _, installation := range installations {
		if !h.served(installation) {
			continue
		}
		if f := h.granted(installation, asked); f.State == Problem {
			findings = append(findings, f)
		} else {
			complete++
		}
	}
	if complete > 0 {
		have := map[bool]string{true: "has", false: "have"}[complete == 1]
		findings = append(findings, Finding{Check: "permissions", Subject: "of accounts", State: OK, Found: fmt.Sprintf("%d %s %s granted everything.", complete, terminal.Plural(complete, "account"), have)})
	}
	return append(findings, h.absent(installations)...)
}

func (h *hub) installations(ctx context.Context) (all []source.Installation, err error) {
	for page := 1; page > 0 && len(all) < mostInstallations; {
		var some []source.Installation
		if some, page, err = h.clients.Installations(ctx, page); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// served reports whether the account of an installation is served, by the operator's file.
func (h *hub) served(installation source.Installation) bool {
	if len(h.conf.Accounts) == 0 {
		return installation.AccountID == h.app.OwnerID
	}
	return slices.ContainsFunc(h.conf.Accounts, func(a config.Account) bool {
		return a == config.EveryAccount || strings.EqualFold(string(a), installation.Account)
	})
}

// granted says what an account has not granted of what the App asks for.
func (h *hub) granted(installation source.Installation, asked source.Lacking) Finding {
	page := fmt.Sprintf("%s/installations/%d", h.clients.SettingsPage(installation.AccountType, installation.Account), installation.ID)
	f := Finding{Check: "permissions", Subject: installation.Account, State: Problem}
	if installation.Suspended {
		f.Found, f.Fix = "It has suspended the App.", "An owner of the account can unsuspend it at "+page+"."
		return f
	}
	lacking := registry.LackingOf(h.Asks, installation)
	// What the App itself does not ask for, no account can grant.
	lacking.Permissions = slices.DeleteFunc(lacking.Permissions, func(name string) bool { return slices.Contains(asked.Permissions, name) })
	lacking.Events = slices.DeleteFunc(lacking.Events, func(name string) bool { return slices.Contains(asked.Events, name) })
	if lacking.Nothing() {
		return Finding{State: OK}
	}
	f.Found, f.Fix = "It has not granted "+lackingText(lacking)+".", "An owner of the account can accept them at "+page+"."
	return f
}

// absent reports accounts that the operator's file serves and that have not installed the App.
func (h *hub) absent(installations []source.Installation) (findings []Finding) {
	names := make([]string, len(h.conf.Accounts))
	for i, account := range h.conf.Accounts {
		names[i] = string(account)
	}
	if len(names) == 0 {
		names = []string{h.app.Owner}
	}
	for _, name := range names {
		installed := func(i source.Installation) bool { return strings.EqualFold(i.Account, name) }
		if name == string(config.EveryAccount) && len(installations) > 0 || slices.ContainsFunc(installations, installed) {
			continue
		}
		f := Finding{Check: "permissions", Subject: name, State: Problem, Found: "It has not installed the App.",
			Fix: "Install it at " + h.clients.WebURL() + "/apps/" + url.PathEscape(h.app.Slug) + ", or correct accounts if its name has changed."}
		if name == string(config.EveryAccount) {
			f.Subject, f.Found = "of accounts", "No account has installed the App."
			f.Fix = "Install it at " + h.clients.WebURL() + "/apps/" + url.PathEscape(h.app.Slug) + "."
		}
		findings = append(findings, f)
	}
	return findings
}

func lackingText(lacking source.Lacking) string {
	var parts []string
	if len(lacking.Permissions) > 0 {
		parts = append(parts, "the "+terminal.Plural(len(lacking.Permissions), "permission")+" "+strings.Join(lacking.Permissions, ", "))
	}
	if len(lacking.Events) > 0 {
		parts = append(parts, "the "+terminal.Plural(len(lacking.Events), "event")+" "+strings.Join(lacking.Events, ", "))
	}
	return strings.Join(parts, " and ")
}
