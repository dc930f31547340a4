// Command image makes the container image from static programs, without Docker: an archive
// in the format of OCI with one image for each platform.
//
//	image -output plimsoll.tar -version v1.4.0 linux/amd64=bin/plimsoll-amd64 linux/arm64=bin/plimsoll-arm64
package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user that the program runs as; nobody else has the number.
const user = 65532

func main() {
	output := flag.String("output", "plimsoll.tar", "archive to write")
	version := flag.String("version", "", "version of the program")
	commit := flag.String("commit", "", "commit that it was built from")
	flag.Parse()
	if err := write(*output, labels(*version, *commit), flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func labels(version, commit string) map[string]string {
	return map[string]string{
		"org.opencontainers.image.title": "Plimsoll", "org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.source":  "https://github.com/plimsoll/plimsoll",
		"org.opencontainers.image.version": version, "org.opencontainers.image.revision": commit,
	}
}

// write makes the archive of images, each given as OS/ARCH=PROGRAM.
func write(output string, labels map[string]string, images []string) error {
	if len(images) == 0 {
		return errors.New("no program: give them as linux/amd64=FILE")
	}
	var index v1.ImageIndex = mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, image := range images {
		name, program, _ := strings.Cut(image, "=")
		platform, err := v1.ParsePlatform(name)
		if err != nil || program == "" {
			return fmt.Errorf("%s: expected OS/ARCH=FILE", image)
		}
		made, err := imageOf(program, platform, labels)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: made, Descriptor: v1.Descriptor{Platform: platform}})
	}
	folder, err := os.MkdirTemp("", "plimsoll-image-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if _, err := layout.Write(folder, index); err != nil {
		return fmt.Errorf("write the image: %w", err)
	}
	return archive(output, folder)
}

func imageOf(program string, platform *v1.Platform, labels map[string]string) (v1.Image, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	files, err := layer(content)
	if err != nil {
		return nil, err
	}
	made, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil }, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), made)
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, withConfig(image, platform, labels))
}

func withConfig(image v1.Image, platform *v1.Platform, labels map[string]string) *v1.ConfigFile {
	config, err := image.ConfigFile()
	if err != nil {
		panic("an image in memory has a configuration: " + err.Error())
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = platform.OS, platform.Architecture
	config.Config = v1.Config{
		User: fmt.Sprintf("%d:%d", user, user), WorkingDir: "/data", Labels: labels,
		Entrypoint: []string{"/usr/bin/plimsoll"}, Cmd: []string{"serve", "--config", "/etc/plimsoll/server.yml"},
		Env:          []string{"PATH=/usr/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}, "8081/tcp": {}},
	}
	return config
}

// layer is everything in the image: the program, the authorities that certificates come from,
// a user, and folders that it may write to. The same program gives the same bytes.
func layer(program []byte) ([]byte, error) {
	var roots bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue // a file of certificates can't say the constraint
		}
		if err := pem.Encode(&roots, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	account := fmt.Sprintf("plimsoll:x:%d:%d:Plimsoll:/data:/sbin/nologin\n", user, user)
	group := fmt.Sprintf("plimsoll:x:%d:\n", user)
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, file := range []struct {
		name    string
		mode    int64
		owner   int
		content []byte
	}{
		{"data/", 0o700, user, nil},
		{"etc/", 0o755, 0, nil},
		{"etc/group", 0o644, 0, []byte(group)},
		{"etc/passwd", 0o644, 0, []byte(account)},
		{"etc/plimsoll/", 0o755, 0, nil},
		{"etc/ssl/", 0o755, 0, nil},
		{"etc/ssl/certs/", 0o755, 0, nil},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, 0, roots.Bytes()},
		{"tmp/", 0o1777, 0, nil},
		{"usr/", 0o755, 0, nil},
		{"usr/bin/", 0o755, 0, nil},
		{"usr/bin/plimsoll", 0o755, 0, program},
	} {
		kind := byte(tar.TypeReg)
		if strings.HasSuffix(file.name, "/") {
			kind = tar.TypeDir
		}
		header := &tar.Header{Typeflag: kind, Name: file.name, Mode: file.mode, Uid: file.owner, Gid: file.owner, Size: int64(len(file.content)), ModTime: time.Unix(0, 0)}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(file.content); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

// archive packs a folder.
func archive(output, folder string) (err error) {
	file, err := os.Create(output)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := tar.NewWriter(file)
	err = filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: filepath.ToSlash(inside), Mode: 0o644, Size: int64(len(content)), ModTime: time.Unix(0, 0)}); err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
	return errors.Join(err, w.Close())
}
