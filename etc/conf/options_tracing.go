package conf

import "slices"

// tracingOptions are the options of osprofiler and of OpenTelemetry.
func tracingOptions() []Option {
	return slices.Concat(
		in("profiler", noTracing,
			Option{Name: "connection_string", Default: "messaging://", Help: "Where traces are kept."},
			Option{Name: "enabled", Type: Boolean{}, Default: "false",
				Deprecated: []Name{{"profiler", "profiler_enabled"}}, Help: "Trace requests that are signed for it."},
			Option{Name: "es_doc_type", Default: "notification", Help: "Document type in Elasticsearch."},
			Option{Name: "es_scroll_size", Type: Integer{}, Default: "10000",
				Help: "Documents that Elasticsearch gives at a time."},
			Option{Name: "es_scroll_time", Default: "2m", Help: "How long Elasticsearch keeps a search open."},
			Option{Name: "filter_error_trace", Type: Boolean{}, Default: "false",
				Help: "Keep traces with errors apart."},
			Option{Name: "hmac_keys", Default: "SECRET_KEY", Secret: true,
				Help: "Keys that sign requests to be traced, separated by commas."},
			Option{Name: "sentinel_service_name", Default: "mymaster",
				Help: "Name of the Redis service that sentinels watch."},
			Option{Name: "socket_timeout", Type: Float{}, Default: "0.1",
				Help: "Seconds that a call to Redis may take."},
			Option{Name: "trace_requests", Type: Boolean{}, Default: "false", Help: "Trace calls to other services."},
			Option{Name: "trace_sqlalchemy", Type: Boolean{}, Default: "false", Help: "Trace SQL statements."},
		),
		in("profiler_jaeger", noTracing,
			Option{Name: "process_tags", Type: Dict{}, Help: "Tags of this process in Jaeger, as name:value."},
			Option{Name: "service_name_prefix", NoDefault: true, Help: "What service names in Jaeger begin with."},
		),
		in("profiler_otlp", noTracing,
			Option{Name: "service_name_prefix", NoDefault: true,
				Help: "What service names in OpenTelemetry begin with."},
		),
		in("oslo_middleware_tracing", noTracing,
			Option{Name: "enabled", Type: Boolean{}, Default: "false", Help: "Trace requests with OpenTelemetry."},
			Option{Name: "insecure", Type: Boolean{}, Default: "false", Help: "Send traces without TLS."},
			Option{Name: "otlp_endpoint", Type: URI{Schemes: []string{"http", "https"}},
				Default: "http://localhost:4318", Help: "Where traces go."},
			Option{Name: "otlp_protocol", Type: Text{Choices: []string{"http/protobuf", "grpc"}},
				Default: "http/protobuf", Help: "How traces are sent."},
			Option{Name: "sampling_rate", Type: Float{Min: bound(0.0), Max: bound(1.0)}, Default: "1.0",
				Help: "Share of requests that are traced, from 0 to 1."},
			Option{Name: "service_name", NoDefault: true, Help: "Name of this service in traces."},
		),
	)
}
