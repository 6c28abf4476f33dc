package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Client sends requests to one target. It is a value: copy it and change the target to address a single server.
type Client struct {
	Transport Transport
	Target    Target
	// Timeout bounds a call (rpc_response_timeout); 0 leaves it to the call's context.
	Timeout time.Duration
}

// Cast sends a request that nobody answers. args is encoded as the object of keyword arguments; nil means none.
func (c Client) Cast(ctx context.Context, method string, args any) error {
	m, err := c.message(ctx, method, args)
	if err != nil {
		return err
	}
	return c.Transport.Cast(ctx, c.Target, m)
}

// Fanout sends a request to every server on the topic.
func (c Client) Fanout(ctx context.Context, method string, args any) error {
	c.Target.Fanout, c.Target.Server = true, ""
	return c.Cast(ctx, method, args)
}

// Call sends a request and decodes the answer into result, which may be nil.
func (c Client) Call(ctx context.Context, method string, args, result any) error {
	m, err := c.message(ctx, method, args)
	if err != nil {
		return err
	}
	raw, err := c.Transport.Call(ctx, c.Target, m, c.Timeout)
	if err != nil || result == nil {
		return err
	}
	if err := json.Unmarshal(raw, result); err != nil {
		return fmt.Errorf("rpc: %s: result: %w", method, err)
	}
	return nil
}

func (c Client) message(ctx context.Context, method string, args any) (Message, error) {
	m := Message{
		ID: NewID(), Method: method, Namespace: c.Target.Namespace, Version: c.Target.Version, Context: ContextOf(ctx),
	}
	if m.Version == "" {
		m.Version = defaultVersion
	}
	if args == nil {
		return m, nil
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return m, fmt.Errorf("rpc: %s: args: %w", method, err)
	}
	m.Args = raw
	return m, m.Validate()
}
