package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// TestImage makes the image, unpacks it, and runs the program in it: as its user in its root
// where this process may (root on Linux), otherwise from the unpacked folder.
func TestImage(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil { // the image's user has to get in
		t.Fatal(err)
	}
	program := os.Getenv("PLIMSOLL_PROGRAM")
	if program == "" {
		program = filepath.Join(folder, "plimsoll")
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -X plimsoll/server/version.release=v9.8.7", "-o", program, "./cmd/plimsoll")
		build.Dir, build.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
	}
	output := filepath.Join(folder, "plimsoll.tar")
	if err := write(output, labels("v9.8.7", "3f2a91c"), []string{"linux/amd64=" + program, "linux/arm64=" + program}); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(folder, "again.tar")
	if err := write(again, labels("v9.8.7", "3f2a91c"), []string{"linux/amd64=" + program, "linux/arm64=" + program}); err != nil {
		t.Fatal(err)
	}
	first, _ := os.ReadFile(output)
	second, _ := os.ReadFile(again)
	if len(first) == 0 || !bytes.Equal(first, second) {
		t.Error("the same program gives another image")
	}
	root := unpacked(t, output, folder)
	if out, err := inside(t.Context(), root, "version").CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "plimsoll version ") {
		t.Fatalf("version: %v\n%s", err, out)
	}
	serves(t, root)
}

// unpacked gives the file system of the archive's image for this machine.
func unpacked(t *testing.T, archive, folder string) string {
	t.Helper()
	extract := func(from io.Reader, to string) {
		for files := tar.NewReader(from); ; {
			header, err := files.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(to, filepath.FromSlash(header.Name))
			if header.Typeflag == tar.TypeDir {
				if err := os.MkdirAll(name, 0o755); err != nil {
					t.Fatal(err)
				}
			} else {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				content, err := io.ReadAll(files)
				if err == nil {
					err = os.WriteFile(name, content, header.FileInfo().Mode().Perm())
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if os.Getuid() == 0 {
				if err := errors.Join(os.Chown(name, header.Uid, header.Gid), os.Chmod(name, header.FileInfo().Mode())); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	at := filepath.Join(folder, "layout")
	extract(file, at)
	path, err := layout.FromPath(at)
	if err != nil {
		t.Fatal(err)
	}
	index, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(folder, "root")
	for _, one := range manifest.Manifests {
		if one.Platform.Architecture != runtime.GOARCH {
			continue
		}
		image, err := index.Image(one.Digest)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil || config.Config.User != "65532:65532" || config.Config.Labels["org.opencontainers.image.version"] != "v9.8.7" {
			t.Errorf("%+v, %v", config, err)
		}
		extract(mutate.Extract(image), root)
		return root
	}
	t.Fatalf("no image for %s in %v", runtime.GOARCH, []v1.Descriptor(manifest.Manifests))
	return ""
}

// chroots reports whether this process may run a command in a root of its own, with /proc,
// which a container has.
var chroots = sync.OnceValue(func() bool {
	return os.Getuid() == 0 && exec.Command("unshare", "--mount", "mount", "--bind", "/proc", "/proc").Run() == nil && exec.Command("chroot", "/", "true").Run() == nil
})

// inside is a command in the image.
func inside(ctx context.Context, root string, args ...string) *exec.Cmd {
	if !chroots() {
		return exec.CommandContext(ctx, filepath.Join(root, "usr/bin/plimsoll"), args...)
	}
	const script = `mkdir -p "$0/proc" && mount --bind /proc "$0/proc" && exec chroot --userspec=65532:65532 "$0" /usr/bin/plimsoll "$@"`
	return exec.CommandContext(ctx, "unshare", append([]string{"--mount", "sh", "-c", script, root}, args...)...)
}

// serves starts the server in the image and waits for its health.
func serves(t *testing.T, root string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(filepath.Join(root, "etc/plimsoll/app.pem"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	cmd := inside(ctx, root, "serve")
	prefix, data := "", filepath.Join(root, "data/plimsoll.db")
	if chroots() {
		data = "/data/plimsoll.db"
	} else {
		prefix = root
	}
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "SSL_CERT_FILE=" + prefix + "/etc/ssl/certs/ca-certificates.crt"}, "PLIMSOLL_LISTEN="+address, "PLIMSOLL_ADMIN_LISTEN=127.0.0.1:0", "PLIMSOLL_DATABASE=sqlite:"+data, "PLIMSOLL_GITHUB_APP_INTEGRATION_ID=1",
		"PLIMSOLL_GITHUB_APP_WEBHOOK_SECRETS=a secret of the webhook", "PLIMSOLL_GITHUB_APP_PRIVATE_KEY_FILE="+prefix+"/etc/plimsoll/app.pem", "PLIMSOLL_GITHUB_V3_API_URL=http://127.0.0.1:1", "PLIMSOLL_ACCOUNTS=acme")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for healthy := false; !healthy; {
		select {
		case err := <-ended:
			t.Fatalf("the server ended: %v\n%s", err, log.String())
		case <-time.After(20 * time.Millisecond):
		}
		if answer, err := http.Get("http://" + address + "/readyz"); err == nil {
			healthy = answer.StatusCode == http.StatusOK
			_ = answer.Body.Close()
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("stopped by SIGTERM: %v\n%s", err, log.String())
	}
}
