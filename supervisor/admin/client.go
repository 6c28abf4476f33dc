package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// Client asks an admin listener. It keeps no connections, and may be used from anywhere.
type Client struct {
	address string
	base    string
	http    http.Client
}

// NewClient returns a client of the listener at address, which is written as for Listen.
func NewClient(address string) *Client {
	kind, where := network(address)
	c := &Client{address: address, base: "http://" + where}
	transport := &http.Transport{DisableKeepAlives: true}
	if kind == "unix" {
		c.base = "http://localhost"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", where)
		}
	}
	c.http.Transport = transport
	return c
}

// RefusedError is an answer of the server that is none of success.
type RefusedError struct {
	Status int
	// Text is the server's reason.
	Text string
}

// Error returns the server's reason.
func (e *RefusedError) Error() string { return e.Text }

// UnreachableError says that there was no answer.
type UnreachableError struct {
	// Address is where there was none.
	Address string
	Err     error
}

// Error names the address.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("admin socket %s: %v", e.Address, e.Err)
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Tree returns the supervision tree.
func (c *Client) Tree(ctx context.Context) (Node, error) { return get[Node](ctx, c, "/tree") }

// TreeText returns the drawn tree, all without folding equal siblings.
func (c *Client) TreeText(ctx context.Context, all bool) (string, error) {
	return c.text(ctx, fmt.Sprintf("/tree?format=text&all=%t", all))
}

// Health returns how the server is.
func (c *Client) Health(ctx context.Context) (Health, error) { return get[Health](ctx, c, "/health") }

// Ready returns whether the server takes requests. That it does not is no error.
func (c *Client) Ready(ctx context.Context) (Readiness, error) {
	body, status, err := c.do(ctx, http.MethodGet, "/readyz", nil)
	if err != nil {
		return Readiness{}, err
	}
	if status != http.StatusOK && status != http.StatusServiceUnavailable {
		return Readiness{}, refused(status, body)
	}
	return unmarshal[Readiness](c, body)
}

// Reload has the server read its configuration again, waits for it, and returns its health afterwards.
func (c *Client) Reload(ctx context.Context) (Health, error) {
	return send[Health](ctx, c, http.MethodPost, "/reload", nil)
}

// Workers returns the workers and their pools.
func (c *Client) Workers(ctx context.Context) ([]Worker, error) {
	return get[[]Worker](ctx, c, "/workers")
}

// Resize changes the number of workers or handlers, and returns the workers afterwards.
func (c *Client) Resize(ctx context.Context, r Resize) ([]Worker, error) {
	return send[[]Worker](ctx, c, http.MethodPut, "/workers", r)
}

// Replace gives every worker process a successor, one by one, and waits for it. With an error come those that were replaced
// before it.
func (c *Client) Replace(ctx context.Context) ([]Replacement, error) {
	body, status, err := c.do(ctx, http.MethodPost, "/workers/replace", nil)
	if err != nil {
		return nil, err
	}
	if status == http.StatusOK {
		made, err := unmarshal[Replaced](c, body)
		return made.Replaced, err
	}
	var made Replaced
	_ = json.Unmarshal(body, &made) // refused has the word on a body that is none
	return made.Replaced, refused(status, body)
}

// Upgrade has a new process of the program take over from the server, waits until it does, and returns its pid.
func (c *Client) Upgrade(ctx context.Context) (pid int, err error) {
	u, err := send[Upgraded](ctx, c, http.MethodPost, "/upgrade", nil)
	return u.PID, err
}

// LogLevels returns what is logged.
func (c *Client) LogLevels(ctx context.Context) (LogLevels, error) {
	return get[LogLevels](ctx, c, "/log-level")
}

// SetLogLevel sets the level of a logger, or of the whole log when it is empty, and returns all levels afterwards.
func (c *Client) SetLogLevel(ctx context.Context, logger, level string) (LogLevels, error) {
	return send[LogLevels](ctx, c, http.MethodPut, "/log-level", LevelChange{Logger: logger, Level: level})
}

// Options returns the configuration in force.
func (c *Client) Options(ctx context.Context) ([]Option, error) {
	return get[[]Option](ctx, c, "/config")
}

// Failures returns the last failures of actors.
func (c *Client) Failures(ctx context.Context) ([]Failure, error) {
	return get[[]Failure](ctx, c, "/failures")
}

// Counts returns what the server's own process has counted.
func (c *Client) Counts(ctx context.Context) (Counts, error) {
	return get[Counts](ctx, c, "/counts")
}

// Report returns the Guru Meditation Report.
func (c *Client) Report(ctx context.Context) (string, error) { return c.text(ctx, "/report") }

// Metrics returns what Prometheus would get.
func (c *Client) Metrics(ctx context.Context) (string, error) { return c.text(ctx, "/metrics") }

func (c *Client) text(ctx context.Context, path string) (string, error) {
	body, status, err := c.do(ctx, http.MethodGet, path, nil)
	if err == nil && status != http.StatusOK {
		err = refused(status, body)
	}
	if err != nil {
		return "", err
	}
	return string(body), nil
}

func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	return send[T](ctx, c, http.MethodGet, path, nil)
}

// send sends v as JSON, unless it is nil, and reads a T.
func send[T any](ctx context.Context, c *Client, method, path string, v any) (T, error) {
	var none T
	var body []byte
	if v != nil {
		var err error
		if body, err = json.Marshal(v); err != nil {
			return none, fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	answer, status, err := c.do(ctx, method, path, body)
	if err != nil {
		return none, err
	}
	if status != http.StatusOK {
		return none, refused(status, answer)
	}
	return unmarshal[T](c, answer)
}

func unmarshal[T any](c *Client, body []byte) (T, error) {
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fmt.Errorf("admin socket %s: the answer is not understood: %w", c.address, err)
	}
	return v, nil
}

// do returns the whole answer. An error means that there was none.
func (c *Client) do(ctx context.Context, method, path string, body []byte) ([]byte, int, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, fmt.Errorf("admin socket %s: %w", c.address, err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok { // its address is made up
			err = e.Err
		}
		return nil, 0, &UnreachableError{Address: c.address, Err: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, 0, fmt.Errorf("admin socket %s: %w", c.address, err)
	}
	return answer, response.StatusCode, nil
}

// refused reads the reason out of an answer.
func refused(status int, body []byte) error {
	var p problem
	if json.Unmarshal(body, &p) != nil || p.Error == "" {
		p.Error = fmt.Sprintf("%d %s", status, http.StatusText(status))
	}
	return &RefusedError{Status: status, Text: p.Error}
}
