package aws_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/aws"
	"plimsoll/server/aws/awstest"
)

// Key and time of AWS's published examples (aws-sig-v4-test-suite).
var (
	example   = awstest.Key{ID: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Region: "us-east-1", Service: "service"}
	exampleAt = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
)

func at() time.Time { return exampleAt }

// alone takes from the environment what may lead to credentials.
func alone(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	for name, value := range map[string]string{"AWS_CONFIG_FILE": filepath.Join(folder, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(folder, "credentials"),
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": ""} {
		t.Setenv(name, value)
	}
}

// AWS's example get-vanilla: signed here, and checked by the test's own verification.
func TestPublishedExample(t *testing.T) {
	alone(t)
	signer, err := aws.New(config.AWS{Region: "us-east-1", AccessKeyID: example.ID, SecretAccessKey: config.NewSecret(example.Secret)}, "service", at)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "https://example.amazonaws.com/", nil)
	r.Body = nil
	if err := signer.Sign(r); err != nil {
		t.Fatal(err)
	}
	const want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	r.Body = http.NoBody
	if err := awstest.Verify(r, example, exampleAt); err != nil {
		t.Errorf("the test's verification refuses AWS's own example: %v", err)
	}
}

// What was changed after signing is refused.
func TestSignatureCoversTheRequest(t *testing.T) {
	alone(t)
	signer, err := aws.New(config.AWS{Region: "us-east-1", AccessKeyID: example.ID, SecretAccessKey: config.NewSecret(example.Secret)}, "service", at)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*http.Request){
		"":       func(*http.Request) {},
		"method": func(r *http.Request) { r.Method = http.MethodPut },
		"path":   func(r *http.Request) { r.URL.Path = "/workspaces/ws-2/api/v1/query" },
		"query":  func(r *http.Request) { r.URL.RawQuery = "match[]=up" },
		"host":   func(r *http.Request) { r.Host = "example.com" },
		"header": func(r *http.Request) { r.Header.Set("X-Scope-Orgid", "globex") },
		"body":   func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("query=down")) },
	} {
		r := httptest.NewRequest(http.MethodPost, "https://example.amazonaws.com/workspaces/ws-1/api/v1/a%20b?match[]=a+b&start=1", strings.NewReader("query=up"))
		r.Header.Set("X-Scope-Orgid", "acme")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := signer.Sign(r); err != nil {
			t.Fatal(err)
		}
		change(r)
		if err := awstest.Verify(r, example, exampleAt); (err == nil) != (name == "") {
			t.Errorf("changed %q: %v", name, err)
		}
	}
}

// Without an access key in the operator's file, AWS's chain gives the credentials.
func TestCredentialsOfTheChain(t *testing.T) {
	alone(t)
	signer, err := aws.New(config.AWS{Region: "us-east-1"}, "service", at)
	if err != nil {
		t.Fatal(err)
	}
	if err := signer.Sign(httptest.NewRequest(http.MethodGet, "https://example.amazonaws.com/", nil)); !errors.Is(err, aws.ErrCredentials) || err.Error() != "no AWS credentials" {
		t.Errorf("without credentials: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", example.ID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", example.Secret)
	t.Setenv("AWS_SESSION_TOKEN", "the-session")
	if signer, err = aws.New(config.AWS{Region: "us-east-1"}, "service", at); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "https://example.amazonaws.com/", nil)
	if err := signer.Sign(r); err != nil {
		t.Fatal(err)
	}
	if err := awstest.Verify(r, example, exampleAt); err != nil || r.Header.Get("X-Amz-Security-Token") != "the-session" {
		t.Errorf("with credentials of the environment: %v, %v", err, r.Header)
	}
}

// A role's credentials are those that the token service gives for it.
func TestRole(t *testing.T) {
	alone(t)
	base := awstest.Key{ID: "AKIABASE", Secret: "base-secret", Region: "eu-central-1", Service: "sts"}
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := awstest.Verify(r, base, time.Now()); err != nil {
			t.Errorf("asked for a role: %v", err)
		}
		if r.FormValue("Action") != "AssumeRole" || r.FormValue("RoleArn") != "arn:aws:iam::123456789012:role/metrics" {
			t.Errorf("asked for %v", r.Form)
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>`+example.ID+
			`</AccessKeyId><SecretAccessKey>`+example.Secret+`</SecretAccessKey><SessionToken>of-the-role</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	signer, err := aws.New(config.AWS{Region: "eu-central-1", AccessKeyID: base.ID, SecretAccessKey: config.NewSecret(base.Secret), RoleARN: "arn:aws:iam::123456789012:role/metrics"}, "aps", at)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "https://example.amazonaws.com/", nil)
	if err := signer.Sign(r); err != nil {
		t.Fatal(err)
	}
	if err := awstest.Verify(r, awstest.Key{ID: example.ID, Secret: example.Secret, Region: "eu-central-1", Service: "aps"}, exampleAt); err != nil || r.Header.Get("X-Amz-Security-Token") != "of-the-role" {
		t.Errorf("with the role: %v, %v", err, r.Header)
	}
}

func TestSettingsThatCannotBeRead(t *testing.T) {
	alone(t)
	t.Setenv("AWS_PROFILE", "gone")
	if _, err := aws.New(config.AWS{Region: "us-east-1"}, "aps", nil); err == nil || err.Error() != `AWS's shared files have no profile "gone"` {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), []byte("[gone]\naws_access_key_id = AKIDEXAMPLE\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := aws.New(config.AWS{Region: "us-east-1"}, "aps", nil); err == nil || strings.Contains(err.Error(), "AKIDEXAMPLE") {
		t.Errorf("half an access key: %v", err)
	}
}
