package rpc

// The topics that neutron-server consumes, as Neutron spells them.
const (
	TopicPlugin                 = "q-plugin"
	TopicReports                = "q-reports-plugin"
	TopicL3Plugin               = "q-l3-plugin"
	TopicMeteringPlugin         = "q-metering-plugin"
	TopicLogging                = "logging-plugin"
	TopicTrunk                  = "trunk"
	TopicServerResourceVersions = "q-server-resource-versions"
)

// The topics of the agents, and the beginning of those that all L2 agents listen to.
const (
	TopicDHCPAgent     = "dhcp_agent"
	TopicL3Agent       = "l3_agent"
	TopicMeteringAgent = "metering_agent"
	TopicAgentNotifier = "q-agent-notifier"
)

// AgentTopic is the topic of L2 agents for an operation on a kind of resource, such as q-agent-notifier-port-update.
func AgentTopic(resource, operation string) string {
	return TopicAgentNotifier + "-" + resource + "-" + operation
}

// ResourceTopic is the topic on which objects of a type and version are pushed, such as neutron-vo-Port-1.10.
func ResourceTopic(typ, version string) string { return "neutron-vo-" + typ + "-" + version }
