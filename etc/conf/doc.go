// Package conf is the oslo.config dialect: it reads neutron.conf, ml2_conf.ini and the command line as Neutron's server
// does, and turns them into one immutable Snapshot.
//
// It owns the INI dialect, the option table (names, types, bounds, defaults, deprecated names, command line switches, and
// which options have no effect and why), the search paths, substitution, and the texts of every complaint about them. The
// table stands in the files options_*.go: options that something reads are handles, the others are lists. docs/options.md
// and the sample configuration are made from it.
//
// It promises that Load checks everything at once: whoever holds a Snapshot holds only valid values, and whoever gets an
// error gets every problem, each with its file and line. Two Snapshots can be compared (Diff), and each difference says what
// it takes to apply it.
//
// It never logs, never starts a goroutine, never reads the file system or the environment but through its Source, and
// keeps no state: two configurations in one process do not meet.
//
// It is compared with the real oslo.config, that of OpenStack 2026.1: TestDialectIsThatOfOsloConfig has both read thousands of
// generated configurations, and lists what differs on purpose, each with its reason: values are checked at load instead of at
// first use, all of them, and a broken one once; the command line is checked first; a substitution names the variable that is
// missing; neither secrets nor passwords inside URLs are in any text. An unknown option draws a warning. Where oslo's value is
// none because a number is empty, or is beyond 64 bits, it is shown so, and the server works with the default or the nearest.
//
// Files come from whoever writes them: neither their size nor what they refer to makes loading take time or memory without
// limit.
package conf
