// Package logging writes the log of the daemon: oslo.log's line formats, levels and sinks, fed by zerolog.
//
// It owns the sinks (files that follow logrotate or are rotated here, stderr, stdout, syslog, systemd's journal), the compiled
// line formats, the level of every named logger, and the rate limit. Programs that parse a Neutron log find the same text here:
// the defaults of logging_context_format_string and of its sisters are those of oslo.log, with Python's level names and dotted
// logger names. testdata/oslo holds what oslo.log 5.0.1 writes for the same records.
//
// It promises: every write is of whole records, and of one but for busy access logs (see Lines), so lines of different goroutines
// never mix, nor those of processes that share a file; a
// message always reaches the log, even when the event around it is not valid JSON; a Log can be reconfigured while it is written
// to, and either takes the whole new Config or none of it, losing no line; loggers handed out earlier follow at once; no log
// daemon that is away or slow holds up the server, and what it does not take is counted and reported.
//
// How it is built: a Config becomes a plan (plan.go), which is handlers in Python's sense, each with a level, a formatter and the
// spec of a sink, and a route for each logger that has handlers of its own. The options make a plan with one route, that of
// the root (planOfOptions); a log_config_append makes one with as many as it has loggers (logconfig.go). Reconfigure compiles the
// next plan, opens the sinks whose specs the plan before has not, swaps the two, and closes what nobody wants any more.
//
// It differs from oslo.log where that is safer: a format that cannot be printed is refused by Open and not per record; control
// characters that a client could smuggle into a field are printed escaped, so that no request can forge a log line; fields
// beyond the known ones follow the message as key=value; the file's device and inode are compared once a second and not before
// every record, but for files that are rotated here.
//
// It never reads configuration (the caller maps options to Config, the text of log_config_append included), never creates
// directories, never runs anything that a configuration says, never sets zerolog's global variables, and relies on the field names
// in them being the defaults. It has no package-level state: two Logs in one process do not know of each other.
package logging
