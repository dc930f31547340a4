package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"plimsoll/server/simulator/internal/hook"
	"plimsoll/server/simulator/internal/payload"
)

func (c *call) getHookConfig() reply {
	return answer(http.StatusOK, payload.Object{"url": c.hook.URL(), "content_type": "json", "insecure_ssl": "0", "secret": "********"})
}

// logKept is how long GitHub keeps the log of deliveries.
// https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries
const logKept = 72 * time.Hour

// listDeliveries lists the newest first, by cursor: the id of the first on the page.
func (c *call) listDeliveries() reply {
	var matching []*hook.Delivery
	for _, d := range slices.Backward(c.hook.Log()) {
		if d.StatusCode == 0 || c.forgotten(d) {
			continue // under way: not in the log yet
		}
		ok := d.StatusCode >= 200 && d.StatusCode < 400
		if want := c.query("status"); want == "" || (want == "success") == ok {
			matching = append(matching, d)
		}
	}
	if cursor := c.query("cursor"); cursor != "" {
		for len(matching) > 0 && matching[0].ID > int64(number(cursor, 0)) {
			matching = matching[1:]
		}
	}
	size := min(max(number(c.query("per_page"), 30), 1), 100)
	part := matching[:min(size, len(matching))]
	r := answer(http.StatusOK, payload.List(part, c.deliveryItem))
	if len(matching) > size {
		r.header.Set("Link", `<`+c.again("cursor", strconv.FormatInt(matching[size].ID, 10))+`>; rel="next"`)
	}
	return r
}

func (c *call) deliveryItem(d *hook.Delivery) payload.Object {
	o := payload.Object{
		"id": d.ID, "guid": d.GUID, "delivered_at": payload.Stamp(d.At), "redelivery": d.Redelivery, "duration": d.Duration.Seconds(),
		"status": d.Status, "status_code": d.StatusCode, "event": d.Event, "action": payload.TextOrNil(d.Action),
		"installation_id": d.InstallationID, "repository_id": nil,
	}
	if d.RepositoryID != 0 {
		o["repository_id"] = d.RepositoryID
	}
	return o
}

// forgotten reports whether a delivery is so old that it is no longer in the log.
func (c *call) forgotten(d *hook.Delivery) bool { return c.github.Now().Sub(d.At) > logKept }

func (c *call) getDelivery() reply {
	d := c.hook.Delivery(c.idIn("delivery_id"))
	if d == nil || c.forgotten(d) {
		return notFound()
	}
	o := c.deliveryItem(d)
	o["url"] = c.hook.URL()
	o["request"] = payload.Object{"headers": flat(d.Headers), "payload": json.RawMessage(d.Payload)}
	o["response"] = payload.Object{"headers": flat(d.ResponseHeader), "payload": string(d.Response)}
	return answer(http.StatusOK, o)
}

func (c *call) redeliverDelivery() reply {
	d := c.hook.Delivery(c.idIn("delivery_id"))
	if d == nil || c.forgotten(d) {
		return notFound()
	}
	c.hook.Redeliver(d)
	return answer(http.StatusAccepted, payload.Object{})
}

func flat(h http.Header) payload.Object {
	o := payload.Object{}
	for key := range h {
		o[key] = h.Get(key)
	}
	return o
}
