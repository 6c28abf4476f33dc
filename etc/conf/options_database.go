package conf

// The options of [database].
var (
	DatabaseConnection = textOption(Option{Group: "database", Name: "connection", NoDefault: true, Secret: true,
		Reload:     Restart,
		Deprecated: []Name{{"DEFAULT", "sql_connection"}, {"database", "sql_connection"}, {"sql", "connection"}},
		Help:       "SQLAlchemy URL of the database."})
	DatabaseSlaveConnection = textOption(Option{Group: "database", Name: "slave_connection", NoDefault: true,
		Secret: true, Reload: Restart, Help: "SQLAlchemy URL of a replica to read from."})
	DatabaseConnectionRecycleTime = intOption(Option{Group: "database", Name: "connection_recycle_time",
		Default: "3600", Deprecated: []Name{{"database", "idle_timeout"}},
		Help: "Seconds after which a pooled connection is replaced."})
	DatabaseMaxPoolSize = intOption(Option{Group: "database", Name: "max_pool_size", Default: "5",
		Help: "Connections kept open; 0 is without limit."})
	DatabaseMaxOverflow = intOption(Option{Group: "database", Name: "max_overflow", Default: "50",
		Deprecated: []Name{{"DEFAULT", "sql_max_overflow"}, {"database", "sqlalchemy_max_overflow"}},
		Help:       "Connections opened beyond max_pool_size when all are busy."})
	DatabasePoolTimeout = intOption(Option{Group: "database", Name: "pool_timeout", NoDefault: true,
		Deprecated: []Name{{"database", "sqlalchemy_pool_timeout"}},
		Help:       "Seconds to wait for a free connection."})
	DatabaseMaxRetries = intOption(Option{Group: "database", Name: "max_retries", Default: "10",
		Deprecated: []Name{{"DEFAULT", "sql_max_retries"}, {"database", "sql_max_retries"}},
		Help:       "Attempts to connect at start; -1 is without limit."})
	DatabaseRetryInterval = intOption(Option{Group: "database", Name: "retry_interval", Default: "10",
		Deprecated: []Name{{"DEFAULT", "sql_retry_interval"}, {"database", "reconnect_interval"}},
		Help:       "Seconds between two attempts to connect."})
	DatabaseDBMaxRetries = intOption(Option{Group: "database", Name: "db_max_retries", Default: "20",
		Help: "Attempts at one operation when the connection breaks or deadlocks; -1 is without limit."})
	DatabaseDBRetryInterval = intOption(Option{Group: "database", Name: "db_retry_interval", Default: "1",
		Help: "Seconds before an operation is tried again."})
	DatabaseDBMaxRetryInterval = intOption(Option{Group: "database", Name: "db_max_retry_interval", Default: "10",
		Help: "Most seconds between two attempts at an operation."})
	DatabaseDBIncRetryInterval = boolOption(Option{Group: "database", Name: "db_inc_retry_interval", Default: "true",
		Help: "Wait longer after each failed attempt."})
	DatabaseMySQLSQLMode = textOption(Option{Group: "database", Name: "mysql_sql_mode", Default: "TRADITIONAL",
		Help: "SQL mode of MySQL sessions; empty keeps the server's."})
	DatabaseSQLiteSynchronous = boolOption(Option{Group: "database", Name: "sqlite_synchronous", Default: "true",
		Help: "Let SQLite wait until data is on disk."})
	DatabaseConnectionDebug = intOption(Option{Group: "database", Name: "connection_debug",
		Type: Integer{Min: bound(0), Max: bound(100)}, Default: "0",
		Deprecated: []Name{{"DEFAULT", "sql_connection_debug"}},
		Help:       "How much of the SQL is logged, from 0 (nothing) to 100 (everything)."})
)

func databaseOptions() []Handle {
	return []Handle{
		DatabaseConnection, DatabaseSlaveConnection, DatabaseConnectionRecycleTime, DatabaseMaxPoolSize,
		DatabaseMaxOverflow, DatabasePoolTimeout, DatabaseMaxRetries, DatabaseRetryInterval, DatabaseDBMaxRetries,
		DatabaseDBRetryInterval, DatabaseDBMaxRetryInterval, DatabaseDBIncRetryInterval, DatabaseMySQLSQLMode,
		DatabaseSQLiteSynchronous, DatabaseConnectionDebug,
	}
}
