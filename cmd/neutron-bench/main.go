// Command neutron-bench drives a Neutron endpoint with a fixed number of keep-alive connections and prints one JSON object
// a line for each measurement. Beside each rate stands the floor: a bare net/http server in this process that executes the
// statements which the request costs hadron, on a copy of its database, and answers with the same bytes. The same client
// drives both in turns, so that what else the machine does falls on both.
//
//	neutron-bench --own bin/neutron-server        start a server of its own (SQLite in a temporary folder) and measure it
//	neutron-bench --url http://127.0.0.1:9696     measure a server that runs; it creates and deletes networks and ports. The
//	                                              floor then has no statements, and what needs thousands of objects is left out
//
// With --own the growth of costs is measured, too: the same requests with --ports ports stored and with a thousand.
// Load goes to loopback only, and is bounded by --connections and --duration.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"time"
)

type options struct {
	url         string
	own         string
	connections int
	duration    time.Duration
	warmup      time.Duration
	starts      int
	ports       int
	only        string
}

func main() {
	var o options
	flag.StringVar(&o.url, "url", "", "drive the server at this address")
	flag.StringVar(&o.own, "own", "", "start this neutron-server binary and drive it")
	flag.IntVar(&o.connections, "connections", 8, "keep-alive connections")
	flag.DurationVar(&o.duration, "duration", 5*time.Second, "time per measurement")
	flag.DurationVar(&o.warmup, "warmup", time.Second, "time before a measurement that does not count")
	flag.IntVar(&o.starts, "starts", 5, "starts of the process to measure, with --own")
	flag.IntVar(&o.ports, "ports", 100_000, "ports to store for the growth measurements, 0 for none, with --own")
	flag.StringVar(&o.only, "only", "", "measure only scenarios whose name contains this")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "neutron-bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	switch {
	case (o.url == "") == (o.own == ""):
		return fmt.Errorf("exactly one of --url and --own is needed")
	case o.connections < 1 || o.connections > 1024:
		return fmt.Errorf("--connections %d is not within 1 and 1024", o.connections)
	case o.duration <= 0 || o.duration > time.Minute:
		return fmt.Errorf("--duration %s is not within 0 and 1m", o.duration)
	case o.ports != 0 && (o.ports < growthStep || o.ports > 1_000_000):
		return fmt.Errorf("--ports %d is neither 0 nor within %d and 1000000", o.ports, growthStep)
	}
	report := json.NewEncoder(out)
	if o.own == "" {
		addr, err := loopback(o.url)
		if err != nil {
			return err
		}
		return measureURL(ctx, o, addr, report)
	}
	return measureOwn(ctx, o, report)
}

// loopback returns host:port of a URL, and refuses anything that is not this machine.
func loopback(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", err
	}
	addr, err := net.ResolveTCPAddr("tcp", u.Host)
	if err != nil {
		return "", fmt.Errorf("--url %s: %w", raw, err)
	}
	if !addr.IP.IsLoopback() {
		return "", fmt.Errorf("--url %s: %s is not loopback", raw, addr.IP)
	}
	return u.Host, nil
}
