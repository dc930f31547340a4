package doctor_test

import (
	"net/http"
	"time"

	"plimsoll/server"
	"plimsoll/server/cloudwatch/cloudwatchtest"
	"plimsoll/server/datadog/datadogtest"
	"plimsoll/server/simulator"
)

// faults break one thing each. want is every finding that is not ok.
var faults = []struct {
	name string
	do   func(s *setting) (undo func())
	want []string
}{
	{"healthy", func(*setting) func() { return nil }, nil},
	{"a key of another App", func(s *setting) func() { s.key = otherKey(); return nil },
		[]string{"problem: App", "not checked: permissions", "not checked: webhook", "not checked: deliveries"}},
	{"another App's id", func(s *setting) func() { s.appID++; return nil },
		[]string{"problem: App", "not checked: permissions", "not checked: webhook", "not checked: deliveries"}},
	{"a clock that is ahead by 10 min", func(s *setting) func() {
		s.now = func() time.Time { return time.Now().Add(10 * time.Minute) }
		return nil
	},
		[]string{"problem: clock"}},
	{"a permission that an account has not granted", func(s *setting) func() {
		granted := map[string]string{"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write", "deployments": "write", "actions": "write", "issues": "read", "members": "read", "merge_queues": "read"}
		s.acme.SetPermissions(granted)
		s.bed.Settle()
		return func() {
			granted["issues"] = "write"
			s.acme.SetPermissions(granted)
			s.bed.Settle()
		}
	}, []string{"problem: permissions acme"}},
	{"an account that is served and has not installed the App", func(s *setting) func() { s.accounts = "[acme, globex]"; return nil },
		[]string{"problem: permissions globex"}},
	{"events that do not arrive", func(s *setting) func() {
		s.bed.GitHub.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Drop })
		s.orders.CommitAs("ana", "main", "More", map[string]string{"README.md": "more"})
		s.bed.Settle()
		return func() {
			s.bed.GitHub.OnDelivery(nil)
			s.orders.CommitAs("ana", "main", "Back", map[string]string{"README.md": "back"})
			s.bed.Settle()
		}
	}, []string{"problem: deliveries"}},
	{"events that arrive again", func(*setting) func() { return nil }, nil},
	{"a webhook at another address", func(s *setting) func() {
		s.bed.GitHub.SetHook(s.bed.URL() + "/hook")
		return func() { s.bed.GitHub.SetHook(s.bed.URL() + server.HookPath) }
	}, []string{"problem: webhook"}},
	{"a database that a newer plimsoll has written", func(s *setting) func() {
		execute(s.t, s.dsn, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, TRUE)")
		return func() { execute(s.t, s.dsn, "DELETE FROM goose_db_version WHERE version_id = 9000") }
	}, []string{"problem: database DATABASE"}},
	{"a database that does not answer", func(s *setting) func() {
		s.database = "postgres://plimsoll:the-password@127.0.0.1:1/plimsoll?connect_timeout=5"
		return nil
	}, []string{"problem: database postgres://plimsoll:xxxxx@127.0.0.1:1/plimsoll"}},
	{"no folder for the database", func(s *setting) func() { s.database = "sqlite:gone/plimsoll.db"; return nil },
		[]string{"problem: database sqlite:gone/plimsoll.db"}},
	{"a database that is still to be made", func(s *setting) func() { s.database = "sqlite:new.db"; return nil }, nil},
	{"a metric server that refuses the token", func(s *setting) func() { s.token = "an-old-token"; return nil },
		[]string{"problem: metric server default"}},
	{"a metric server with a password and a tenant", func(s *setting) func() {
		s.credentials = "basic_auth: {username: plimsoll, password_file: token}, headers: [{name: X-Scope-OrgID, value: acme}]"
		return nil
	}, nil},
	{"a metric server without its tenant", func(s *setting) func() {
		s.credentials = "basic_auth: {username: plimsoll, password_file: token}"
		return nil
	}, []string{"problem: metric server default"}},
	{"a metric server with two credentials", func(s *setting) func() {
		s.credentials = "basic_auth: {username: plimsoll, password_file: token}, bearer_token_file: token"
		return nil
	}, []string{"problem: configuration", "not checked: metric server default"}},
	{"Datadog", func(s *setting) func() {
		s.token, s.datadog = datadogtest.APIKey, datadogtest.ApplicationKey
		return nil
	}, nil},
	{"Datadog that refuses the keys", func(s *setting) func() {
		s.token, s.datadog = datadogtest.APIKey, "an-old-application-key"
		return nil
	}, []string{"problem: metric server default"}},
	{"CloudWatch", func(s *setting) func() { s.cloudwatch = cloudwatchtest.Key.Secret; return nil }, nil},
	{"CloudWatch that refuses the signature", func(s *setting) func() { s.cloudwatch = "an-old-secret-access-key"; return nil },
		[]string{"problem: metric server default"}},
	{"a metric server that is away", func(s *setting) func() { s.prometheus = "http://127.0.0.1:1"; return nil },
		[]string{"problem: metric server default"}},
	{"a host in a private range", func(s *setting) func() {
		s.probe, s.hosts = `[192.168.1.0/24, orders.acme.dev]`, names{"orders.acme.dev": "10.1.2.3"}
		return nil
	}, []string{"problem: probes orders.acme.dev"}},
	{"a host in a private range that is opened", func(s *setting) func() { s.hosts = names{"orders.acme.dev": "10.1.2.3"}; return nil }, nil},
	{"a host without an address, and ranges that open nothing", func(s *setting) func() {
		s.probe, s.hosts = `[orders.acme.dev, 224.0.0.0/8, 10.0.0.0/7]`, nil
		return nil
	}, []string{"problem: probes orders.acme.dev", "problem: probes 224.0.0.0/8", "problem: probes 10.0.0.0/7"}},
	{"GitHub away", func(s *setting) func() { s.api = "http://127.0.0.1:1/api/v3"; return nil },
		[]string{"problem: GitHub", "not checked: clock", "not checked: App", "not checked: permissions", "not checked: webhook", "not checked: deliveries"}},
	{"GitHub answers with its own faults", broken(simulator.Fault{Status: http.StatusBadGateway, Body: "<html>502</html>"}),
		[]string{"problem: GitHub", "not checked: clock", "not checked: App", "not checked: permissions", "not checked: webhook", "not checked: deliveries"}},
	{"an App that does not exist", broken(simulator.Fault{Operation: "apps/get-authenticated", Status: http.StatusNotFound, Message: "Integration not found"}),
		[]string{"problem: App", "not checked: permissions", "not checked: webhook", "not checked: deliveries"}},
	{"a refusal that would rule the terminal", broken(simulator.Fault{Operation: "apps/get-authenticated", Status: http.StatusForbidden, Message: "\x1b[2Jsuspended\nok           App: all is well"}),
		[]string{"problem: App", "not checked: permissions", "not checked: webhook", "not checked: deliveries"}},
	{"too many questions", broken(func() simulator.Fault {
		f := simulator.SecondaryLimit(60, simulator.Always)
		f.Operation = "apps/list-installations"
		return f
	}()), []string{"not checked: permissions", "not checked: webhook", "not checked: deliveries"}},
	{"GitHub's log of deliveries does not answer", broken(simulator.Fault{Operation: "apps/list-webhook-deliveries", Status: http.StatusBadGateway}),
		[]string{"not checked: deliveries"}},
	{"keys that are not known", func(s *setting) func() { s.more = "workers: many\nworkrs: 3\n"; return nil },
		[]string{"problem: configuration", "problem: configuration"}},
	{"no key of the App", func(s *setting) func() { s.key = []byte("-----BEGIN NOTHING-----"); s.token = "\n"; return nil },
		[]string{"problem: configuration", "problem: configuration", "not checked: App", "not checked: permissions", "not checked: webhook", "not checked: deliveries", "not checked: metric server default"}},
	{"a file that can't be read", func(s *setting) func() { s.more = "]\n"; return nil },
		[]string{"problem: configuration", "not checked: GitHub", "not checked: database", "not checked: metric servers", "not checked: probes", "not checked: notifications"}},
	{"a secret of probes", func(s *setting) func() {
		s.more = "  secrets: [{name: shop-login, value: " + metricsToken + ", hosts: [shop.globex.dev, \"http://10.1.2.3:8080\", Orders.acme.dev]}]\n"
		return nil
	}, nil},
	{"a secret that goes nowhere", func(s *setting) func() {
		s.more = "  secrets: [{name: shop-login, value: " + metricsToken + ", hosts: [orders.acme.dev, globex.dev, \"http://192.168.1.1\"]}]\n"
		return nil
	}, []string{"problem: probes secret shop-login"}},
	{"destinations", func(s *setting) func() {
		s.hosts["slack.acme.dev"] = "93.184.215.14"
		s.more = "notifications:\n  - {name: deploys, slack: \"https://slack.acme.dev/" + metricsToken + "\", events: [roll-back, rollback]}\n" +
			"  - {name: graphs, grafana: \"http://10.1.2.3:3000\", token_file: token}\n"
		return nil
	}, nil},
	{"a destination without an address", func(s *setting) func() {
		s.more = "notifications: [{name: platform, webhook: \"https://hooks.acme.dev/" + metricsToken + "\", secrets: [" + webhookSecret + "]}]\n"
		return nil
	}, []string{"problem: notifications platform"}},
	{"a destination that is no URL", func(s *setting) func() {
		s.more = "notifications: [{name: platform, slack: \"" + metricsToken + "\"}]\n"
		return nil
	}, []string{"problem: configuration", "not checked: notifications"}},
}
