package config

import (
	"os"
	"testing"
	"time"
)

func TestFullFile(t *testing.T) {
	data, err := os.ReadFile("../testdata/config/full.yml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParseRepository(".github/plimsoll.yml", data)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Components[0]
	if c.Name != "orders" || c.Provides[0].Spec != "services/orders/openapi.yaml" || c.At.Line != 3 {
		t.Errorf("component: %+v", c)
	}
	use := c.Consumes[0].Operations
	if got := use[0].Reads[2]; got.Text != "lines[].sku" || got.At.Line != 19 || got.At.Column != 34 {
		t.Errorf("pattern: %+v", got)
	}
	if use[0].Sends != nil || use[1].Sends == nil {
		t.Error("absent and listed sends look alike")
	}
	production := c.Environments["production"]
	if v := production.Verify; v.For.Value() != 10*time.Minute || len(v.Probes) != 2 || v.Signals[1].Rollback.Value != -0.5 {
		t.Errorf("verify: %+v", v)
	}
	if production.Rollback.By != ByDeployment || !*production.Gate || !*production.Production {
		t.Errorf("production: %+v", production)
	}
}
