// Package admin is how an operator looks into a running server and turns its few knobs: the handler behind the admin
// socket, the Guru Meditation Report, the metrics, and the client that neutron-status is made of.
//
// It owns: the paths of the admin listener and their JSON, the drawing of the tree, the layout of the report, the names of
// the metrics, and the counters behind those that nobody else keeps.
//
// # What it promises
//
//   - Looking changes nothing and asks no actor: an answer comes even when the whole tree is stuck, as long as a snapshot can
//     be had. Only the POSTs and PUTs reach the server, and they wait for its answer, for as long as it takes.
//   - A Unix socket has mode 0600 from the moment it exists. A TCP listener is loopback only; over TCP a request whose Host is
//     another name is refused, and so is one that a web page of another origin sends. Beyond that, every user of the machine
//     may do over TCP what the socket's owner may do: the socket is the default for that reason.
//   - Counting a request costs less than 100 ns and never blocks.
//   - Nothing is registered globally: neither in http.DefaultServeMux nor in Prometheus's default registry. Two servers in one
//     process have two admin sides.
//
// # What it never does
//
// It reads no configuration and masks no secrets: the options it shows come masked from package conf. It logs nothing; what
// went wrong goes to who asked. It restarts nothing.
//
// # The paths
//
//	GET  /tree               the supervision tree; ?format=text draws it, &all=true without folding equal siblings
//	GET  /healthz            200 while the process lives and its tree has not ended
//	GET  /readyz             200 when requests are served, 503 with reasons while starting or stopping
//	GET  /health             status, framework, generation, last reload
//	POST /reload             re-reads the configuration and waits: 200, or 422 with the reason
//	GET  /log-level          PUT {"logger": "neutron.wsgi", "level": "DEBUG"}; without logger the whole log
//	GET  /workers            pools and their busy handlers; PUT {"count": 4, "pool_size": 100}
//	POST /workers/replace    gives every worker process a successor, one by one; 409 while that is under way, 501 without any
//	POST /upgrade            has a new process take over, 200 with its pid; 409 while that is under way, 500 when rolled back
//	GET  /failures           the last failures of actors, with the stacks of their panics
//	GET  /config             the options in force and where each came from
//	GET  /report             the Guru Meditation Report
//	GET  /metrics            Prometheus
//	GET  /debug/pprof/       what go tool pprof and go tool trace want
//
// A parent asks its worker processes at /counts, and adds up. The metrics of our own are
//
//	neutron_http_requests_total, neutron_http_request_duration_seconds      answers by method and status, and how long they took
//	neutron_callback_failures_total                                         hooks of resource events that failed behind the request, by event and hook
//	neutron_build_info, neutron_generation, neutron_degraded                what runs, and how
//	neutron_actors                                                          by state
//	neutron_actor_{failures,restarts,leaked,gave_up,degraded,recovered}_total, neutron_worker_restarts_total
//	neutron_pool_{size,busy,waiting,requests_total,panics_total}            by worker
//	neutron_workers_silent                                                  worker processes that did not answer
//	neutron_reloads_total, neutron_last_reload_timestamp_seconds
package admin
