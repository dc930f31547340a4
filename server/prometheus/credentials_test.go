package prometheus_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/aws/awstest"
	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
)

const (
	password   = "the-password"
	gatewayKey = "the-gateway-key"
	awsKey     = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

// The time of the signatures.
var signedAt = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func header(name, value string) config.Header {
	return config.Header{Name: config.HeaderName(name), Value: config.HeaderValue{Secret: config.NewSecret(value)}}
}

var (
	basic  = config.BasicAuth{Username: "plimsoll", Password: config.NewSecret(password)}
	signed = config.AWS{Region: "eu-central-1", AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: config.NewSecret(awsKey)}
)

// Each way to prove who asks: the server answers only those that do, nothing of it goes to
// another server, and no error shows any of it.
func TestCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		right, wrong prometheus.Server
		refused      string
		accepts      func(r *http.Request) error
	}{
		"basic authentication": {
			right:   prometheus.Server{BasicAuth: basic},
			wrong:   prometheus.Server{BasicAuth: config.BasicAuth{Username: "plimsoll", Password: config.NewSecret("an-old-password")}},
			refused: "it refuses the user name or the password (401) (check basic_auth of its entry in datasources",
			accepts: func(r *http.Request) error {
				if user, given, ok := r.BasicAuth(); !ok || user != "plimsoll" || given != password {
					return errors.New("no user")
				}
				return nil
			},
		},
		"token and tenant": {
			right:   prometheus.Server{Token: config.NewSecret(token), Headers: []config.Header{header("X-Scope-Orgid", "acme"), header("X-Gateway-Key", gatewayKey)}},
			wrong:   prometheus.Server{Token: config.NewSecret(token), Headers: []config.Header{header("X-Gateway-Key", gatewayKey)}},
			refused: "it refuses the token (401)",
			accepts: func(r *http.Request) error {
				if r.Header.Get("Authorization") != "Bearer "+token || r.Header.Get("X-Scope-OrgID") != "acme" || r.Header.Get("X-Gateway-Key") != gatewayKey {
					return errors.New("no token, or no tenant")
				}
				return nil
			},
		},
		"signature": {
			right:   prometheus.Server{SigV4: signed, Headers: []config.Header{header("X-Gateway-Key", gatewayKey)}},
			wrong:   prometheus.Server{SigV4: config.AWS{Region: "eu-central-1", AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: config.NewSecret("another-secret-key")}},
			refused: "it refuses the signature, or the AWS role may not query it (401) (check sigv4 of its entry in datasources",
			accepts: func(r *http.Request) error {
				if !strings.Contains(r.Header.Get("Authorization"), "x-gateway-key") {
					return errors.New("the header is not signed")
				}
				return awstest.Verify(r, awstest.Key{ID: "AKIDEXAMPLE", Secret: awsKey, Region: "eu-central-1", Service: "aps"}, signedAt)
			},
		},
		"nothing": {
			right: prometheus.Server{}, wrong: prometheus.Server{Headers: []config.Header{header("X-Scope-Orgid", "globex")}},
			refused: "it asks for credentials (401) (add bearer_token, basic_auth, sigv4 or headers",
			accepts: func(r *http.Request) error {
				if len(r.Header.Values("Authorization"))+len(r.Header.Values("X-Scope-Orgid")) > 0 {
					return errors.New("something")
				}
				return nil
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("a request to another host, with %v", r.Header) }))
			defer elsewhere.Close()
			var echoed string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.FormValue("query") == "" && !strings.Contains(r.URL.Path, "/label/") {
					t.Errorf("the query is lost: %s %s", r.Method, r.URL)
				}
				if err := c.accepts(again(t, r)); err != nil {
					status(401, err.Error())(w, r)
					return
				}
				switch r.FormValue("query") {
				case "redirect":
					http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
				case "echo":
					echoed = fmt.Sprint(r.Header) + c.right.SigV4.SecretAccessKey.Reveal() + c.right.BasicAuth.Password.Reveal()
					w.WriteHeader(422)
					_, _ = fmt.Fprintf(w, `{"status": "error", "errorType": "execution", "error": %q}`, echoed)
				default:
					if strings.Contains(r.URL.Path, "/label/") {
						status(200, `{"status": "success", "data": ["up"]}`)(w, r)
						return
					}
					status(200, `{"status": "success", "data": {"resultType": "vector", "result": []}}`)(w, r)
				}
			}))
			defer server.Close()
			c.right.Name, c.right.URL, c.wrong.Name, c.wrong.URL = "right", server.URL+"/workspaces/ws-1", "wrong", server.URL+"/workspaces/ws-1"
			servers := open(t, prometheus.Config{Servers: []prometheus.Server{c.right, c.wrong}, Now: func() time.Time { return signedAt }})
			if _, err := servers.Query(t.Context(), "right", `sum(rate(up{job="a b"}[5m]))`, signedAt); err != nil {
				t.Error(err)
			}
			if names, err := servers.MetricNames(t.Context(), "right"); err != nil || !names.Has("up") {
				t.Errorf("names %v, %v", names, err)
			}
			_, err := servers.Query(t.Context(), "wrong", "up", signedAt)
			if err == nil || !strings.HasPrefix(err.Error(), `metric server "wrong": `+c.refused) {
				t.Errorf("with others: %v", err)
			}
			if _, err := servers.Query(t.Context(), "right", "redirect", signedAt); err == nil || !strings.Contains(err.Error(), "redirect (307), which is not followed") {
				t.Errorf("redirected: %v", err)
			}
			_, err = servers.Query(t.Context(), "right", "echo", signedAt)
			text := fmt.Sprintf("%v %+v %#v", err, err, err) + fmt.Sprintf("%v %+v %#v", c.right, c.right, c.right)
			for _, secret := range []string{token, password, gatewayKey, awsKey, "cGxpbXNvbGw6dGhlLXBhc3N3b3Jk"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is in %s", secret, text)
				}
			}
			if echoed == "" {
				t.Error("the server was not asked")
			}
		})
	}
}

// again is the request with its body as it came, while the server has read it as a form.
func again(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	copied := r.Clone(r.Context())
	if r.Method == http.MethodPost {
		copied.Body = io.NopCloser(strings.NewReader(r.PostForm.Encode()))
	}
	return copied
}

func TestNoCredentialsToSignWith(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request without a signature") }))
	defer server.Close()
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: server.URL, SigV4: config.AWS{Region: "eu-central-1"}}}})
	if _, err := servers.Query(t.Context(), "", "up", time.Now()); err == nil || !strings.HasPrefix(err.Error(), `metric server "default": there are no AWS credentials to sign with (give the server a role`) {
		t.Error(err)
	}
}

// A certificate of an authority, for a server and its clients.
type certificate struct{ certificate, key string }

func makeCertificate(t *testing.T) certificate {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return certificate{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))}
}

func (c certificate) authority() config.Certificates {
	return config.Certificates{Secret: config.NewSecret(c.certificate)}
}

// A real Prometheus that asks for a password and a client certificate.
func TestRealPrometheusWithCredentials(t *testing.T) {
	ours, other := makeCertificate(t), makeCertificate(t)
	pair, err := tls.X509KeyPair([]byte(ours.certificate), []byte(ours.key))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(ours.certificate))
	address := prometheustest.StartSecured(t, "", prometheustest.Security{
		Files: map[string]string{"server.crt": ours.certificate, "server.key": ours.key, "web.yml": "tls_server_config: {cert_file: server.crt, key_file: server.key, client_auth_type: RequireAndVerifyClientCert, client_ca_file: server.crt}\n" +
			"basic_auth_users: {plimsoll: $2a$04$j7KqjoHTV9QP1nCZeh5lm.iBw1PbILjiiKFiT4PlPRUny4JopXQfS}\n"}, // the hash of the password
		Client:   &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}}},
		Username: "plimsoll", Password: password,
	})
	client := config.TLS{CA: ours.authority(), Certificate: ours.authority(), PrivateKey: config.NewSecret(ours.key)}
	all := map[string]struct {
		server prometheus.Server
		want   string
	}{
		"right":           {prometheus.Server{BasicAuth: basic, TLS: client}, ""},
		"no password":     {prometheus.Server{TLS: client}, "it asks for credentials (401)"},
		"wrong password":  {prometheus.Server{BasicAuth: config.BasicAuth{Username: "plimsoll", Password: config.NewSecret("guessed")}, TLS: client}, "it refuses the user name or the password (401)"},
		"no certificate":  {prometheus.Server{BasicAuth: basic, TLS: config.TLS{CA: ours.authority()}}, ""},
		"other authority": {prometheus.Server{BasicAuth: basic, TLS: config.TLS{CA: other.authority()}}, "its certificate is not trusted (name its authority as tls.ca_file"},
		"no authority":    {prometheus.Server{BasicAuth: basic}, "its certificate is not trusted"},
	}
	var servers []prometheus.Server
	for name, c := range all {
		c.server.Name, c.server.URL = name, address
		servers = append(servers, c.server)
	}
	asked := open(t, prometheus.Config{Servers: servers})
	for name, c := range all {
		answer, err := asked.Query(t.Context(), name, "1 + 1", time.Now())
		if name == "no certificate" { // the alert may get lost if the server closes the connection first
			if err == nil || !strings.Contains(err.Error(), "it ends the TLS connection (check tls of its entry") && !strings.Contains(err.Error(), "could not be asked") {
				t.Errorf("%s: %+v, %v", name, answer, err)
			}
			continue
		}
		if c.want == "" {
			if err != nil || answer.Series[0].Points[0].Value != 2 {
				t.Errorf("%s: %+v, %v", name, answer, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
