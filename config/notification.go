package config

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Notification is a destination that gets verdicts and rollbacks; exactly one of Webhook, Slack
// and Grafana is given.
type Notification struct {
	Name    Name      `key:"name,required" example:"platform" doc:"Name of the destination in logs and jobs."`
	Webhook SecretURL `key:"webhook" doc:"URL that gets a CloudEvent with a signature."`
	// Secrets sign what a webhook gets.
	Secrets   []WebhookSecret `key:"secrets" doc:"Secrets that sign what the webhook gets; at least 16 bytes each. Every one signs: list two while you replace one."`
	Slack     SecretURL       `key:"slack" doc:"URL of an incoming webhook of Slack, or of a server that takes the same messages, such as Mattermost."`
	Grafana   URL             `key:"grafana" doc:"URL of a Grafana that gets an annotation."`
	Token     Secret          `key:"token" doc:"Token of a service account of Grafana that may read and create annotations."`
	Dashboard string          `key:"dashboard" doc:"UID of the dashboard that the annotation belongs to. Default: the whole organisation of Grafana."`

	Events       []NotifiedEvent     `key:"events" example:"roll-back" doc:"Verdicts (verified, investigate, roll-back, inconclusive) and rollback. Default: all of them."`
	Environments []EnvironmentName   `key:"environments" example:"production" doc:"Environments; * stands for any text in a name. Default: all."`
	Accounts     []Account           `key:"accounts" doc:"GitHub accounts whose deployments are reported; * for all. Default: those of repositories, or else the account that owns the App."`
	Repositories []RepositoryPattern `key:"repositories" example:"acme/pay-*" doc:"Repositories whose deployments are reported; * stands for any text in a name. Default: all of the accounts."`
}

// Kind is what the destination is.
func (n Notification) Kind() string {
	switch {
	case !n.Webhook.Empty():
		return "webhook"
	case !n.Slack.Empty():
		return "slack"
	}
	return "grafana"
}

// Wants reports whether the destination gets an event of an environment.
func (n Notification) Wants(event NotifiedEvent, environment string) bool {
	named := func(e EnvironmentName) bool {
		matches, err := path.Match(strings.ToLower(string(e)), strings.ToLower(environment))
		return err == nil && matches
	}
	return (len(n.Events) == 0 || slices.Contains(n.Events, event)) &&
		(len(n.Environments) == 0 || slices.ContainsFunc(n.Environments, named))
}

// NotifiedEvent is an event that a destination can get.
type NotifiedEvent string

// The events: the verdicts, and every step of a rollback.
const (
	NotifyVerified     NotifiedEvent = "verified"
	NotifyInvestigate  NotifiedEvent = "investigate"
	NotifyRollBack     NotifiedEvent = "roll-back"
	NotifyInconclusive NotifiedEvent = "inconclusive"
	NotifyRollback     NotifiedEvent = "rollback"
)

func (NotifiedEvent) words() []string {
	return []string{string(NotifyVerified), string(NotifyInvestigate), string(NotifyRollBack), string(NotifyInconclusive), string(NotifyRollback)}
}

// EnvironmentName names environments; * stands for any text.
type EnvironmentName string

func (EnvironmentName) form() form {
	return form{expects: "the name of an environment", tags: onlyText, hint: `write production, or "prod*" for several`}
}

func (e *EnvironmentName) parse(text string) *wrong {
	if text == "" || len(text) > 255 || strings.ContainsAny(text, "/[]\\?\x00") {
		return &wrong{message: "expected the name of an environment, found " + quote(text)}
	}
	*e = EnvironmentName(text)
	return nil
}

// SecretURL is a URL that is a secret: anybody who knows it can send messages there.
type SecretURL struct{ Secret }

func (s *SecretURL) parse(text string) *wrong {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return &wrong{"expected an http or https URL without a user and a fragment, found something else", "copy the URL from the settings of the destination"}
	}
	s.text = &text
	return nil
}

// Host gives the host of the URL, which is no secret.
func (s SecretURL) Host() string {
	u, err := url.Parse(s.Reveal())
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// notifications checks what belongs together in a destination.
func (l *serverLoader) notifications(s *Server) {
	names := map[string]string{}
	for i := range s.Notifications {
		n := &s.Notifications[i]
		at := fmt.Sprintf("notifications[%d]", i)
		l.unique(names, string(n.Name), at+".name", "notification")
		l.narrowed(&n.Accounts, n.Repositories, at)
		if l.failedBelow(at) {
			continue
		}
		kinds := 0
		for _, given := range []bool{!n.Webhook.Empty(), !n.Slack.Empty(), n.Grafana != ""} {
			if given {
				kinds++
			}
		}
		for key, wrong := range map[string]bool{
			"secrets": len(n.Secrets) > 0 && n.Webhook.Empty(), "token": !n.Token.Empty() && n.Grafana == "", "dashboard": n.Dashboard != "" && n.Grafana == "",
		} {
			if wrong {
				l.faultAt(at+"."+key, key+" does not belong to this kind of destination", "secrets belong to webhook; token and dashboard to grafana")
			}
		}
		switch {
		case kinds != 1:
			l.faultAt(at, "a notification has one of webhook, slack and grafana", "make one for each destination")
		case !n.Webhook.Empty() && len(n.Secrets) == 0:
			l.faultAt(at+".secrets", "a webhook needs a secret, so that its receiver can tell who sent a message", "make one with: openssl rand -hex 32")
		case n.Grafana != "" && n.Token.Empty():
			l.faultAt(at+".token", "grafana needs a token", "create a service account that may read and create annotations, and write its token into a file for token_file")
		}
	}
}
