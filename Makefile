# Two commands do everything: make run, make test.

STATE ?= state

.PHONY: run build test check bench

# Build the server and run it on its embedded default: SQLite under ./state, no broker, no Keystone.
run: build
	mkdir -p $(STATE)
	exec bin/neutron-server --config-file etc/neutron/neutron.conf --state_path $(CURDIR)/$(STATE)

# neutron-server is also Neutron's other server commands, by the name it is called by.
build:
	go build -o bin/ ./cmd/...
	for name in neutron-api neutron-rpc-server neutron-periodic-workers; do ln -sf neutron-server bin/$$name; done

# Install what the tests need and run them all.
test:
	.ci/test

# The checks that need no test: formatting, vet, staticcheck.
check:
	.ci/check

# The figures of the README: the load generator against a server of its own, the cost of supervision, and that of the pipeline.
bench: build
	bin/neutron-bench --own bin/neutron-server
	go test -run - -bench Supervision -benchtime 40x ./actors
	go test -run - -bench Pipeline -benchtime 20x ./supervisor
