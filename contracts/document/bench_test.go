package document

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// generatedYAML is a contract of n operations, written as people and generators write it.
func generatedYAML(n int) []byte {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo:\n  title: Generated\n  version: '1'\npaths:\n")
	for i := range n {
		fmt.Fprintf(&b, `  /orders%d/{id}:
    get:
      operationId: getOrder%d
      summary: Get one order
      description: |
        Returns the order with its lines.
        Prices are in the smallest unit of the currency.
      parameters:
        - name: id
          in: path
          required: true
          schema: {type: string, format: uuid}
      responses:
        '200':
          description: "The order"
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Order%d'
`, i, i, i)
	}
	b.WriteString("components:\n  schemas:\n")
	for i := range n {
		fmt.Fprintf(&b, "    Order%d:\n      type: object\n      required: [id, lines]\n      properties:\n        id: {type: string}\n        total:\n          type: integer\n          minimum: 0\n", i)
	}
	return []byte(b.String())
}

// BenchmarkYAMLReaders compares the block scanner with the full parser, go.yaml.in/yaml,
// which reads what the scanner gives up on: see docs/adr/0013-second-yaml-reader.md. The
// real contracts are read where they are at hand.
func BenchmarkYAMLReaders(b *testing.B) {
	texts := map[string][]byte{"generated": generatedYAML(2_000)}
	found, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "specs", "*", "base.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range found {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		texts[filepath.Base(filepath.Dir(file))] = data
	}
	for name, data := range texts {
		for reader, read := range map[string]func(*Doc, Limits) error{"blocks": parseYAMLBlocks, "full": parseYAMLNodes} {
			b.Run(name+"/"+reader, func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if err := read(&Doc{File: name, src: string(data), yaml: true}, testLimits); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
