package conf

// The options of RPC and notifications.
var (
	TransportURL = textOption(Option{Name: "transport_url", Default: "rabbit://", Secret: true, Reload: Restart,
		Help: "Where the message broker is, and how to log in."})
	ControlExchange = textOption(Option{Name: "control_exchange", Default: "neutron", Reload: Restart,
		Help: "Exchange that topics belong to."})
	RPCWorkers = intOption(Option{Name: "rpc_workers", Type: Integer{Min: bound(0)}, NoDefault: true,
		Reload: Hot, Help: "Number of RPC workers; half of the API workers if unset."})
	RPCStateReportWorkers = intOption(Option{Name: "rpc_state_report_workers", Type: Integer{Min: bound(0)},
		Default: "1", Reload: Hot, Help: "Number of workers for the state reports of agents alone."})
	RPCResponseTimeout = intOption(Option{Name: "rpc_response_timeout", Default: "60",
		Why: noBroker, Help: "Seconds to wait for the answer to a call."})
	RPCResponseMaxTimeout = intOption(Option{Name: "rpc_response_max_timeout", Default: "600",
		Why: noBroker, Help: "Most seconds to wait for an answer, after back-off."})
	ExecutorThreadPoolSize = intOption(Option{Name: "executor_thread_pool_size", Type: Integer{Min: bound(1)},
		Default: "64", Reload: Restart, Deprecated: []Name{{"DEFAULT", "rpc_thread_pool_size"}},
		Help: "Messages one worker serves at the same time."})
)

func messagingOptions() []Handle {
	return []Handle{
		TransportURL, ControlExchange, RPCWorkers, RPCStateReportWorkers, RPCResponseTimeout, RPCResponseMaxTimeout,
		ExecutorThreadPoolSize,
	}
}
