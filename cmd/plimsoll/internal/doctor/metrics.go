package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plimsoll/config"
	"plimsoll/server/prometheus"
)

const metricsWithin = 12 * time.Second

// metricServers asks each metric server one query that costs nothing.
func (d *doctor) metricServers() (groups []group) {
	for i, datasource := range d.conf.Datasources {
		name := "metric server " + string(datasource.Name)
		groups = append(groups, group{[]step{{name, metricsWithin, func(ctx context.Context) []Finding {
			if d.unusable(fmt.Sprintf("datasources[%d]", i)) {
				return needsConfiguration("metric server", string(datasource.Name))
			}
			return []Finding{d.metricServer(ctx, datasource)}
		}}}})
	}
	if len(groups) == 0 && !d.unusable("datasources") {
		groups = []group{{[]step{{"metric servers", metricsWithin, func(context.Context) []Finding {
			return []Finding{{Check: "metric servers", State: OK, Found: "The configuration names none."}}
		}}}}}
	}
	return groups
}

func (d *doctor) metricServer(ctx context.Context, datasource config.Datasource) Finding {
	f := Finding{Check: "metric server", Subject: string(datasource.Name), State: Problem}
	servers, err := prometheus.FromOperator([]config.Datasource{datasource})
	var client *prometheus.Servers
	if err == nil {
		client, err = prometheus.New(prometheus.Config{Servers: servers, Timeout: d.patient(metricsWithin - 2*time.Second)})
	}
	if err == nil {
		defer client.Close()
		_, err = client.Query(ctx, string(datasource.Name), "vector(1)", d.Now())
	}
	refused, ok := errors.AsType[*prometheus.Error](err)
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
