package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// request is one request as it goes over the wire.
type request struct {
	method, path string
	body         []byte
}

func (r request) bytes(host string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.method, r.path, host)
	if r.body != nil {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(r.body))
	}
	b.WriteString("\r\n")
	b.Write(r.body)
	return b.Bytes()
}

// conn is one keep-alive connection, opened again when the server closes it behind an answer. It speaks just enough
// HTTP/1.1 to cost little: it shares its processors with the server.
type conn struct {
	addr   string
	socket net.Conn
	r      *bufio.Reader
	closes bool // the server closes behind this answer
}

func dial(addr string) (*conn, error) {
	c := &conn{addr: addr, r: bufio.NewReaderSize(nil, 64<<10)}
	return c, c.open()
}

func (c *conn) open() error {
	socket, err := net.Dial("tcp", c.addr)
	if err != nil {
		return err
	}
	c.socket, c.closes = socket, false
	c.r.Reset(socket)
	return nil
}

// Close closes the connection.
func (c *conn) Close() error { return c.socket.Close() }

// do sends raw, reads the answer's body into a buffer unless that is nil, and returns the status.
func (c *conn) do(raw []byte, into *bytes.Buffer) (status int, err error) {
	if c.closes {
		if err := errors.Join(c.Close(), c.open()); err != nil {
			return 0, err
		}
	}
	if _, err := c.socket.Write(raw); err != nil {
		return 0, err
	}
	length := -1
	for first := true; ; first = false {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			if len(line) < 12 {
				return 0, fmt.Errorf("status line %q", line)
			}
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, fmt.Errorf("status line %q", line)
			}
		case len(line) == 0:
			return status, c.body(status, length, into)
		default:
			name, value, _ := bytes.Cut(line, []byte(": "))
			switch {
			case bytes.EqualFold(name, []byte("content-length")):
				if length, err = strconv.Atoi(string(value)); err != nil {
					return 0, fmt.Errorf("content length %q", value)
				}
			case bytes.EqualFold(name, []byte("connection")):
				c.closes = bytes.EqualFold(value, []byte("close"))
			}
		}
	}
}

func (c *conn) body(status, length int, into *bytes.Buffer) error {
	if status == 204 {
		return nil
	}
	if length < 0 {
		return fmt.Errorf("an answer without Content-Length")
	}
	if into == nil {
		_, err := c.r.Discard(length)
		return err
	}
	into.Reset()
	_, err := io.CopyN(into, c.r, int64(length))
	return err
}

// result is what a load came to.
type result struct {
	Requests int     `json:"requests"`
	Errors   int     `json:"errors"`
	Rate     float64 `json:"rate"` // per second
	P50      int64   `json:"p50_us"`
	P99      int64   `json:"p99_us"`
}

// total is what several loads came to.
type total struct {
	latencies []int64 // in microseconds
	failed    int
	took      time.Duration
}

func (t *total) add(other total) {
	t.latencies = append(t.latencies, other.latencies...)
	t.failed += other.failed
	t.took += other.took
}

func (t *total) result() result {
	slices.Sort(t.latencies)
	r := result{Requests: len(t.latencies), Errors: t.failed}
	if n := len(t.latencies); n > 0 {
		r.Rate = float64(n) / t.took.Seconds()
		r.P50, r.P99 = t.latencies[n/2], t.latencies[n*99/100]
	}
	return r
}

// load sends the requests of next over n connections for d and expects status want. i counts from 0 per connection.
func load(addr string, n int, d time.Duration, want int, next func(connection, i int) []byte) (total, error) {
	each := make([]total, n)
	conns := make([]*conn, n)
	for k := range conns {
		c, err := dial(addr)
		if err != nil {
			return total{}, err
		}
		defer c.Close()
		conns[k] = c
	}
	var wg sync.WaitGroup
	start := time.Now()
	for k, c := range conns {
		wg.Go(func() {
			t := &each[k]
			for i := 0; ; i++ {
				before := time.Now()
				if before.Sub(start) >= d {
					return
				}
				status, err := c.do(next(k, i), nil)
				if err != nil {
					t.failed++
					return
				}
				if status != want {
					t.failed++
				}
				t.latencies = append(t.latencies, time.Since(before).Microseconds())
			}
		})
	}
	wg.Wait()
	sum := total{}
	for _, t := range each {
		sum.add(t)
	}
	sum.took = time.Since(start)
	return sum, nil
}
