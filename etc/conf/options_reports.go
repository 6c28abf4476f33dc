package conf

// The options of the Guru Meditation Report, as oslo.reports names them.
var (
	ReportsLogDir = textOption(Option{Group: "oslo_reports", Name: "log_dir", NoDefault: true, Reload: Hot,
		Help: "Directory that reports are written into, each as a file of its own; without it, standard error."})
	ReportsFileEventHandler = textOption(Option{Group: "oslo_reports", Name: "file_event_handler", NoDefault: true, Reload: Hot,
		Help: "File that is watched: whenever its time of modification changes, a report is written."})
	ReportsFileEventHandlerInterval = intOption(Option{Group: "oslo_reports", Name: "file_event_handler_interval",
		Type: Integer{Min: bound(1)}, Default: "1", Reload: Hot, Help: "Seconds between two looks at file_event_handler."})
)

func reportOptions() []Handle {
	return []Handle{ReportsLogDir, ReportsFileEventHandler, ReportsFileEventHandlerInterval}
}
