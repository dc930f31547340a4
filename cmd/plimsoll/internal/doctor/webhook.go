package doctor

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"plimsoll/server/github"
)

// appPage is a page of the App's settings.
func (h *hub) appPage(below string) string {
	return h.clients.SettingsPage(h.app.OwnerType, h.app.Owner) + "/apps/" + url.PathEscape(h.app.Slug) + below
}

// webhook compares where GitHub sends events with where this server takes them.
func (h *hub) webhook(ctx context.Context) []Finding {
	if findings, ok := h.without("webhook"); !ok {
		return findings
	}
	if h.unusable("public_url") {
		return needsConfiguration("webhook", "")
	}
	hook, err := h.clients.HookConfig(ctx)
	if err != nil {
		return failed(ctx, "webhook", err)
	}
	expected := string(h.conf.PublicURL) + h.HookPath
	f := Finding{Check: "webhook", State: Problem}
	switch page := h.appPage(""); {
	case hook.URL == "":
		f.Found, f.Fix = "The App has no webhook.", "Switch it on at "+page+", with the URL "+expected+"."
	case hook.ContentType != "json":
		f.Found, f.Fix = fmt.Sprintf("GitHub sends it as %s, which the server refuses.", hook.ContentType), "Set its content type to application/json at "+page+"."
	case hook.Insecure:
		f.Found, f.Fix = "GitHub does not check the server's certificate.", "Switch SSL verification on at "+page+"."
	case hook.URL != expected:
		f.Found = fmt.Sprintf("GitHub sends events to %s. By public_url, the server takes them at %s.", hook.URL, expected)
		f.Fix = "Correct the webhook URL at " + page + ", or public_url."
	default:
		f.State, f.Found = OK, "GitHub sends events to "+hook.URL+"."
	}
	return []Finding{f}
}

// deliveries reads in GitHub's own log whether events arrive.
func (h *hub) deliveries(ctx context.Context) []Finding {
	if findings, ok := h.without("deliveries"); !ok {
		return findings
	}
	attempts, _, err := h.clients.Deliveries(ctx, "")
	if err != nil {
		return failed(ctx, "deliveries", err)
	}
	if len(attempts) == 0 {
		return []Finding{{Check: "deliveries", State: NotChecked, Found: "GitHub has sent no event in the last days.", Fix: "Open a pull request in a repository that has the App, then run the command again."}}
	}
	seen, statuses := map[string]bool{}, map[string]int{}
	var lost []github.Delivery // whose newest attempt did not arrive, the newest first
	for _, attempt := range attempts {
		if seen[attempt.GUID] {
			continue
		}
		seen[attempt.GUID] = true
		if !attempt.Arrived() {
			lost = append(lost, attempt)
			statuses[statusText(attempt)]++
		}
	}
	f := Finding{Check: "deliveries", State: OK}
	if len(lost) == 0 {
		if f.Found = "The last event arrived."; len(seen) > 1 {
			f.Found = fmt.Sprintf("All of the last %d events arrived.", len(seen))
		}
		return []Finding{f}
	}
	newest := lost[0]
	f.Found = fmt.Sprintf("%d of the last %d events did not arrive: %s. The newest of them is %s of %s.",
		len(lost), len(seen), counted(statuses), newest.Event, newest.DeliveredAt.UTC().Format(time.RFC3339))
	if !attempts[0].Arrived() || 2*len(lost) >= len(seen) {
		f.State = Problem
		f.Fix = h.deliveryFix(newest)
	} else {
		f.Found += " The server asks for them again."
	}
	return []Finding{f}
}

// statusText is the status of an answer, with GitHub's words if they say more.
func statusText(attempt github.Delivery) string {
	if attempt.Status == 0 {
		return "no answer"
	}
	text := fmt.Sprint(attempt.Status)
	if words := strings.ToLower(attempt.Outcome); words != "" && words != strings.ToLower(http.StatusText(attempt.Status)) && !strings.Contains(words, text) {
		text += " " + words
	}
	return text
}

// counted lists statuses with how often they occurred, the most frequent first.
func counted(statuses map[string]int) string {
	names := slices.Sorted(maps.Keys(statuses))
	slices.SortStableFunc(names, func(a, b string) int { return statuses[b] - statuses[a] })
	for i, name := range names {
		names[i] = fmt.Sprintf("%s (%d)", name, statuses[name])
	}
	return strings.Join(names, ", ")
}

// deliveryFix says what to do about an event that did not arrive, by the answer that GitHub got.
func (h *hub) deliveryFix(attempt github.Delivery) string {
	log := " Then press Redeliver at " + h.appPage("/advanced") + "."
	switch attempt.Status {
	case http.StatusUnauthorized:
		return "Put the webhook secret of " + h.appPage("") + " into github.app.webhook_secrets." + log
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusBadRequest:
		return "Correct the webhook URL at " + h.appPage("") + " to " + string(h.conf.PublicURL) + h.HookPath + "." + log
	case http.StatusUnsupportedMediaType:
		return "Set the content type to application/json at " + h.appPage("") + "." + log
	case http.StatusInternalServerError:
		return "See the server's log: it could not store the event." + log
	}
	return "See that the server runs, and that GitHub reaches " + string(h.conf.PublicURL) + " (DNS, certificate, proxy, firewall)." + log
}
