package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startLine is the measurement of starting the process.
type startLine struct {
	Scenario string `json:"scenario"`
	Starts   int    `json:"starts"`
	Median   int64  `json:"median_ms"`
	Worst    int64  `json:"worst_ms"`
}

// memoryLine is the memory of the idle process.
type memoryLine struct {
	Scenario string `json:"scenario"`
	PSS      int64  `json:"pss_kb"`
}

// measureOwn starts the binary on a database of its own: first to create it, then a few times on the existing one for the
// time to the first 200, then for the scenarios.
func measureOwn(ctx context.Context, o options, report *json.Encoder) error {
	dir, err := os.MkdirTemp("", "neutron-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &server{binary: o.own, dir: dir}
	if err := s.configure(); err != nil {
		return err
	}
	times, err := s.starts(o.starts + 1)
	if err != nil {
		return err
	}
	if err := report.Encode(startLine{Scenario: "start-new-database", Starts: 1, Median: times[0], Worst: times[0]}); err != nil {
		return err
	}
	again := times[1:]
	slices.Sort(again)
	if err := report.Encode(startLine{Scenario: "start", Starts: len(again), Median: again[len(again)/2], Worst: again[len(again)-1]}); err != nil {
		return err
	}
	if _, err := s.start(); err != nil {
		return err
	}
	err = s.idleMemory("memory-idle", report)
	if err == nil {
		err = s.measure(ctx, o, report)
	}
	if err == nil {
		err = s.idleMemory("memory-after-load", report)
	}
	return errors.Join(err, s.stop())
}

// server is a neutron-server process of our own.
type server struct {
	binary, dir, addr string
	cmd               *exec.Cmd
}

func (s *server) configure() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.addr = l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("[DEFAULT]\nbind_port = %s\nlog_file = %s\nstate_path = %s\n"+
		"[ml2_type_vxlan]\nvni_ranges = 1:100000\n"+
		"[quotas]\nquota_network = -1\nquota_subnet = -1\nquota_port = -1\nquota_security_group = -1\nquota_security_group_rule = -1\n",
		port, filepath.Join(s.dir, "server.log"), s.dir)
	return os.WriteFile(filepath.Join(s.dir, "bench.conf"), []byte(text), 0o600)
}

// arguments are those of the process.
func (s *server) arguments() []string {
	return []string{"--config-file", "etc/neutron/neutron.conf", "--config-file", filepath.Join(s.dir, "bench.conf")}
}

// startLimit bounds the wait for the first answer.
const startLimit = 30 * time.Second

// start runs the process and returns when it answers, with the time that took.
func (s *server) start() (time.Duration, error) {
	s.cmd = exec.Command(s.binary, s.arguments()...)
	s.cmd.Stdout, s.cmd.Stderr = os.Stderr, os.Stderr
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, err
	}
	for time.Since(begin) < startLimit {
		if c, err := dial(s.addr); err == nil {
			status, err := c.do(request{method: "GET", path: "/"}.bytes(s.addr), nil)
			took := time.Since(begin)
			if errors.Join(err, c.Close()) == nil && status == 200 {
				return took, nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return 0, errors.Join(fmt.Errorf("no answer within %s", startLimit), s.stop())
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

func (s *server) starts(n int) ([]int64, error) {
	var times []int64
	for range n {
		took, err := s.start()
		if err != nil {
			return nil, err
		}
		times = append(times, took.Milliseconds())
		if err := s.stop(); err != nil {
			return nil, err
		}
	}
	return times, nil
}

// tick is the unit of /proc/PID/stat: USER_HZ, a hundred everywhere but on Alpha.
const tick = 10 * time.Millisecond

// timeOf is the processor time of a process.
func timeOf(pid int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name of the program, in parentheses, may have blanks. utime and stime are the 12th and 13th fields behind it.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	user, errUser := strconv.ParseInt(fields[11], 10, 64)
	system, errSystem := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, errors.Join(errUser, errSystem)
}

// settle is how long the process is left alone before its memory is looked at.
const settle = 2 * time.Second

// idleMemory prints the proportional set size of the process.
func (s *server) idleMemory(name string, report *json.Encoder) error {
	time.Sleep(settle)
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", s.cmd.Process.Pid))
	if err != nil {
		return err
	}
	for scanner := bufio.NewScanner(bytes.NewReader(data)); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		if len(fields) > 1 && fields[0] == "Pss:" {
			kb, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return err
			}
			return report.Encode(memoryLine{Scenario: name, PSS: kb})
		}
	}
	return errors.New("no Pss in smaps_rollup")
}
