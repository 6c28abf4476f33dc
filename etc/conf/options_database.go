package conf

import "slices"

// The options of [database].
var (
	DatabaseConnection = textOption(Option{Group: "database", Name: "connection", NoDefault: true, Secret: true,
		Reload:     Restart,
		Deprecated: []Name{{"DEFAULT", "sql_connection"}, {"database", "sql_connection"}, {"sql", "connection"}},
		Help:       "SQLAlchemy URL of the database."})
	DatabaseSlaveConnection = textOption(Option{Group: "database", Name: "slave_connection", NoDefault: true,
		Secret: true, Reload: Restart, Why: noDatabases, Help: "SQLAlchemy URL of a replica to read from."})
	DatabaseConnectionRecycleTime = intOption(Option{Group: "database", Name: "connection_recycle_time",
		Default: "3600", Deprecated: []Name{{"database", "idle_timeout"}},
		Why: noDatabases, Help: "Seconds after which a pooled connection is replaced."})
	DatabaseMaxPoolSize = intOption(Option{Group: "database", Name: "max_pool_size", Default: "5",
		Why: noDatabases, Help: "Connections kept open; 0 is without limit."})
	DatabaseMaxOverflow = intOption(Option{Group: "database", Name: "max_overflow", Default: "50",
		Deprecated: []Name{{"DEFAULT", "sql_max_overflow"}, {"database", "sqlalchemy_max_overflow"}},
		Why:        noDatabases, Help: "Connections opened beyond max_pool_size when all are busy."})
	DatabasePoolTimeout = intOption(Option{Group: "database", Name: "pool_timeout", NoDefault: true,
		Deprecated: []Name{{"database", "sqlalchemy_pool_timeout"}},
		Why:        noDatabases, Help: "Seconds to wait for a free connection."})
	DatabaseMaxRetries = intOption(Option{Group: "database", Name: "max_retries", Default: "10",
		Deprecated: []Name{{"DEFAULT", "sql_max_retries"}, {"database", "sql_max_retries"}},
		Why:        noDatabases, Help: "Attempts to connect at start; -1 is without limit."})
	DatabaseRetryInterval = intOption(Option{Group: "database", Name: "retry_interval", Default: "10",
		Deprecated: []Name{{"DEFAULT", "sql_retry_interval"}, {"database", "reconnect_interval"}},
		Why:        noDatabases, Help: "Seconds between two attempts to connect."})
	DatabaseDBMaxRetries = intOption(Option{Group: "database", Name: "db_max_retries", Default: "20",
		Why: noDatabases, Help: "Attempts at one operation when the connection breaks or deadlocks; -1 is without limit."})
	DatabaseDBRetryInterval = intOption(Option{Group: "database", Name: "db_retry_interval", Default: "1",
		Why: noDatabases, Help: "Seconds before an operation is tried again."})
	DatabaseDBMaxRetryInterval = intOption(Option{Group: "database", Name: "db_max_retry_interval", Default: "10",
		Why: noDatabases, Help: "Most seconds between two attempts at an operation."})
	DatabaseDBIncRetryInterval = boolOption(Option{Group: "database", Name: "db_inc_retry_interval", Default: "true",
		Why: noDatabases, Help: "Wait longer after each failed attempt."})
	DatabaseMySQLSQLMode = textOption(Option{Group: "database", Name: "mysql_sql_mode", Default: "TRADITIONAL",
		Why: noDatabases, Help: "SQL mode of MySQL sessions; empty keeps the server's."})
	DatabaseSQLiteSynchronous = boolOption(Option{Group: "database", Name: "sqlite_synchronous", Default: "true",
		Why: sqlAlchemy, Help: "Let SQLite wait until data is on disk."})
	DatabaseConnectionDebug = intOption(Option{Group: "database", Name: "connection_debug",
		Type: Integer{Min: bound(0), Max: bound(100)}, Default: "0",
		Deprecated: []Name{{"DEFAULT", "sql_connection_debug"}},
		Why:        sqlAlchemy, Help: "How much of the SQL is logged, from 0 (nothing) to 100 (everything)."})
)

func databaseOptions() []Handle {
	return []Handle{
		DatabaseConnection, DatabaseSlaveConnection, DatabaseConnectionRecycleTime, DatabaseMaxPoolSize,
		DatabaseMaxOverflow, DatabasePoolTimeout, DatabaseMaxRetries, DatabaseRetryInterval, DatabaseDBMaxRetries,
		DatabaseDBRetryInterval, DatabaseDBMaxRetryInterval, DatabaseDBIncRetryInterval, DatabaseMySQLSQLMode,
		DatabaseSQLiteSynchronous, DatabaseConnectionDebug,
	}
}

// databaseRest are the options of [database] that have no handle.
func databaseRest() []Option {
	return slices.Concat(
		in("database", sqlAlchemy,
			Option{Name: "asyncio_connection", NoDefault: true, Secret: true,
				Help: "SQLAlchemy URL of the database for asyncio."},
			Option{Name: "asyncio_slave_connection", NoDefault: true, Secret: true,
				Help: "SQLAlchemy URL of a replica for asyncio."},
			Option{Name: "backend", Default: "sqlalchemy", Deprecated: []Name{{"DEFAULT", "db_backend"}},
				Help: "Library that speaks with the database."},
			Option{Name: "connection_trace", Type: Boolean{}, Default: "false",
				Deprecated: []Name{{"DEFAULT", "sql_connection_trace"}},
				Help:       "Write the caller as a comment into each statement."},
			Option{Name: "synchronous_reader", Type: Boolean{}, Default: "true",
				Help: "Let a reader wait for what the writer has done."},
			Option{Name: "use_db_reconnect", Type: Boolean{}, Default: "false",
				Help: "Repeat operations whose connection was lost."},
			Option{Name: "min_pool_size", Type: Integer{}, Default: "1", Obsolete: true,
				Help: "Connections kept open at least."},
			Option{Name: "sqlite_db", Default: "oslo.sqlite", Obsolete: true, Help: "File name of a SQLite database."},
			Option{Name: "use_tpool", Type: Boolean{}, Default: "false", Obsolete: true,
				Help: "Talk with the database in threads."},
		),
		in("database", noDatabases,
			Option{Name: "connection_parameters", Help: "Parameters added to the URL, as name=value&name=value."},
			Option{Name: "engine", Help: "Storage engine of MySQL's tables."},
			Option{Name: "mysql_enable_ndb", Type: Boolean{}, Default: "false",
				Help: "Fit the tables to MySQL Cluster."},
			Option{Name: "mysql_wsrep_sync_wait", Type: Integer{}, NoDefault: true,
				Help: "What Galera waits for before it answers."},
		),
	)
}
