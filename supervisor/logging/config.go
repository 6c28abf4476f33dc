package logging

import (
	"io"
	"os"
	"path/filepath"
	"time"
)

// Config is everything a Log is made from: plain values, one per option of oslo.log. Start from Defaults.
type Config struct {
	// Debug is option debug: the root level is DEBUG and not INFO.
	Debug bool
	// LogFile is log_file. A relative name is taken below LogDir, or below the working directory when LogDir is empty; an
	// absolute one ignores LogDir, as Python's os.path.join does.
	LogFile string
	// LogDir is log_dir. With an empty LogFile the file is <LogDir>/<ProgramName>.log.
	LogDir string
	// ProgramName names the default log file, and the process in JSON records, syslog and the journal. Empty means the base
	// name of os.Args[0].
	ProgramName string
	// Version is printed as %(version)s.
	Version string
	// UseStderr is use_stderr: write to stderr, beside the file if there is one. Without a file, stderr and the journal the
	// records go to stdout.
	UseStderr bool
	// Color is log_color: %(color)s and %(reset_color)s are the codes of a terminal on stderr and stdout, and nothing
	// elsewhere.
	Color bool
	// UseJSON is use_json: one JSON object per record, with the keys of oslo.log's JSONFormatter, in place of text.
	UseJSON bool

	// UseSyslog is use_syslog: write to syslog too.
	UseSyslog bool
	// SyslogFacility is syslog_log_facility, with or without LOG_, in any case. Empty means LOG_USER. The journal gets it too.
	SyslogFacility string
	// SyslogSocket is where syslog listens. Empty means /dev/log.
	SyslogSocket string
	// UseJournal is use_journal: write to systemd's journal, with fields.
	UseJournal bool
	// JournalSocket is where the journal listens. Empty means /run/systemd/journal/socket.
	JournalSocket string

	// RotationType is log_rotation_type: none (or empty), size or interval.
	RotationType string
	// MaxFileSize is max_logfile_size_mb in bytes: the file is rotated before a record would make it reach that.
	MaxFileSize int64
	// MaxFiles is max_logfile_count, of rotated files. With 0, a limit of size rotates nothing, as in Python, and intervals
	// keep all files.
	MaxFiles int
	// RotateInterval is log_rotate_interval: how many of RotateIntervalType, or for Weekday the day, 0 for Monday.
	RotateInterval int
	// RotateIntervalType is log_rotate_interval_type: seconds, minutes, hours, days, weekday or midnight.
	RotateIntervalType string

	// RateInterval, in seconds, and RateBurst are rate_limit_interval and rate_limit_burst: at most so many records in so many
	// seconds. Both must be positive to limit anything.
	RateInterval, RateBurst int
	// RateExceptLevel is rate_limit_except_level: records at or above it are never dropped. Empty means that any may be.
	RateExceptLevel string

	// LogConfigFile is log_config_append: the name of a logging configuration in the form of Python's fileConfig, and
	// LogConfig is its text. When the name is set, the text decides on levels, handlers and formats, and of the options above
	// and below only the formats of oslo.log's ContextFormatter count.
	LogConfigFile string
	LogConfig     []byte
	// Joins is set where another process has begun the files, such as the parent of a worker: mode w then empties none.
	Joins bool

	// DateFormat is log_date_format, in strftime's language. Empty means the default.
	DateFormat string
	// ContextFormat is logging_context_format_string, for records that have a request id. Empty means %(message)s.
	ContextFormat string
	// DefaultFormat is logging_default_format_string, for all other records. Empty means %(message)s.
	DefaultFormat string
	// DebugSuffix is logging_debug_format_suffix, appended after a blank to DEBUG records. Empty means none.
	DebugSuffix string
	// ExceptionPrefix is logging_exception_prefix, put before every line of a stack.
	ExceptionPrefix string
	// UserIdentityFormat is logging_user_identity_format, which makes %(user_identity)s.
	UserIdentityFormat string
	// InstanceFormat is instance_format, which makes %(instance)s from the field instance.
	InstanceFormat string
	// InstanceUUIDFormat is instance_uuid_format, which makes %(instance)s from the field instance_uuid.
	InstanceUUIDFormat string
	// DefaultLevels is default_log_levels: logger=LEVEL, where LEVEL is a name or one of Python's numbers.
	DefaultLevels []string

	// PID is printed as %(process)d. Zero means os.Getpid().
	PID int
	// Clock gives each record its time, and the pace of rotation and of the rate limit. Nil means time.Now, so local time.
	Clock func() time.Time
	// Output, when set, takes the place of all sinks but those of LogConfig. It gets one whole record per Write, is never called by two goroutines at
	// once, and is not closed.
	Output io.Writer

	started time.Time // of the Log, for %(relativeCreated)d
}

// Defaults returns the configuration of a server that sets no logging option.
func Defaults() Config {
	return Config{
		SyslogFacility:     "LOG_USER",
		RotationType:       "none",
		MaxFileSize:        200 << 20,
		MaxFiles:           30,
		RotateInterval:     1,
		RotateIntervalType: "days",
		RateExceptLevel:    "CRITICAL",
		DateFormat:         defaultDateFormat,
		ContextFormat: "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s " +
			"[%(global_request_id)s %(request_id)s %(user_identity)s] %(instance)s%(message)s",
		DefaultFormat: "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s " +
			"[-] %(instance)s%(message)s",
		DebugSuffix:        "%(funcName)s %(pathname)s:%(lineno)d",
		ExceptionPrefix:    "%(asctime)s.%(msecs)03d %(process)d ERROR %(name)s %(instance)s",
		UserIdentityFormat: "%(user)s %(project)s %(domain)s %(system_scope)s %(user_domain)s %(project_domain)s",
		InstanceFormat:     "[instance: %(uuid)s] ",
		InstanceUUIDFormat: "[instance: %(uuid)s] ",
		DefaultLevels: []string{
			"amqp=WARN", "boto=WARN", "sqlalchemy=WARN", "suds=INFO", "oslo.messaging=INFO", "oslo_messaging=INFO",
			"iso8601=WARN", "requests.packages.urllib3.connectionpool=WARN", "urllib3.connectionpool=WARN",
			"websocket=WARN", "requests.packages.urllib3.util.retry=WARN", "urllib3.util.retry=WARN",
			"keystonemiddleware=WARN", "routes.middleware=WARN", "stevedore=WARN", "taskflow=WARN",
			"keystoneauth=WARN", "oslo.cache=INFO", "oslo_policy=INFO", "dogpile.core.dogpile=INFO",
			"OFPHandler=INFO", "OfctlService=INFO", "os_ken.base.app_manager=INFO",
			"os_ken.controller.controller=INFO",
		},
	}
}

const (
	defaultDateFormat    = "%Y-%m-%d %H:%M:%S"
	defaultSyslogSocket  = "/dev/log"
	defaultJournalSocket = "/run/systemd/journal/socket"
)

// filled returns c with the fields whose zero value stands for something else.
func (c Config) filled() Config {
	if c.ProgramName == "" {
		c.ProgramName = filepath.Base(os.Args[0])
	}
	if c.PID == 0 {
		c.PID = os.Getpid()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.started.IsZero() {
		c.started = c.Clock()
	}
	for _, f := range []struct {
		field    *string
		fallback string
	}{
		{&c.DateFormat, defaultDateFormat}, {&c.SyslogFacility, "LOG_USER"}, {&c.SyslogSocket, defaultSyslogSocket},
		{&c.JournalSocket, defaultJournalSocket}, {&c.RotationType, "none"},
	} {
		if *f.field == "" {
			*f.field = f.fallback
		}
	}
	return c
}

// path is where the log file lies; empty when there is none.
func (c Config) path() string {
	switch {
	case c.LogFile == "" && c.LogDir == "":
		return ""
	case c.LogFile == "":
		return filepath.Join(c.LogDir, c.ProgramName+".log")
	case filepath.IsAbs(c.LogFile):
		return c.LogFile
	}
	return filepath.Join(c.LogDir, c.LogFile)
}
