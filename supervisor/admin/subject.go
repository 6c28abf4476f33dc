package admin

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Subject is the server that is looked at: Tree and Vitals are required. Of the rest, what is nil is not offered: its paths
// answer 501, and the report and the metrics go without it.
type Subject struct {
	// Package names the program in the report and in neutron_build_info.
	Package Package
	// Tree is asked for every look; *otp.Root is one.
	Tree Tree
	// Vitals says how the server is as a whole.
	Vitals Vitals
	// Reloader is behind POST /reload.
	Reloader Reloader
	// Levels is behind /log-level.
	Levels Levels
	// Workers is behind /workers, the report's pools and the pool gauges.
	Workers Workers
	// Replacer is behind POST /workers/replace: only a server with worker processes has one.
	Replacer Replacer
	// Upgrader is behind POST /upgrade.
	Upgrader Upgrader
	// Config is behind /config and the report's configuration.
	Config Config
	// Counters, Requests, HookFailures and Reloads are made with their constructors and fed by the server.
	Counters     *Counters
	Requests     *Requests
	HookFailures *HookFailures
	Reloads      *Reloads
	// Fleet, in a server with worker processes, counts in place of Requests and HookFailures.
	Fleet *Fleet
	// Collectors are further metrics, such as those of a database pool.
	Collectors []prometheus.Collector
}

// Package is what the head of the report says about the program.
type Package struct {
	Product, Vendor, Version string
}

// Tree gives snapshots of the supervision tree. It must not wait for an actor.
type Tree interface {
	Tree() otp.Node
}

// Vitals gives the state of the server as a whole. It must not wait for an actor.
type Vitals interface {
	Vitals() Vital
}

// Phase is where a server is in its life.
type Phase uint8

// The phases of a server.
const (
	PhaseStarting Phase = iota
	PhaseRunning
	PhaseStopping
)

// Vital is what a server knows of itself beyond its tree.
type Vital struct {
	Phase Phase
	// Waiting is what the start or the stop still waits for, for people.
	Waiting []string
	// Degraded has reasons that the tree does not show, such as a database that is away.
	Degraded []string
	// Framework is the front controller; zero where there is no API.
	Framework Framework
	// Generation is the number of the application that serves.
	Generation int
}

// Framework names the front controller that the configuration wants and the one that serves.
type Framework struct {
	Preferred string `json:"preferred"`
	Current   string `json:"current"`
}

// Reloader re-reads the configuration and returns when it is in force, or why it is not; an *IncompleteError when it is not
// everywhere. The end of ctx ends the wait, not the reload.
type Reloader interface {
	Reload(ctx context.Context) error
}

// Levels shows and sets what is logged. Without a logger, SetLogLevel sets the level of the whole log.
type Levels interface {
	LogLevels() LogLevels
	SetLogLevel(logger, level string) error
}

// LogLevels are the level of the log and those of the loggers that have one of their own.
type LogLevels struct {
	Level   string            `json:"level"`
	Loggers map[string]string `json:"loggers,omitempty"`
}

// Config lists the options in force, as Options does for a conf.Snapshot.
type Config interface {
	Options() []Option
}

// Option is one option with its value as it may be shown.
type Option struct {
	Group  string `json:"group"`
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}
