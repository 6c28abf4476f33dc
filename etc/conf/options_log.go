package conf

// The logging options, as oslo.log names them.
var (
	Debug = boolOption(Option{Name: "debug", Default: "false", Reload: Hot, Flags: []string{"--debug", "-d"},
		Help: "Log at DEBUG instead of INFO."})
	LogConfigAppend = textOption(Option{Name: "log-config-append", NoDefault: true, Reload: Hot, Metavar: "PATH",
		Flags:      []string{"--log-config-append", "--log-config", "--log_config"},
		Deprecated: []Name{{"DEFAULT", "log-config"}, {"DEFAULT", "log_config"}},
		Help:       "Logging configuration file that replaces all other logging options."})
	LogDateFormat = textOption(Option{Name: "log-date-format", Default: "%Y-%m-%d %H:%M:%S", Reload: Hot,
		Flags: []string{"--log-date-format"}, Metavar: "DATE_FORMAT",
		Help: "Format of %(asctime)s in log records."})
	LogFile = textOption(Option{Name: "log-file", NoDefault: true, Reload: Hot, Metavar: "PATH",
		Flags: []string{"--log-file", "--logfile"}, Deprecated: []Name{{"DEFAULT", "logfile"}},
		Help: "File to log to; without it and log_dir, records go to the standard streams."})
	LogDir = textOption(Option{Name: "log-dir", NoDefault: true, Reload: Hot, Metavar: "LOG_DIR",
		Flags: []string{"--log-dir", "--logdir"}, Deprecated: []Name{{"DEFAULT", "logdir"}},
		Help: "Directory of log_file, or of a file named for the program."})
	WatchLogFile = boolOption(Option{Name: "watch-log-file", Default: "false", Obsolete: true, Reload: Hot,
		Flags: []string{"--watch-log-file"}, Why: always, Help: "Notice when the log file is moved away."})
	UseSyslog = boolOption(Option{Name: "use-syslog", Default: "false", Reload: Hot, Flags: []string{"--use-syslog"},
		Help: "Log to syslog."})
	SyslogLogFacility = textOption(Option{Name: "syslog-log-facility", Default: "LOG_USER", Reload: Hot,
		Flags: []string{"--syslog-log-facility"}, Metavar: "SYSLOG_LOG_FACILITY",
		Help: "Syslog facility of the records."})
	UseJournal = boolOption(Option{Name: "use-journal", Default: "false", Reload: Hot,
		Flags: []string{"--use-journal"}, Help: "Log to the systemd journal."})
	UseJSON = boolOption(Option{Name: "use-json", Default: "false", Reload: Hot, Flags: []string{"--use-json"},
		Help: "Format log records as JSON."})
	UseStderr = boolOption(Option{Name: "use_stderr", Default: "false", Reload: Hot,
		Help: "Log to standard error as well."})
	LogColor = boolOption(Option{Name: "log_color", Default: "false", Reload: Hot,
		Help: "Colour log records on a terminal."})
	LogRotateInterval = intOption(Option{Name: "log_rotate_interval", Default: "1", Reload: Hot,
		Help: "Length of a rotation interval, in log_rotate_interval_type."})
	LogRotateIntervalType = textOption(Option{Name: "log_rotate_interval_type", Default: "days", Reload: Hot,
		Type: Text{Choices: []string{"Seconds", "Minutes", "Hours", "Days", "Weekday", "Midnight"}, IgnoreCase: true},
		Help: "Unit of log_rotate_interval."})
	LogRotationType = textOption(Option{Name: "log_rotation_type", Default: "none", Reload: Hot,
		Type: Text{Choices: []string{"interval", "size", "none"}, IgnoreCase: true},
		Help: "What makes the log file rotate."})
	MaxLogfileCount = intOption(Option{Name: "max_logfile_count", Default: "30", Reload: Hot,
		Help: "Rotated log files to keep."})
	MaxLogfileSizeMB = intOption(Option{Name: "max_logfile_size_mb", Default: "200", Reload: Hot,
		Help: "Size at which a log file is rotated, in megabytes."})

	LoggingContextFormatString = textOption(Option{Name: "logging_context_format_string", Reload: Hot,
		Default: "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s " +
			"[%(global_request_id)s %(request_id)s %(user_identity)s] %(instance)s%(message)s",
		Help: "Format of records made while serving a request."})
	LoggingDefaultFormatString = textOption(Option{Name: "logging_default_format_string", Reload: Hot,
		Default: "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(instance)s%(message)s",
		Help:    "Format of all other records."})
	LoggingDebugFormatSuffix = textOption(Option{Name: "logging_debug_format_suffix", Reload: Hot,
		Default: "%(funcName)s %(pathname)s:%(lineno)d", Help: "What is added to records at DEBUG."})
	LoggingExceptionPrefix = textOption(Option{Name: "logging_exception_prefix", Reload: Hot,
		Default: "%(asctime)s.%(msecs)03d %(process)d ERROR %(name)s %(instance)s",
		Help:    "What stands before each line of a stack."})
	LoggingUserIdentityFormat = textOption(Option{Name: "logging_user_identity_format", Reload: Hot,
		Default: "%(user)s %(project)s %(domain)s %(system_scope)s %(user_domain)s %(project_domain)s",
		Help:    "Format of %(user_identity)s."})
	InstanceFormat = textOption(Option{Name: "instance_format", Default: "[instance: %(uuid)s] ", Reload: Hot,
		Help: "How a record names the instance it is about."})
	InstanceUUIDFormat = textOption(Option{Name: "instance_uuid_format", Default: "[instance: %(uuid)s] ",
		Reload: Hot, Help: "How a record names the instance of which only the UUID is known."})
	DefaultLogLevels = listOption(Option{Name: "default_log_levels", Reload: Hot,
		Default: "amqp=WARN,boto=WARN,sqlalchemy=WARN,suds=INFO,oslo.messaging=INFO,oslo_messaging=INFO," +
			"iso8601=WARN,requests.packages.urllib3.connectionpool=WARN,urllib3.connectionpool=WARN," +
			"websocket=WARN,requests.packages.urllib3.util.retry=WARN,urllib3.util.retry=WARN," +
			"keystonemiddleware=WARN,routes.middleware=WARN,stevedore=WARN,taskflow=WARN,keystoneauth=WARN," +
			"oslo.cache=INFO,oslo_policy=INFO,dogpile.core.dogpile=INFO,OFPHandler=INFO,OfctlService=INFO," +
			"os_ken.base.app_manager=INFO,os_ken.controller.controller=INFO",
		Help: "Levels of single loggers, as logger=LEVEL."})
	PublishErrors = boolOption(Option{Name: "publish_errors", Default: "false",
		Why: noNotifications, Help: "Send records at ERROR as notifications too."})
	RateLimitInterval = intOption(Option{Name: "rate_limit_interval", Default: "0", Reload: Hot,
		Help: "Seconds in which at most rate_limit_burst records are written; 0 is without limit."})
	RateLimitBurst = intOption(Option{Name: "rate_limit_burst", Default: "0", Reload: Hot,
		Help: "Most records in one rate_limit_interval."})
	RateLimitExceptLevel = textOption(Option{Name: "rate_limit_except_level", Default: "CRITICAL", Reload: Hot,
		Type: Text{Choices: []string{"CRITICAL", "ERROR", "INFO", "WARNING", "DEBUG", ""}},
		Help: "Records at or above this level are never dropped; empty drops at any level."})
)

func logOptions() []Handle {
	return []Handle{
		Debug, LogConfigAppend, LogDateFormat, LogFile, LogDir, WatchLogFile, UseSyslog, SyslogLogFacility, UseJournal,
		UseJSON, UseStderr, LogColor, LogRotateInterval, LogRotateIntervalType, LogRotationType, MaxLogfileCount,
		MaxLogfileSizeMB, LoggingContextFormatString, LoggingDefaultFormatString, LoggingDebugFormatSuffix,
		LoggingExceptionPrefix, LoggingUserIdentityFormat, InstanceFormat, InstanceUUIDFormat, DefaultLogLevels,
		PublishErrors, RateLimitInterval, RateLimitBurst, RateLimitExceptLevel,
	}
}
