package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// line is one measurement as it is printed.
type line struct {
	Scenario    string `json:"scenario"`
	Connections int    `json:"connections"`
	Bytes       int    `json:"bytes"` // of one answer's body
	result
	Floor float64 `json:"floor_rate"` // a bare net/http server with the same bytes, same run
	Ratio float64 `json:"ratio"`      // rate / floor_rate
}

// measure runs every scenario against the server at addr, and removes what they made.
func measure(o options, addr string, report *json.Encoder) error {
	a, err := prepare(addr)
	if err != nil {
		return err
	}
	defer a.conn.Close()
	for _, s := range []struct {
		name   string
		status int
		next   func(connection, i int) []byte
		sample request
	}{
		{name: "get-network", status: 200, sample: request{method: "GET", path: "/v2.0/networks/" + a.network}},
		{name: "get-port", status: 200, sample: request{method: "GET", path: "/v2.0/ports/" + a.port}},
		{name: "list-networks", status: 200, sample: request{method: "GET", path: "/v2.0/networks?project_id=" + benchProject}},
		{name: "create-port", status: 201, sample: request{method: "POST", path: "/v2.0/ports", body: a.portBody()}},
	} {
		raw := s.sample.bytes(addr)
		if err := a.scenario(o, s.name, s.status, raw, report); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return a.clean()
}

func (a *arena) scenario(o options, name string, status int, raw []byte, report *json.Encoder) error {
	var answer bytes.Buffer
	if got, err := a.conn.do(raw, &answer); err != nil || got != status {
		return fmt.Errorf("status %d, want %d: %s (%v)", got, status, answer.String(), err)
	}
	next := func(int, int) []byte { return raw }
	if _, err := load(a.addr, o.connections, o.warmup, status, next); err != nil {
		return err
	}
	r, err := load(a.addr, o.connections, o.duration, status, next)
	if err != nil {
		return err
	}
	floor, err := floorOf(o, status, answer.Bytes(), next)
	if err != nil {
		return err
	}
	return report.Encode(line{Scenario: name, Connections: o.connections, Bytes: answer.Len(), result: r,
		Floor: floor.Rate, Ratio: r.Rate / floor.Rate})
}

// floorOf measures a bare net/http server that reads the request and answers with body.
func floorOf(o options, status int, body []byte, next func(int, int) []byte) (result, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return result{}, err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Content-Type"], h["Content-Length"] = []string{"application/json"}, []string{strconv.Itoa(len(body))}
		w.WriteHeader(status)
		_, _ = w.Write(body) // the client counts what it gets
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	defer func() { _ = server.Close(); <-served }()
	if _, err := load(l.Addr().String(), o.connections, o.warmup/2, status, next); err != nil {
		return result{}, err
	}
	return load(l.Addr().String(), o.connections, o.duration/2, status, next)
}

// benchProject owns everything that the benchmark makes.
const benchProject = "neutron-bench"

// arena is what the scenarios work on: a network with a large subnet and one port, among a few other networks.
type arena struct {
	addr          string
	conn          *conn
	network, port string
	others        []string
}

// subnetCIDR has room for every port that a minute of creating can make.
const subnetCIDR = "10.128.0.0/10"

// otherNetworks make the list of networks longer than one.
const otherNetworks = 9

func prepare(addr string) (*arena, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	a := &arena{addr: addr, conn: c}
	if a.network, err = a.create("network", map[string]any{"name": "bench", "project_id": benchProject}); err != nil {
		return nil, err
	}
	for i := range otherNetworks {
		id, err := a.create("network", map[string]any{"name": fmt.Sprintf("other-%d", i), "project_id": benchProject})
		if err != nil {
			return nil, err
		}
		a.others = append(a.others, id)
	}
	_, err = a.create("subnet", map[string]any{"network_id": a.network, "ip_version": 4, "cidr": subnetCIDR, "project_id": benchProject})
	if err != nil {
		return nil, err
	}
	a.port, err = a.create("port", map[string]any{"network_id": a.network, "project_id": benchProject})
	return a, err
}

func (a *arena) portBody() []byte {
	return fmt.Appendf(nil, `{"port": {"network_id": "%s", "project_id": "%s", "name": "bench"}}`, a.network, benchProject)
}

// create makes one resource and returns its id.
func (a *arena) create(name string, attributes map[string]any) (string, error) {
	body, err := json.Marshal(map[string]any{name: attributes})
	if err != nil {
		return "", err
	}
	var answer bytes.Buffer
	status, err := a.conn.do(request{method: "POST", path: "/v2.0/" + name + "s", body: body}.bytes(a.addr), &answer)
	if err != nil {
		return "", err
	}
	if status != http.StatusCreated {
		return "", fmt.Errorf("create %s: status %d: %s", name, status, answer.String())
	}
	var made map[string]struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer.Bytes(), &made); err != nil {
		return "", fmt.Errorf("create %s: %w", name, err)
	}
	return made[name].ID, nil
}

// clean deletes every port, then the networks.
func (a *arena) clean() error {
	var answer bytes.Buffer
	for {
		path := "/v2.0/ports?fields=id&limit=1000&network_id=" + a.network
		if _, err := a.conn.do(request{method: "GET", path: path}.bytes(a.addr), &answer); err != nil {
			return err
		}
		var page struct{ Ports []struct{ ID string } }
		if err := json.Unmarshal(answer.Bytes(), &page); err != nil {
			return err
		}
		if len(page.Ports) == 0 {
			break
		}
		for _, p := range page.Ports {
			if err := a.delete("/v2.0/ports/" + p.ID); err != nil {
				return err
			}
		}
	}
	for _, id := range append(a.others, a.network) {
		if err := a.delete("/v2.0/networks/" + id); err != nil {
			return err
		}
	}
	return nil
}

func (a *arena) delete(path string) error {
	var answer bytes.Buffer
	status, err := a.conn.do(request{method: "DELETE", path: path}.bytes(a.addr), &answer)
	if err == nil && status != http.StatusNoContent {
		err = fmt.Errorf("delete %s: status %d: %s", path, status, answer.String())
	}
	return err
}
