package kubernetes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
)

// What the library gets to see.

// ownAnnotations sets the annotation of the origin, and takes out those in which the
// library keeps its own record.
func ownAnnotations(object map[string]any, number string) {
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return
	}
	kept := map[string]any{}
	if annotations, ok := metadata["annotations"].(map[string]any); ok {
		for key, value := range annotations {
			if _, ok := value.(string); ok && key != originAnnotation && (!strings.Contains(key, "config.kubernetes.io") || key == "config.kubernetes.io/local-config") {
				kept[key] = value
			}
		}
	}
	delete(metadata, "annotations")
	if number != "" {
		kept[originAnnotation] = number
	}
	if len(kept) > 0 {
		metadata["annotations"] = kept
	}
}

// keep puts a resource into what a kustomization builds.
func (s *scan) keep(k *kustomization, m manifest) {
	object, _ := plain(m.node).(map[string]any)
	metadata, _ := object["metadata"].(map[string]any)
	if name, _ := metadata["name"].(string); name == "" || longest(m.node) > maxList {
		s.found.Unread = append(s.found.Unread, Unread{Position: m.position(m.node), Message: fmt.Sprintf("%s %s has no metadata.name, or a list of more than %d entries: it is not checked", m.kind, quote(name), maxList)})
		k.partial = true
		return
	}
	ownAnnotations(object, strconv.Itoa(len(s.origins)))
	data, err := json.Marshal(object)
	if err != nil {
		s.breaks(k, m.node, "", "%s %s can't be read: %s", m.kind, quote(m.name()), err)
		return
	}
	o := origin{manifest: m, text: string(data)}
	s.origins = append(s.origins, o)
	k.origins = append(k.origins, o)
}

// write writes a kustomization and those that it uses anew: each in a folder of its
// own, and no name or address of the outsider's among the paths.
func (s *scan) write(files map[string]string, k *kustomization, numbers map[*kustomization]string) error {
	if numbers[k] != "" {
		return nil
	}
	numbers[k] = fmt.Sprintf("kustomization-%04d", len(numbers))
	var lists [2][]string
	for i, uses := range [][]*kustomization{k.bases, k.components} {
		for _, used := range uses {
			if err := s.write(files, used, numbers); err != nil {
				return err
			}
			lists[i] = append(lists[i], "../"+numbers[used])
		}
	}
	var names []string
	for i, o := range k.origins {
		name := fmt.Sprintf("resource-%04d.yaml", i)
		files[path.Join("/", numbers[k], name)] = o.text
		names = append(names, name)
	}
	data, err := json.Marshal(k.rewritten(names, lists[0], lists[1]))
	if err != nil {
		return err
	}
	files[path.Join("/", numbers[k], "kustomization.yaml")] = string(data)
	return nil
}

var (
	writtenFolder = regexp.MustCompile(`(\.\./|/)?kustomization-\d{4}`)
	writtenName   = regexp.MustCompile(`/?resource-\d{4}\.yaml`)
)

// translate puts the outsider's folders back into what the library says, on one
// short line.
func (s *scan) translate(message string, numbers map[*kustomization]string) string {
	folders := map[string]string{}
	for k, number := range numbers {
		folders[number] = k.folder
	}
	message = writtenFolder.ReplaceAllStringFunc(message, func(written string) string {
		return cmp.Or(folders[strings.TrimLeft(written, "./")], written)
	})
	message = strings.Join(strings.Fields(writtenName.ReplaceAllString(message, "")), " ")
	const most = 240
	if runes := []rune(message); len(runes) > most {
		message = string(runes[:most]) + "…"
	}
	return message
}

// rewritten is the kustomization as the library sees it: only what bears on
// workloads, everything named by names of our own.
func (k *kustomization) rewritten(names []string, bases, components []string) types.Kustomization {
	labels := slices.Clone(k.spec.Labels)
	for i := range labels {
		// Fields of their own may be of any depth, and hold nothing that is read.
		labels[i].FieldSpecs = nil
	}
	//lint:ignore SA1019 what is deprecated is still written, and kustomize still reads it
	if common := k.spec.CommonLabels; len(common) > 0 {
		labels = append([]types.Label{{Pairs: common, IncludeSelectors: true}}, labels...)
	}
	//lint:ignore SA1019 the same
	images := append(k.spec.Images, k.spec.ImageTags...)
	return types.Kustomization{
		TypeMeta:   types.TypeMeta{Kind: cmp.Or(k.spec.Kind, types.KustomizationKind), APIVersion: k.spec.APIVersion},
		MetaData:   &types.ObjectMeta{Name: "kustomization"},
		NamePrefix: k.spec.NamePrefix,
		NameSuffix: k.spec.NameSuffix,
		Namespace:  k.spec.Namespace,
		Labels:     labels,
		Patches:    k.patches,
		Images:     images,
		Resources:  append(names, bases...),
		Components: components,
	}
}
