package rpc

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// defaultVersion is what a target, an endpoint and a message without version mean.
const defaultVersion = "1.0"

// Target says where messages go to, or where a server takes them from.
type Target struct {
	// Exchange is the scope of topics; empty is the transport's own (control_exchange).
	Exchange string
	Topic    string
	// Server addresses one host's server on Topic; a server must have it.
	Server string
	// Fanout makes a cast reach every server on Topic.
	Fanout bool
	// Namespace and Version choose among the endpoints of a server.
	Namespace, Version string
}

// Message is one request: the method of an endpoint and its keyword arguments.
type Message struct {
	// ID is 32 hexadecimal digits, new for every message.
	ID     string
	Method string
	// Args is a JSON object; empty means no arguments.
	Args json.RawMessage
	// Namespace and Version choose the endpoint; no version means 1.0.
	Namespace, Version string
	// Context is the request's context: a JSON object, its keys without the wire's "_context_".
	Context json.RawMessage
}

// Validate reports what would make m undeliverable.
func (m Message) Validate() error {
	if m.Method == "" {
		return fmt.Errorf("rpc: message %s has no method", m.ID)
	}
	for name, part := range map[string]json.RawMessage{"args": m.Args, "context": m.Context} {
		if len(part) > 0 && !isObject(part) {
			return fmt.Errorf("rpc: %s: %s are not a JSON object: %.40q", m.Method, name, part)
		}
	}
	return nil
}

func isObject(raw json.RawMessage) bool {
	return json.Valid(raw) && strings.HasPrefix(strings.TrimLeft(string(raw), " \t\r\n"), "{")
}

// NewID returns 32 random hexadecimal digits, as _unique_id and _msg_id have.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it fills b or crashes the program
	return hex.EncodeToString(b[:])
}

// Compatible reports whether an endpoint of version offered serves a message of version wanted: the same major, and a
// minor (and with equal minors a revision) that is not newer. A version that is none is compatible with nothing.
func Compatible(offered, wanted string) bool {
	o, ok1 := parseVersion(offered)
	w, ok2 := parseVersion(wanted)
	if !ok1 || !ok2 || o[0] != w[0] {
		return false
	}
	return w[1] < o[1] || w[1] == o[1] && w[2] <= o[2]
}

func parseVersion(s string) (v [3]int, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return v, false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return v, false
		}
		v[i] = int(n)
	}
	return v, true
}

type contextKey struct{}

// WithContext returns a ctx under which requests carry the given request context. A server does so for the endpoints it
// runs: what they send on carries the context of what they were sent.
func WithContext(ctx context.Context, request json.RawMessage) context.Context {
	return context.WithValue(ctx, contextKey{}, request)
}

// ContextOf returns the request context of ctx, nil if there is none.
func ContextOf(ctx context.Context) json.RawMessage {
	raw, _ := ctx.Value(contextKey{}).(json.RawMessage)
	return raw
}
