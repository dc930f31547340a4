package alerts_test

import (
	"fmt"
	"testing"

	"plimsoll/checks/readiness/alerts"
)

func TestNames(t *testing.T) {
	orders := alerts.Component{Name: "orders"}
	for _, c := range []struct {
		name, alert, group, expr, labels string
		component                        alerts.Component
		want                             string // "" means that it does not name it
	}{
		{name: "matcher", expr: `up{job="orders"} == 0`, want: `by job="orders" in its expression`},
		{name: "matcher, other case", expr: `up{app="Orders"} == 0`, want: `by app="Orders" in its expression`},
		{name: "matcher inside a subquery", expr: `max_over_time(up{service="orders"}[5m:1m]) == 0`, want: `by service="orders" in its expression`},
		{name: "negative matcher", expr: `up{job!="orders"} == 0`},
		{name: "negative pattern", expr: `up{job!~"orders"} == 0`},
		{name: "near miss in a matcher", expr: `up{job="orders2"} == 0`},
		{name: "part of a matcher", expr: `up{job="my-orders"} == 0`},
		{name: "label that says nothing of whose it is", expr: `up{color="orders"} == 0`},
		{name: "pattern of several", expr: `up{job=~"orders|cart"} == 0`, want: `by job=~"orders|cart" in its expression`},
		{name: "pattern, anchored at both ends", expr: `up{job=~"order"} == 0`},
		{name: "pattern with the name as a prefix", expr: `up{job=~"orders.*"} == 0`, want: `by job=~"orders.*" in its expression`},
		{name: "pattern that matches every name", expr: `up{job=~".+"} == 0`},
		{name: "pattern of names of seven letters at the most", expr: `up{job=~"[a-z0-9]{1,7}"} == 0`},
		{name: "pods of the workload", expr: `kube_pod_status_ready{pod=~"orders-.*"} == 0`, want: `by pod=~"orders-.*" in its expression`},
		{name: "pods of another workload", expr: `kube_pod_status_ready{pod=~"reorders-.*"} == 0`},
		{name: "all pods", expr: `kube_pod_status_ready{pod=~".*-.*"} == 0`},
		{name: "namespace and name", expr: `up{job="shop/orders"} == 0`, want: `by job="shop/orders" in its expression`},
		{name: "name as the namespace of a path", expr: `up{job="orders/cart"} == 0`},
		{name: "host in the cluster", expr: `istio_requests_total{destination_service="orders.shop.svc.cluster.local"} > 0`, want: `by destination_service="orders.shop.svc.cluster.local" in its expression`},
		{name: "host elsewhere", expr: `up{instance="orders.example.org"} == 0`},
		{name: "comment", expr: `up{job="cart"} == 0 # job="orders"`},
		{name: "metric's name", expr: `orders_total > 0`},
		{name: "declared label", expr: `up{job="shop-api"} == 0`, component: alerts.Component{Name: "orders", Labels: map[string]string{"job": "shop-api"}}, want: `by job="shop-api" in its expression`},
		{name: "declared label, pattern", expr: `up{team=~"a|b"} == 0`, component: alerts.Component{Name: "orders", Labels: map[string]string{"team": "b"}}, want: `by team=~"a|b" in its expression`},
		{name: "other value of a declared label", expr: `up{job="shop-web"} == 0`, component: alerts.Component{Name: "orders", Labels: map[string]string{"job": "shop-api"}}},
		{name: "label of the rule", labels: "service: orders", want: "by its label service: orders"},
		{name: "near miss in a label", labels: "service: orders-db"},
		{name: "label that is not about it", labels: "team: orders"},
		{name: "template in a label", labels: `service: "{{ $labels.service }}"`},
		{name: "alert", alert: "OrdersHighErrorRate", want: "by its name"},
		{name: "alert, other word", alert: "OrderLost"},
		{name: "alert, inside of a word", alert: "ReordersLost"},
		{name: "alert, the end of a word", alert: "PreordersLost"},
		{name: "alert, underscores", alert: "slow_orders_api", want: "by its name"},
		{name: "alert, capitals", alert: "ORDERS_DOWN", want: "by its name"},
		{name: "alert, behind an acronym", alert: "HTTPOrdersDown", want: "by its name"},
		{name: "group", group: "orders.rules", want: "by the name of its group"},
		{name: "two words", alert: "OrderServiceDown", component: alerts.Component{Name: "order-service"}, want: "by its name"},
		{name: "two words, one of them", alert: "OrderDown", component: alerts.Component{Name: "order-service"}},
		{name: "two words, apart", alert: "OrderDownService", component: alerts.Component{Name: "order-service"}},
		{name: "digits", alert: "OAuth2ProxyDown", component: alerts.Component{Name: "oauth2-proxy"}, want: "by its name"},
		{name: "no name", alert: "Down", component: alerts.Component{Name: "-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.alert == "" {
				c.alert = "Something"
			}
			if c.group == "" {
				c.group = "group"
			}
			if c.expr == "" {
				c.expr = "vector(1)"
			}
			if c.component.Name == "" {
				c.component = orders
			}
			data := fmt.Sprintf("groups:\n- name: %s\n  rules:\n  - alert: %s\n    expr: |\n      %s\n    labels: {%s}\n", c.group, c.alert, c.expr, c.labels)
			file, faults := alerts.Parse("rules.yml", []byte(data))
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			how, ok := file.Alerts()[0].Names(c.component)
			if how != c.want || ok != (c.want != "") {
				t.Errorf("got %q, %t; want %q", how, ok, c.want)
			}
		})
	}
}

func TestLokiNamesByItsStreams(t *testing.T) {
	data := "groups:\n- name: logs\n  rules:\n  - alert: Errors\n    expr: 'sum(rate({app=\"orders\"} |= \"}\" [5m])) > 1'\n"
	file, faults := alerts.Parse("loki.yml", []byte(data))
	if len(faults) != 1 || faults[0].Kind != alerts.Foreign {
		t.Fatalf("faults %v, expected one that says it is LogQL", faults)
	}
	alert := file.Alerts()[0]
	if how, ok := alert.Names(alerts.Component{Name: "orders"}); !ok {
		t.Errorf("not named: %s", how)
	}
	if _, ok := alert.Names(alerts.Component{Name: "cart"}); ok {
		t.Error("names another component")
	}
	if m := alert.Metrics(); len(m) > 0 {
		t.Errorf("LogQL reads no metric, got %v", m)
	}
}

func TestMetrics(t *testing.T) {
	for expr, want := range map[string]string{
		`sum(rate(b[5m])) / a > bool 1 unless absent_over_time({__name__=~"c|d"}[5m])`: "[{a false} {b false} {c|d true}]",
		"a +": "[]",
	} {
		file, _ := alerts.Parse("f.yml", []byte("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: "+expr+"\n"))
		if got := fmt.Sprint(file.Alerts()[0].Metrics()); got != want {
			t.Errorf("%s: got %s, want %s", expr, got, want)
		}
	}
}

func TestWaits(t *testing.T) {
	data := `groups:
- name: g
  rules:
  - {alert: A, expr: up == 0}
  - {alert: B, expr: up == 0, for: 0s}
  - {alert: C, expr: vector(1)}
`
	file, _ := alerts.Parse("f.yml", []byte(data))
	for i, want := range []bool{false, true, true} {
		if alert := file.Alerts()[i]; alert.Waits() != want {
			t.Errorf("alert %s: got %t", alert.Alert.Value, !want)
		}
	}
}
