# Every task, with `make help`.
SHELL := /bin/bash
GO ?= go
# Flags for `go test`; .ci/run adds -race.
TESTFLAGS ?=
# Hundreds of server processes that are stopped, and mostly waited for: packaging is tested beside them. They run without TESTFLAGS: a race in a process
# that is killed fails no test, and the same code runs in the other tests of ./server.
KILLS := ^(TestKill|TestOvertaken)$$
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEADCODE := golang.org/x/tools/cmd/deadcode@v0.52.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0
CYCLONEDX := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
SQLC := github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1

.DEFAULT_GOAL := help
.PHONY: help build man image dist demo test quick lint deadcode vuln bench nightly repeat fuzz generate golden texts pictures clean

help: ## list the tasks
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/plimsoll: one static file without symbols
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w" -o bin/plimsoll ./cmd/plimsoll

man: ## man pages and completions of shells, in bin/man
	PLIMSOLL_MAN=$(CURDIR)/bin/man $(GO) test -count=1 -run '^TestManPages$$' ./cmd/plimsoll

# What a release holds. VERSION is a tag such as v1.4.0; the date is that of the commit.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
STAMP = -X plimsoll/server/version.release=$(VERSION) -X plimsoll/server/version.commit=$(shell git rev-parse HEAD 2>/dev/null) -X plimsoll/server/version.date=$(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

DIST ?= bin/dist

# The archives depend on the commit, the tag and the version of Go only: `make dist` again
# gives the same bytes. Each has a bill of materials beside it, read from its program.
dist: man ## archives for all platforms with bills of materials and checksums, in bin/dist
	@rm -rf $(DIST) && mkdir -p $(DIST) && GOBIN=$(CURDIR)/bin/tools $(GO) install $(CYCLONEDX)
	@set -e; for p in $(PLATFORMS); do os=$${p%/*} arch=$${p#*/}; name=plimsoll_$(VERSION:v%=%)_$${os}_$$arch; mkdir -p $(DIST)/$$name/man; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags="-s -w $(STAMP)" -o $(DIST)/$$name/plimsoll ./cmd/plimsoll; \
	  cp LICENSE README.md $(DIST)/$$name; cp bin/man/* $(DIST)/$$name/man; chmod -R u=rwX,go=rX $(DIST)/$$name; \
	  bin/tools/cyclonedx-gomod bin -json -std -licenses -noserial -notimestamp -version $(VERSION) -output $(DIST)/$$name.cdx.json $(DIST)/$$name/plimsoll 2>/dev/null; \
	  tar -C $(DIST) --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - $$name | gzip -9n > $(DIST)/$$name.tar.gz; done
	@cd $(DIST) && sha256sum *.tar.gz *.cdx.json > checksums.txt && cat checksums.txt

image: ## the container image for linux/amd64 and linux/arm64, in bin/plimsoll-image.tar
	@set -e; for a in amd64 arm64; do CGO_ENABLED=0 GOOS=linux GOARCH=$$a $(GO) build -trimpath -ldflags="-s -w $(STAMP)" -o bin/image/plimsoll-$$a ./cmd/plimsoll; done
	cd packaging && $(GO) run ./image -output $(CURDIR)/bin/plimsoll-image.tar -version $(VERSION) -commit $(shell git rev-parse HEAD) linux/amd64=$(CURDIR)/bin/image/plimsoll-amd64 linux/arm64=$(CURDIR)/bin/image/plimsoll-arm64

demo: ## the main job on this machine, with a simulated GitHub
	CGO_ENABLED=0 $(GO) run ./cmd/plimsoll demo

test: ## everything: unit, front door, SQLite and PostgreSQL, browser (installs what it needs where it may)
	@.ci/services
	$(GO) test $(TESTFLAGS) -timeout 75m -parallel 4 -skip '$(KILLS)' ./server ./... # the longest first: the others run beside it
	cd deploy/signal/benchmark && $(GO) test $(TESTFLAGS) -tags ablation ./... # a module of its own
	@echo "the kill tests, without TESTFLAGS (see KILLS), and the module packaging"
	@mkdir -p bin; (cd packaging && $(GO) test ./... >../bin/packaging.txt 2>&1) & beside=$$!; \
	$(GO) test -timeout 30m -parallel 4 -run '$(KILLS)' ./server; kills=$$?; \
	wait $$beside; packaging=$$?; cat bin/packaging.txt; exit $$((kills + packaging))

quick: ## the tests that need nothing installed
	$(GO) test -short ./...

lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	cd deploy/signal/benchmark && $(GO) vet -tags ablation ./...
	cd packaging && $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

# What only tests reach may stand in test files, in packages *test, and in the simulator and
# the testbed; what not even tests reach, nowhere.
deadcode: ## functions that nothing reaches
	@program=$$($(GO) run $(DEADCODE) ./cmd/plimsoll) && tests=$$($(GO) run $(DEADCODE) -test ./...) || exit 1; \
	dead=$$({ grep -vE '^server/(simulator|testbed)/' <<<"$$program"; echo "$$tests"; } | sort -u | grep .); \
	test -z "$$dead" || { echo "$$dead"; exit 1; }

vuln: ## known vulnerabilities (needs Go's vulnerability database, or GOVULNDB)
	$(GO) run $(GOVULNCHECK) $(if $(GOVULNDB),-db $(GOVULNDB)) ./...

bench: ## benchmarks beside their named peers
	$(GO) test -run '^$$' -bench . -benchmem ./...
	cd deploy/signal/benchmark && $(GO) test -run '^$$' -bench . -benchmem .

nightly: ## the long runs: a million cases of the soundness test, every mutation, oasdiff as oracle, the judge of signals beside others, the first reading of 2,000 repositories, a day of merges every 5 minutes, kill -9 at reads too, 10 minutes for each fuzz target
	PLIMSOLL_SOUNDNESS=1000000 $(GO) test -v -timeout 6h -run TestSoundness ./contracts/soundnesstest
	PLIMSOLL_MUTATIONS=20 $(GO) test -timeout 1h -run TestMutations ./contracts/diff
	cd contracts/oracle && $(GO) test -timeout 1h ./...
	cd deploy/signal/benchmark && PLIMSOLL_JUDGE=full $(GO) test -v -timeout 1h -run TestResults .
	PLIMSOLL_KILLS=all $(GO) test -v -timeout 1h -run 'TestKill$$' ./server
	PLIMSOLL_DAY=full $(GO) test -v -timeout 1h -run 'TestGateAllDay$$' ./server
	PLIMSOLL_BOOTSTRAP=2000 $(GO) test -timeout 30m -run TheFirstReading ./server
	$(MAKE) fuzz FUZZTIME=10m

COUNT ?= 20
repeat: ## the tests that start processes or draw random numbers, COUNT times (20): hours
	$(GO) test -count=$(COUNT) -timeout 24h $$(git grep -lE 'math/rand|exec\.Command' -- '*_test.go' | xargs -n1 dirname | sort -u | grep -vE '^(\.|server|contracts/oracle|deploy/signal/benchmark)$$' | sed 's,^,./,')
	$(GO) test -count=$(COUNT) -timeout 24h -run 'TestKill$$|TestOvertaken|TheFirstReadingSurvives|TestServerEnds|TestGitHubsOwn' ./server

FUZZTIME ?= 30s
fuzz: ## every fuzz target in turn, FUZZTIME each
	@set -e; for p in $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do \
	  for t in $$(cd $$p && $(GO) test -list '^Fuzz' . | grep ^Fuzz); do \
	    echo "== $$p $$t"; (cd $$p && $(GO) test -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) .); \
	  done; done

generate: ## queries (sqlc) and what else is generated
	CGO_ENABLED=0 $(GO) install $(SQLC)
	PATH="$$($(GO) env GOPATH)/bin:$$PATH" $(GO) generate ./...

# The packages whose tests have the flag -update, themselves or from a package for tests.
golden: ## rewrite the golden files; read the difference before you commit it
	$(GO) test $$(git grep -lE 'flag\.Bool\("update"|"plimsoll/(checks/text/texttest|server/testbed/testbedtest)"' -- '*_test.go' ':!deploy/signal/benchmark' | xargs -n1 dirname | sort -u | sed 's,^,./,') -update

texts: ## write every text that a person may read to bin/texts.txt, to read them in one go
	@mkdir -p bin
	PLIMSOLL_TEXTS=$(CURDIR)/bin/texts.txt $(GO) test -count=1 -run TestTextsArePlain .
	@wc -lc bin/texts.txt

# Those of the demo go into docs. bin/pictures has every page, on a screen and on a phone, in
# light and in dark, to look at.
pictures: ## renew the pictures in docs, and those of every page in bin/pictures (needs Chromium)
	@rm -rf bin/pictures && mkdir -p bin/pictures
	CI=true PLIMSOLL_SHOTS=$(CURDIR)/bin/pictures $(GO) test -count=1 -run InABrowser ./server/demo ./server/dashboard/... ./server/evidence ./cmd/plimsoll
	cp bin/pictures/pull.png docs/pull-request.png
	cp bin/pictures/evidence.png docs/evidence.png
	for page in overview component api can-i-deploy graph overview-dark-phone deployments-dark-phone; do cp bin/pictures/dashboard-$$page.png docs/dashboard-$$page.png; done

clean: ## remove what was built
	rm -rf bin .cache
