package notify

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/config"
	"plimsoll/handlers/work"
	"plimsoll/server/queue"
)

// cloudEvent is an event in the JSON format of CloudEvents 1.0.
type cloudEvent struct {
	SpecVersion     string            `json:"specversion"`
	ID              string            `json:"id"`
	Source          string            `json:"source"`
	Type            string            `json:"type"`
	Subject         string            `json:"subject"`
	Time            time.Time         `json:"time"`
	DataContentType string            `json:"datacontenttype"`
	Data            work.Notification `json:"data"`
}

// webhook sends an event with a signature as https://www.standardwebhooks.com describes it.
// The time of the signature is that of this try; receivers refuse old ones.
func (n *Notifier) webhook(ctx context.Context, to config.Notification, event work.Notification) error {
	kind := "plimsoll.verdict.v1"
	if event.Rollback != nil {
		kind = "plimsoll.rollback.v1"
	}
	body, err := json.Marshal(cloudEvent{
		SpecVersion: "1.0", ID: event.ID, Source: cmp.Or(n.config.Source, "plimsoll"), Type: kind,
		Subject: event.Repository + "/" + event.Environment, Time: event.At.UTC(), DataContentType: "application/json", Data: event,
	})
	if err != nil {
		return queue.Permanent(err)
	}
	at := strconv.FormatInt(n.config.Now().Unix(), 10)
	header := http.Header{}
	header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	header.Set("webhook-id", event.ID)
	header.Set("webhook-timestamp", at)
	header.Set("webhook-signature", signatures(to.Secrets, event.ID+"."+at+".", body))
	_, err = n.send(ctx, http.MethodPost, to.Webhook.Reveal(), header, body)
	return err
}

// signatures signs with every secret: a receiver accepts the one that it knows.
func signatures(secrets []config.WebhookSecret, before string, body []byte) string {
	var all []string
	for _, secret := range secrets {
		key := []byte(secret.Reveal())
		if encoded, ok := strings.CutPrefix(secret.Reveal(), "whsec_"); ok {
			if decoded, err := base64.StdEncoding.DecodeString(encoded); err == nil {
				key = decoded
			}
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(before))
		mac.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " ")
}

// slackText keeps text from being read as a link, a name or a call for attention.
var slackText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@\u200b")

func (n *Notifier) slack(ctx context.Context, to config.Notification, event work.Notification) error {
	lines := []string{
		"*" + slackText.Replace(event.Title) + "*",
		slackText.Replace(fmt.Sprintf("%s at %s, deployment %d", event.Repository, checks.Short(event.Commit), event.Deployment)),
	}
	if event.URL != "" {
		lines = append(lines, "<"+slackText.Replace(event.URL)+"|Evidence>")
	}
	body, err := json.Marshal(map[string]string{"text": strings.Join(lines, "\n")})
	if err != nil {
		return queue.Permanent(err)
	}
	_, err = n.send(ctx, http.MethodPost, to.Slack.Reveal(), http.Header{"Content-Type": {"application/json"}}, body)
	return err
}

// annotation is what Grafana stores.
type annotation struct {
	Dashboard string   `json:"dashboardUID,omitempty"`
	Time      int64    `json:"time"` // in milliseconds
	Tags      []string `json:"tags"`
	Text      string   `json:"text"`
}

// grafana creates an annotation. It looks for it first: an earlier try may have created it
// without anybody knowing.
func (n *Notifier) grafana(ctx context.Context, to config.Notification, event work.Notification) error {
	address, own := string(to.Grafana)+"/api/annotations", "plimsoll:"+event.ID
	header := http.Header{"Authorization": {"Bearer " + to.Token.Reveal()}, "Content-Type": {"application/json"}, "Accept": {"application/json"}}
	answer, err := n.send(ctx, http.MethodGet, address+"?"+url.Values{"tags": {own}, "type": {"annotation"}, "limit": {"10"}}.Encode(), header, nil)
	if err != nil {
		return fmt.Errorf("look for an earlier annotation: %w", err)
	}
	var found []struct {
		Tags []string `json:"tags"`
	}
	if err := json.Unmarshal(answer, &found); err != nil {
		return errors.New("look for an earlier annotation: it did not answer as Grafana does")
	}
	for _, a := range found {
		if slices.Contains(a.Tags, own) {
			return nil
		}
	}
	text := html.EscapeString(event.Title) + "\n" + html.EscapeString(event.Repository+" at "+checks.Short(event.Commit))
	if event.URL != "" {
		text += "\n<a href=\"" + html.EscapeString(event.URL) + "\">Evidence</a>"
	}
	body, err := json.Marshal(annotation{
		Dashboard: to.Dashboard, Time: event.At.UnixMilli(), Text: text,
		Tags: []string{"plimsoll", own, string(event.Event), event.Repository, event.Component, event.Environment},
	})
	if err != nil {
		return queue.Permanent(err)
	}
	_, err = n.send(ctx, http.MethodPost, address, header, body)
	return err
}
