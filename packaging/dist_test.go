package packaging

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// `make dist` twice gives the same archive, byte for byte. Its program knows its release, and
// its bill of materials lists every module in the program.
func TestArchives(t *testing.T) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	name := "plimsoll_9.8.7_" + strings.ReplaceAll(platform, "/", "_")
	made := func() (folder string) {
		folder = t.TempDir()
		cmd := exec.CommandContext(t.Context(), "make", "-C", "..", "dist", "VERSION=v9.8.7", "PLATFORMS="+platform, "DIST="+folder)
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return folder
	}
	first, second := made(), made()
	if a, b := contentOf(t, first, "checksums.txt"), contentOf(t, second, "checksums.txt"); !bytes.Equal(a, b) {
		t.Errorf("two builds of one commit differ:\n%s%s", a, b)
	}
	check := exec.CommandContext(t.Context(), "sha256sum", "--check", "checksums.txt")
	check.Dir = first
	if output, err := check.CombinedOutput(); err != nil || strings.Count(string(output), ": OK") != 2 {
		t.Errorf("%v\n%s", err, output)
	}

	files := unpack(t, contentOf(t, first, name+".tar.gz"))
	for _, file := range []string{"LICENSE", "README.md", "man/plimsoll.1", "plimsoll"} {
		if len(files[name+"/"+file]) == 0 {
			t.Errorf("the archive has no %s", file)
		}
	}
	program := filepath.Join(t.TempDir(), "plimsoll")
	if err := os.WriteFile(program, files[name+"/plimsoll"], 0o700); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), program, "--version").CombinedOutput(); err != nil || !strings.Contains(string(output), "v9.8.7") {
		t.Errorf("%v: %s", err, output)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	listed := componentsOf(t, contentOf(t, first, name+".cdx.json"))
	if listed["plimsoll"] != "v9.8.7" {
		t.Errorf("the bill of materials is of %q", listed["plimsoll"])
	}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		if listed[module.Path] != module.Version {
			t.Errorf("the bill of materials has %s %q; the program has %s", module.Path, listed[module.Path], module.Version)
		}
	}
	if len(info.Deps) < 50 || listed["std"] == "" {
		t.Errorf("%d modules, and the standard library is %q", len(info.Deps), listed["std"])
	}
}

func contentOf(t *testing.T, folder, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// unpack gives the files of an archive by name.
func unpack(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	files, reader := map[string][]byte{}, tar.NewReader(unzipped)
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
}

// componentsOf gives the versions in a bill of materials in the form of CycloneDX.
func componentsOf(t *testing.T, content []byte) map[string]string {
	t.Helper()
	type component struct{ Name, Version string }
	var bill struct {
		BomFormat  string
		Metadata   struct{ Component component }
		Components []component
	}
	if err := json.Unmarshal(content, &bill); err != nil || bill.BomFormat != "CycloneDX" {
		t.Fatalf("%q, %v", bill.BomFormat, err)
	}
	versions := map[string]string{bill.Metadata.Component.Name: bill.Metadata.Component.Version}
	for _, one := range bill.Components {
		versions[one.Name] = one.Version
	}
	return versions
}
