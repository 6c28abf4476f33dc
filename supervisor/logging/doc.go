// Package logging writes the log of the daemon: oslo.log's line formats, levels and files, fed by zerolog.
//
// It owns the sinks (a file that follows logrotate, stderr, stdout), the compiled line formats, and the level of every named
// logger. Programs that parse a Neutron log find the same text here: the defaults of logging_context_format_string and of its
// sisters are those of oslo.log 8, with Python's level names and dotted logger names.
//
// It promises: one write per record, so lines of different goroutines never mix; a message always reaches the log, even when
// the event around it is not valid JSON; a Log can be reconfigured while it is written to, and either takes the whole new
// Config or none of it; loggers handed out earlier follow at once.
//
// It differs from oslo.log where that is safer: a format that cannot be printed is refused by Open and not per record; control
// characters that a client could smuggle into a field are printed escaped, so that no request can forge a log line; fields
// beyond the known ones follow the message as key=value; the file's device and inode are compared once a second and not before
// every record.
//
// It never reads configuration (the caller maps options to Config), never creates directories, never sets zerolog's global
// variables, and relies on the field names in them being the defaults. It has no package-level state: two Logs in one process
// do not know of each other. Syslog, journald, in-process rotation, rate limiting and log_config_append are not part of it.
package logging
