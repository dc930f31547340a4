package doctor

import (
	"net/url"
	"slices"
	"strings"

	"plimsoll/config"
)

// secrets are texts that no finding may hold.
type secrets []string

// shortest is the length from which on a text is taken out: what is shorter occurs by chance.
const shortest = 6

// secretsOf lists the secrets of a configuration. None of the errors that are shown quotes one;
// this holds even if a library's error does one day.
func secretsOf(conf *config.Server) (all secrets) {
	if conf == nil {
		return nil
	}
	known := []config.Secret{conf.GitHub.App.PrivateKey.Secret, conf.GitHub.OAuth.ClientSecret}
	for _, s := range conf.GitHub.App.WebhookSecrets {
		known = append(known, s.Secret)
	}
	for _, s := range conf.LinkSecrets {
		known = append(known, s.Secret)
	}
	for _, s := range conf.SessionSecrets {
		known = append(known, s.Secret)
	}
	for _, d := range conf.Datasources {
		known = append(known, d.BearerToken, d.BasicAuth.Password, d.SigV4.SecretAccessKey, d.CloudWatch.SecretAccessKey, d.TLS.PrivateKey, d.Datadog.APIKey.Secret, d.Datadog.ApplicationKey.Secret)
		for _, header := range d.Headers {
			known = append(known, header.Value.Secret)
		}
	}
	for _, n := range conf.Notifications {
		known = append(known, n.Webhook.Secret, n.Slack.Secret, n.Token)
		for _, secret := range n.Secrets {
			known = append(known, secret.Secret)
		}
	}
	for _, secret := range conf.Probes.Secrets {
		known = append(known, secret.Value.Secret)
	}
	for _, s := range known {
		all = append(all, strings.TrimSpace(s.Reveal()))
	}
	if address, ok := conf.Database.PostgreSQL(); ok {
		if u, err := url.Parse(address); err == nil {
			password, _ := u.User.Password()
			all = append(all, password, u.Query().Get("password"))
		}
	}
	return slices.DeleteFunc(all, func(text string) bool { return len(text) < shortest })
}

func (s secrets) scrub(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "[secret]")
	}
	return text
}
