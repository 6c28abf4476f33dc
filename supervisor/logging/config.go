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
	// ProgramName names the default log file and the process in JSON records. Empty means the base name of os.Args[0].
	ProgramName string
	// UseStderr is use_stderr: write to stderr, beside the file if there is one. Without a file and without stderr the
	// records go to stdout.
	UseStderr bool
	// UseJSON is use_json: one JSON object per record, with the keys of oslo.log's JSONFormatter, in place of text.
	UseJSON bool
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
	// InstanceFormat is instance_uuid_format, which makes %(instance)s from the field instance.
	InstanceFormat string
	// DefaultLevels is default_log_levels: logger=LEVEL, where LEVEL is a name or one of Python's numbers.
	DefaultLevels []string
	// PID is printed as %(process)d. Zero means os.Getpid().
	PID int
	// Clock gives each record its time, and the pace of the check for rotated files. Nil means time.Now, so local time.
	Clock func() time.Time
	// Output, when set, takes the place of file, stderr and stdout. It gets one whole record per Write, is never called by two
	// goroutines at once, and is not closed.
	Output io.Writer
}

// Defaults returns the configuration of a server that sets no logging option.
func Defaults() Config {
	return Config{
		DateFormat: defaultDateFormat,
		ContextFormat: "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s " +
			"[%(global_request_id)s %(request_id)s %(user_identity)s] %(instance)s%(message)s",
		DefaultFormat: "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s " +
			"[-] %(instance)s%(message)s",
		DebugSuffix:        "%(funcName)s %(pathname)s:%(lineno)d",
		ExceptionPrefix:    "%(asctime)s.%(msecs)03d %(process)d ERROR %(name)s %(instance)s",
		UserIdentityFormat: "%(user)s %(project)s %(domain)s %(system_scope)s %(user_domain)s %(project_domain)s",
		InstanceFormat:     "[instance: %(uuid)s] ",
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

const defaultDateFormat = "%Y-%m-%d %H:%M:%S"

// filled returns c with the fields whose zero value stands for something the process knows.
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
	if c.DateFormat == "" {
		c.DateFormat = defaultDateFormat
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
