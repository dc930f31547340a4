package server

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"plimsoll/config"
)

// Links are signed with what the operator says, else with the private key, however it is
// written.
func TestWhatEvidenceLinksAreSignedWith(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	with := func(kind string, der []byte, secrets ...string) [][]byte {
		conf := config.DefaultServer()
		conf.GitHub.App.PrivateKey = config.PrivateKey{Secret: config.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))}
		for _, secret := range secrets {
			conf.LinkSecrets = append(conf.LinkSecrets, config.LinkSecret{Secret: config.NewSecret(secret)})
		}
		got, err := linkSecrets(conf)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one, two := with("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), with("PRIVATE KEY", other)
	if len(one) != 1 || len(two) != 1 || !bytes.Equal(one[0], two[0]) {
		t.Error("the same key in two forms signs two ways")
	}
	if got := with("PRIVATE KEY", other, "new", "old"); len(got) != 2 || string(got[0]) != "new" || string(got[1]) != "old" {
		t.Errorf("%d secrets, expected the operator's two in their order", len(got))
	}
}

func TestEvidenceIsReachable(t *testing.T) {
	for public, want := range map[config.URL]string{
		"https://plimsoll.acme.dev": "https://plimsoll.acme.dev", "http://10.0.0.7:8080": "http://10.0.0.7:8080", "http://localhost:8080": "", "": "",
	} {
		if got := reachable(public); got != want {
			t.Errorf("%q: %q, expected %q", public, got, want)
		}
	}
}
