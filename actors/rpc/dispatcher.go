package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// pingMethod is answered by oslo.messaging itself where rpc_ping_enabled says so; no endpoint may have it.
const pingMethod = "oslo_rpc_server_ping"

// Method serves one method of an endpoint. args is a JSON object; the result must be encodable as JSON.
type Method func(ctx context.Context, args json.RawMessage) (any, error)

// Endpoint is a set of methods under one namespace and version.
type Endpoint struct {
	// Namespace is usually empty: all of Neutron's q-plugin APIs have none.
	Namespace string
	// Version is the newest the methods speak; empty is 1.0.
	Version string
	Methods map[string]Method
}

// Dispatcher finds the method that a message asks for. It never changes after NewDispatcher.
type Dispatcher struct{ endpoints []Endpoint }

// NewDispatcher returns a dispatcher over endpoints, which are asked in this order.
func NewDispatcher(endpoints ...Endpoint) (*Dispatcher, error) {
	d := &Dispatcher{endpoints: make([]Endpoint, len(endpoints))}
	for i, e := range endpoints {
		if e.Version == "" {
			e.Version = defaultVersion
		}
		if err := e.validate(); err != nil {
			return nil, fmt.Errorf("rpc: endpoint %d (namespace %q, version %q): %w", i, e.Namespace, e.Version, err)
		}
		d.endpoints[i] = e
	}
	return d, nil
}

func (e Endpoint) validate() error {
	if _, ok := parseVersion(e.Version); !ok {
		return fmt.Errorf("version %q is not <major>.<minor>", e.Version)
	}
	for name, m := range e.Methods {
		if m == nil || name == "" || name == pingMethod {
			return fmt.Errorf("method %q is empty or reserved", name)
		}
	}
	return nil
}

// Dispatch runs the method m asks for and returns its encoded result.
func (d *Dispatcher) Dispatch(ctx context.Context, m Message) (json.RawMessage, error) {
	method, err := d.find(m)
	if err != nil {
		return nil, err
	}
	args := m.Args
	if len(args) == 0 {
		args = json.RawMessage("{}")
	}
	result, err := method(WithContext(ctx, m.Context), args)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("rpc: %s: result: %w", m.Method, err)
	}
	return raw, nil
}

func (d *Dispatcher) find(m Message) (Method, error) {
	version := m.Version
	if version == "" {
		version = defaultVersion
	}
	compatible := false
	for _, e := range d.endpoints {
		if e.Namespace != m.Namespace || !Compatible(e.Version, version) {
			continue
		}
		if method, ok := e.Methods[m.Method]; ok {
			return method, nil
		}
		compatible = true
	}
	if compatible {
		return nil, noSuchMethod(m.Method)
	}
	return nil, unsupportedVersion(version, m.Method)
}

// Handle makes a Method of a function with typed arguments. An argument that A does not know, or that does not fit, is
// the caller's TypeError, as Python's would be.
func Handle[A, R any](f func(ctx context.Context, args A) (R, error)) Method {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var args A
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&args); err != nil {
			return nil, NewRemoteError(moduleBuiltins, "TypeError", err.Error())
		}
		return f(ctx, args)
	}
}
