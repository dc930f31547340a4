package packaging

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

type values = map[string]any

// least are the values that have no default.
func least(more values) values {
	all := values{"appID": 1234567, "existingSecret": "plimsoll", "config": values{"public_url": "https://plimsoll.acme.dev"}}
	for key, value := range more {
		all[key] = value
	}
	return all
}

// render gives what Helm would install, by kind.
func render(given values) (map[string]map[string]any, error) {
	chart, err := loader.Load("chart")
	if err != nil {
		return nil, err
	}
	data, err := yaml.Marshal(given) // as a file of values would give them
	if err != nil {
		return nil, err
	}
	read, err := chartutil.ReadValues(data)
	if err != nil {
		return nil, err
	}
	all, err := chartutil.ToRenderValues(chart, read, chartutil.ReleaseOptions{Name: "plimsoll", Namespace: "tools", IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, all)
	if err != nil {
		return nil, err
	}
	byKind := map[string]map[string]any{}
	for name, text := range files {
		if strings.HasSuffix(name, ".tpl") || strings.TrimSpace(text) == "" {
			continue
		}
		var object map[string]any
		if err := yaml.UnmarshalStrict([]byte(text), &object); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", name, err, text)
		}
		byKind[object["kind"].(string)] = object
	}
	return byKind, nil
}

func TestChartIsLinted(t *testing.T) {
	for name, given := range map[string]values{"sqlite": least(nil), "postgresql": least(values{"database": values{"type": "postgresql"}, "replicaCount": 2})} {
		result := lint.All("chart", given, "tools", true)
		for _, message := range result.Messages {
			t.Errorf("%s: %v", name, message)
		}
	}
}

func TestChartRenders(t *testing.T) {
	sqlite, err := render(least(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"StatefulSet", "Service", "ConfigMap", "ServiceAccount", "NetworkPolicy", "PodDisruptionBudget"} {
		if sqlite[kind] == nil {
			t.Errorf("no %s", kind)
		}
	}
	if sqlite["Ingress"] != nil || sqlite["ServiceMonitor"] != nil || sqlite["Deployment"] != nil {
		t.Errorf("more than asked for: %v", sqlite)
	}
	text := fmt.Sprint(sqlite["StatefulSet"])
	for _, want := range []string{"value:1234567]", "readOnlyRootFilesystem:true", "runAsNonRoot:true", "drop:[ALL]", "type:RuntimeDefault", "allowPrivilegeEscalation:false", "path:/readyz", "secretName:plimsoll"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	postgres, err := render(least(values{
		"database": values{"type": "postgresql"}, "replicaCount": 3, "serviceMonitor": values{"enabled": true}, "ingress": values{"enabled": true, "host": "plimsoll.acme.dev", "tlsSecret": "tls"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"Deployment", "Ingress", "ServiceMonitor"} {
		if postgres[kind] == nil {
			t.Errorf("no %s", kind)
		}
	}
	if !strings.Contains(fmt.Sprint(postgres["Deployment"]), "key:database-url") || postgres["StatefulSet"] != nil {
		t.Errorf("%v", postgres["Deployment"])
	}
}

// Values that can't work are refused with what to do.
func TestChartRefuses(t *testing.T) {
	for want, given := range map[string]values{
		"set existingSecret to the name of a Secret":          {"appID": 1},
		"set appID to the ID of the GitHub App":               {"existingSecret": "x"},
		"replicaCount above 1 needs database.type postgresql": least(values{"replicaCount": 2}),
		"set ingress.host":                                    least(values{"ingress": values{"enabled": true}}),
		"additional properties 'replicas' not allowed":        least(values{"replicas": 2}),
		"terminationGracePeriodSeconds":                       least(values{"terminationGracePeriodSeconds": 5}),
	} {
		if _, err := render(given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// mounted are the files of the Secret that the workload reads.
var mounted = regexp.MustCompile(`/run/secrets/plimsoll/([a-z.-]+)`)

// The Secret that setup writes is one for Kubernetes' own type, and holds every file that the
// workload reads.
func TestChartFitsTheSecretOfSetup(t *testing.T) {
	text, err := os.ReadFile("../server/setup/testdata/secret.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var secret corev1.Secret
	if err := yaml.UnmarshalStrict(text, &secret); err != nil {
		t.Fatal(err)
	}
	if secret.APIVersion != "v1" || secret.Kind != "Secret" || secret.Name != "plimsoll" || secret.Type != corev1.SecretTypeOpaque {
		t.Errorf("%v %v %q %v", secret.APIVersion, secret.Kind, secret.Name, secret.Type)
	}
	oauth := values{"public_url": "https://plimsoll.acme.dev", "github": values{"oauth": values{"client_id": "Iv23liabcdefghijklmn"}}}
	for name, c := range map[string]struct {
		given values
		files int
	}{"without sign-in": {least(nil), 2}, "with sign-in": {least(values{"config": oauth}), 3}} {
		objects, err := render(c.given)
		if err != nil {
			t.Fatal(err)
		}
		found := mounted.FindAllStringSubmatch(fmt.Sprint(objects["StatefulSet"]), -1)
		if len(found) != c.files {
			t.Errorf("%s: the workload reads %v", name, found)
		}
		for _, file := range found {
			if secret.StringData[file[1]] == "" {
				t.Errorf("%s: the Secret has no %s", name, file[1])
			}
		}
	}
}
