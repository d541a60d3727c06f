# Roomline: `make run` serves the site, `make test` proves it, `make help` lists the rest.

BINARY    := roomline
CLIENT    := public/vendor/socket.io.esm.min.js
EMBEDDED  := realtime/widget/client/socket.io.esm.min.js
PACKAGES  := tests/node_modules/.package-lock.json
PEERS     := bench/peers/node/node_modules/.package-lock.json
LINTER    := tools/bin/golangci-lint
RACING    := tests/out/roomline-race
BARE      := tests/out/conformance
PORTABLE  := tests/out/roomline-portable
FORUM     := tests/out/forum
HOST      := tests/out/host
FUZZTIME  ?= 1m
NODE_TEST := node --test --test-reporter=spec

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: run run-forum build assets test fmt fmt-check vet lint types test-go test-js test-client test-python \
	test-proxy test-browser test-bench bench bench-quick screenshot fuzz clean help node

run: build ## serve the site on SQLite (ARGS="--addr :8080 --db other.db")
	./$(BINARY) $(ARGS)

run-forum: assets ## serve the example of a host: a forum with the chat in it (ARGS="-addr :8080")
	go run ./examples/forum $(ARGS)

build: assets ## compile ./roomline, page and browser client included
	go build -o $(BINARY) .

assets: $(CLIENT) $(EMBEDDED) ## copy the browser client from npm to where pages and the widget have it

test: fmt-check vet lint types test-go test-js test-client test-python test-proxy test-browser test-bench ## everything; installs what it lacks
	@echo "make test: all passed"

fmt: ## format the Go code
	gofmt -w .

fmt-check:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || \
		{ echo "not formatted (make fmt): $$unformatted"; exit 1; }

vet: assets ## go vet
	go vet ./...
	cd bench && go vet ./...

lint: assets $(LINTER) ## golangci-lint, as .golangci.yml says
	$(LINTER) run ./...
	cd bench && ../$(LINTER) run ./...

types: $(PACKAGES) ## the page's modules against the types in their comments
	tests/node_modules/.bin/tsc -p public/jsconfig.json

test-go: assets ## Go tests under the race detector
	go test -race -p 4 -timeout 5m ./...
	go test -p 4 -timeout 5m -tags portable -skip TenThousand ./realtime ./realtime/transport ./realtime/socketio/... # where connections cannot be parked: what stands on the transport
	cd bench && go test -race -timeout 5m $$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...)

test-js: node $(PACKAGES) ## the page's own modules
	$(NODE_TEST) tests/js/*.test.mjs

test-client: node $(RACING) $(BARE) $(PACKAGES) ## the official Socket.IO client against servers built with the race detector
	ROOMLINE_BINARY=$(CURDIR)/$(RACING) $(NODE_TEST) --test-concurrency=6 $(or $(TESTS),tests/client/*.test.mjs)

test-python: build ## Debian's python-socketio against the program, and shortly against a build that parks no connections
	@tests/debian.sh python
	ROOMLINE_BINARY=$(CURDIR)/$(BINARY) /usr/bin/python3 tests/python/contract.py
	ROOMLINE_BINARY=$(CURDIR)/$(BINARY) /usr/bin/python3 tests/python/reference.py
	ROOMLINE_BINARY=$(CURDIR)/$(BINARY) /usr/bin/python3 tests/python/clients.py
	@mkdir -p $(dir $(PORTABLE))
	go build -tags portable -o $(PORTABLE) .
	ROOMLINE_BINARY=$(CURDIR)/$(PORTABLE) /usr/bin/python3 tests/python/clients.py

test-proxy: node build $(PACKAGES) ## Debian's nginx and HAProxy in front, with the configurations of docs/deploy
	@tests/debian.sh proxies
	ROOMLINE_BINARY=$(CURDIR)/$(BINARY) $(NODE_TEST) tests/proxy/*.test.mjs

test-browser: node build $(FORUM) $(HOST) $(PACKAGES) ## people in real browsers
	@tests/debian.sh chromium
	ROOMLINE_BINARY=$(CURDIR)/$(BINARY) ROOMLINE_FORUM=$(CURDIR)/$(FORUM) $(NODE_TEST) --test-concurrency=3 $(or $(TESTS),tests/browser/*.test.mjs)

test-bench: build ## the benchmarks on a small scale, to find out whether they work; and that a delivery allocates nothing
	go test -run '^$$' -bench 'FanOut|Delivery' -benchmem -benchtime 200x ./realtime/feed ./realtime/transport
	cd bench && go run . -smoke -roomline ../$(BINARY) -peers limit,hub,socketio,chat

bench: node build $(PEERS) ## measure beside what people would use instead, and renew docs/performance.md
	cd bench && go run . -roomline ../$(BINARY) -out ../docs/performance.md

bench-quick: node build $(PEERS) ## a rougher picture in less than two minutes, only printed
	cd bench && go run . -quick -roomline ../$(BINARY)

screenshot: ## take the README's picture anew
	$(MAKE) test-browser TESTS=tests/browser/look.test.mjs
	@mkdir -p docs
	cp tests/out/desktop.png docs/screenshot.png

# Until Go 1.27 a fuzzing that found nothing may end with that error (go.dev/issue/75804). What it
# did find stands in testdata, and fails when the seeds are run.
fuzz: assets ## every fuzz target for FUZZTIME (1m)
	@mkdir -p tests/out
	@for package in $$(go list ./...); do \
		targets=$$(go test -list '^Fuzz' $$package) || { echo "$$targets"; exit 1; }; \
		for target in $$(echo "$$targets" | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$package 2>&1 | tee tests/out/fuzz.log; \
			grep -q '^ok' tests/out/fuzz.log || { grep -q '^    context deadline exceeded$$' tests/out/fuzz.log && \
				go test -run "^$$target\$$" $$package; } || exit 1; \
		done; \
	done

clean: ## remove what make made
	rm -rf $(BINARY) $(CLIENT) $(EMBEDDED) tests/node_modules tests/out tools/bin bench/peers/node/node_modules bench/out

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:[^#]*## /\t/' | \
		while IFS=$$(printf '\t') read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

node:
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || \
		{ echo "tests and benchmarks need Node 20 or newer, with npm"; exit 1; }

# npm writes the lock inside node_modules last, so it stands for a finished install.
$(PACKAGES): tests/package.json tests/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: apt-get install nodejs npm (Node 20 or newer)"; exit 1; }
	npm ci --prefix tests --no-fund --no-audit
	@touch $@

# better-sqlite3 comes compiled, or is: then it needs python3, a C++ compiler and Node's headers.
$(PEERS): bench/peers/node/package.json bench/peers/node/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: apt-get install nodejs npm (Node 20 or newer)"; exit 1; }
	npm ci --prefix bench/peers/node --no-fund --no-audit
	@touch $@

$(CLIENT) $(EMBEDDED): $(PACKAGES)
	@mkdir -p $(@D)
	cp tests/node_modules/socket.io-client/dist/$(@F) $@

# Compiled once per version; the tools have a module of their own so that nothing of
# theirs is among Roomline's dependencies.
$(LINTER): tools/go.mod
	cd tools && go build -o bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.PHONY: $(RACING) $(BARE) $(FORUM) $(HOST)
$(RACING): assets
	@mkdir -p $(@D)
	go build -race -o $@ .

$(FORUM): assets
	@mkdir -p $(@D)
	go build -o $@ ./examples/forum

$(HOST): assets
	@mkdir -p $(@D)
	go build -o $@ ./tests/host

$(BARE):
	@mkdir -p $(@D)
	go build -race -o $@ ./realtime/internal/conformance
