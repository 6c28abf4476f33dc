package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// benchProject owns everything that the benchmark makes.
const benchProject = "neutron-bench"

// arena is what the scenarios work on: networks, ports and security groups of one project.
type arena struct {
	addr string
	conn *conn
	// networks are to be deleted in the end, with their ports.
	networks []string
}

func newArena(addr string) (*arena, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	return &arena{addr: addr, conn: c}, nil
}

// network makes a network, and a subnet of it for every CIDR.
func (a *arena) network(name string, cidrs ...string) (string, error) {
	id, err := a.create("network", map[string]any{"name": name, "project_id": benchProject})
	if err != nil {
		return "", err
	}
	a.networks = append(a.networks, id)
	for _, cidr := range cidrs {
		version := 4
		if strings.Contains(cidr, ":") {
			version = 6
		}
		_, err := a.create("subnet", map[string]any{"network_id": id, "ip_version": version, "cidr": cidr, "project_id": benchProject})
		if err != nil {
			return "", err
		}
	}
	return id, nil
}

// port is the body of a request for a port.
func port(network string) map[string]any {
	return map[string]any{"network_id": network, "project_id": benchProject, "name": "bench"}
}

// createPort is the request for one port, or for a bulk of n.
func createPort(network string, n int) request {
	var body any = map[string]any{"port": port(network)}
	if n > 1 {
		ports := make([]any, n)
		for i := range ports {
			ports[i] = port(network)
		}
		body = map[string]any{"ports": ports}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings, maps and slices only
	}
	return request{method: "POST", path: "/v2.0/ports", body: raw}
}

// fill makes n ports by bulks of a hundred.
func (a *arena) fill(network string, n int) error {
	const bulk = 100
	for made := 0; made < n; made += bulk {
		if err := a.expect(createPort(network, max(2, min(bulk, n-made))), http.StatusCreated, nil); err != nil {
			return fmt.Errorf("fill network %s: %w", network, err)
		}
	}
	return nil
}

// many makes n resources of the project by bulks.
func (a *arena) many(name string, n int) error {
	const bulk = 100
	for made := 0; made < n; made += bulk {
		items := make([]any, min(bulk, n-made))
		for i := range items {
			items[i] = map[string]any{"name": fmt.Sprintf("many-%d", made+i), "project_id": benchProject}
		}
		raw, err := json.Marshal(map[string]any{name + "s": items})
		if err != nil {
			return err
		}
		r := request{method: "POST", path: "/v2.0/" + strings.ReplaceAll(name, "_", "-") + "s", body: raw}
		if err := a.expect(r, http.StatusCreated, nil); err != nil {
			return err
		}
	}
	return nil
}

// create makes one resource and returns its id.
func (a *arena) create(name string, attributes map[string]any) (string, error) {
	body, err := json.Marshal(map[string]any{name: attributes})
	if err != nil {
		return "", err
	}
	var answer bytes.Buffer
	if err := a.expect(request{method: "POST", path: "/v2.0/" + name + "s", body: body}, http.StatusCreated, &answer); err != nil {
		return "", err
	}
	var made map[string]struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer.Bytes(), &made); err != nil {
		return "", fmt.Errorf("create %s: %w", name, err)
	}
	return made[name].ID, nil
}

// expect sends a request that has to be answered with that status.
func (a *arena) expect(r request, want int, into *bytes.Buffer) error {
	if into == nil {
		into = new(bytes.Buffer)
	}
	status, err := a.conn.do(r.bytes(a.addr), into)
	if err == nil && status != want {
		err = fmt.Errorf("status %d: %s", status, into)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	return nil
}

// clean deletes every port, then the networks.
func (a *arena) clean() error {
	for _, network := range a.networks {
		for {
			var answer bytes.Buffer
			path := "/v2.0/ports?fields=id&limit=1000&network_id=" + network
			if err := a.expect(request{method: "GET", path: path}, http.StatusOK, &answer); err != nil {
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
				if err := a.expect(request{method: "DELETE", path: "/v2.0/ports/" + p.ID}, http.StatusNoContent, nil); err != nil {
					return err
				}
			}
		}
		if err := a.expect(request{method: "DELETE", path: "/v2.0/networks/" + network}, http.StatusNoContent, nil); err != nil {
			return err
		}
	}
	return nil
}
