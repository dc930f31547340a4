# Every task, with `make help`.
SHELL := /bin/bash
GO ?= go
# Flags for `go test`; .ci/run adds -race.
TESTFLAGS ?=
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0
SQLC := github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1

.DEFAULT_GOAL := help
.PHONY: help build demo serve test quick lint vuln bench generate golden clean

help: ## list the tasks
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/plimsoll
	$(GO) build -o bin/plimsoll ./cmd/plimsoll

demo: ## the main job on this machine, with a simulated GitHub
	$(GO) run ./cmd/plimsoll demo

test: ## everything: unit, front door, SQLite and PostgreSQL, browser (installs what it needs where it may)
	@.ci/services
	$(GO) test $(TESTFLAGS) -timeout 20m ./...

quick: ## the tests that need nothing installed
	$(GO) test -short ./...

lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

vuln: ## known vulnerabilities (needs Go's vulnerability database, or GOVULNDB)
	$(GO) run $(GOVULNCHECK) $(if $(GOVULNDB),-db $(GOVULNDB)) ./...

bench: ## benchmarks beside their named peers
	$(GO) test -run '^$$' -bench . -benchmem ./...

generate: ## queries (sqlc) and what else is generated
	CGO_ENABLED=0 $(GO) install $(SQLC)
	PATH="$$($(GO) env GOPATH)/bin:$$PATH" $(GO) generate ./...

golden: ## rewrite the golden files; read the difference before you commit it
	$(GO) test ./contracts ./contracts/evidence ./checks ./server ./server/demo ./server/simulator -update

clean: ## remove what was built
	rm -rf bin .cache
