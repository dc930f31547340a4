package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plimsoll/config"
	"plimsoll/server/cloudwatch"
	"plimsoll/server/datadog"
	"plimsoll/server/datasource"
	"plimsoll/server/prometheus"
)

const metricsWithin = 12 * time.Second

// metricServers asks each metric server one query that costs nothing.
func (d *doctor) metricServers() (groups []group) {
	for i, named := range d.conf.Datasources {
		name := "metric server " + string(named.Name)
		groups = append(groups, group{[]step{{name, metricsWithin, func(ctx context.Context) []Finding {
			if d.unusable(fmt.Sprintf("datasources[%d]", i)) {
				return needsConfiguration("metric server", string(named.Name))
			}
			return []Finding{d.metricServer(ctx, named)}
		}}}})
	}
	if len(groups) == 0 && !d.unusable("datasources") {
		groups = []group{{[]step{{"metric servers", metricsWithin, func(context.Context) []Finding {
			return []Finding{{Check: "metric servers", State: OK, Found: "The configuration names none."}}
		}}}}}
	}
	return groups
}

// ask sends one query that costs nothing.
func (d *doctor) ask(ctx context.Context, named config.Datasource, timeout time.Duration) error {
	all := []config.Datasource{named}
	if named.Datadog != (config.Datadog{}) {
		client, err := datadog.New(datadog.Config{Servers: datadog.FromOperator(all), Timeout: timeout})
		if err != nil {
			return err
		}
		defer client.Close()
		now := d.Now().Truncate(time.Minute)
		_, err = client.QueryRange(ctx, string(named.Name), "avg:system.cpu.user{*}", datasource.Range{Start: now, End: now, Step: time.Minute})
		return err
	}
	if named.CloudWatch != (config.CloudWatch{}) {
		client, err := cloudwatch.New(cloudwatch.Config{Servers: cloudwatch.FromOperator(all), Timeout: timeout, Now: d.Now})
		if err != nil {
			return err
		}
		defer client.Close()
		now := d.Now().Truncate(time.Minute)
		_, err = client.QueryRange(ctx, string(named.Name), "SUM(SEARCH('{AWS/Usage,Class,Resource,Service,Type} Resource=\"GetMetricData\"', 'Sum', 60))", datasource.Range{Start: now, End: now, Step: time.Minute})
		return err
	}
	servers, err := prometheus.FromOperator(all)
	if err != nil {
		return err
	}
	client, err := prometheus.New(prometheus.Config{Servers: servers, Timeout: timeout})
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = client.Query(ctx, string(named.Name), "vector(1)", d.Now())
	return err
}

func (d *doctor) metricServer(ctx context.Context, named config.Datasource) Finding {
	f := Finding{Check: "metric server", Subject: string(named.Name), State: Problem}
	err := d.ask(ctx, named, d.patient(metricsWithin-2*time.Second))
	refused, ok := errors.AsType[*datasource.Error](err)
	switch {
	case err == nil:
		f.State, f.Found = OK, "It answers queries."
	case ok:
		f.Found, f.Fix = sentence(refused.Message), sentence(refused.Hint)
	default:
		f.Found, f.Fix = "It can't be asked: "+reason(ctx, err)+".", "Correct its entry in datasources."
	}
	return f
}
