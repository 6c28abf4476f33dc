package conf

import "strings"

// Reason says why an option has no effect. The list is closed: who adds an option chooses from it.
type Reason string

// The options of what is not built yet.
const (
	noBroker        Reason = "a driver for RabbitMQ is not built yet"
	noNotifications Reason = "notifications are not built yet"
	noOthers        Reason = "calls to Nova, Placement, Ironic and Designate are not built yet"
	noPlugins       Reason = "service plugins are not built yet"
	noRouters       Reason = "distributed and highly available routers and NDP proxies are not built yet"
	noScheduling    Reason = "rescheduling, and giving work to agents that ask for it, are not built yet"
	noDrivers       Reason = "mechanism and extension drivers of ML2 are not built yet"
	noOVN           Reason = "the driver for OVN is not built yet"
	noBandwidth     Reason = "agents' resource providers are not built yet"
	noDatabases     Reason = "databases besides SQLite are not built yet"
	noAPI           Reason = "this part of the API is not built yet"
	noTracing       Reason = "tracing is not built yet"
)

// The options that will not have an effect.
const (
	agentSide    Reason = "an option of agents, and hadron runs none"
	python       Reason = "belongs to Python's runtime"
	sqlAlchemy   Reason = "belongs to SQLAlchemy"
	noSources    Reason = "configuration comes from files, the environment and the command line only"
	noCache      Reason = "nothing is cached outside of the process"
	otherBrokers Reason = "brokers besides RabbitMQ are not supported"
	command      Reason = "belongs to another command"
	counted      Reason = "what is in use is counted when a limit asks for it, not kept"
	always       Reason = "hadron always does it"
	gone         Reason = "Neutron itself has dropped it"
)

// Pending reports whether the reason is one that goes away with a later version.
func (r Reason) Pending() bool { return strings.HasSuffix(string(r), " not built yet") }
